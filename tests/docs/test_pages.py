"""The pages hang together: links lead somewhere, names are documented, commands exist, examples run."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest
from typer.main import get_command

import assignkit
from assignkit import errors
from assignkit.cli.commands import app
from assignkit.language.codes import SYNTAX_CODES
from assignkit.rules.codes import RULE_CODES
from tests.docs.reading import DOCS, ROOT, Page, page, pages

README = page("README.md")
CHINESE = page("README.zh-CN.md")


# --- links


def inner_links() -> list[tuple[Page, str]]:
    return [(each, link) for each in pages() for link in each.links if not re.match(r"[a-z]+:", link)]


@pytest.mark.parametrize(("origin", "link"), inner_links(), ids=lambda it: it if isinstance(it, str) else it.name)
def test_a_link_leads_somewhere(origin: Page, link: str) -> None:
    path, _, anchor = link.partition("#")
    target = (origin.path.parent / path).resolve() if path else origin.path

    assert target.exists()
    if anchor:
        assert anchor in Page(target).anchors


def test_every_page_is_reached_from_the_index() -> None:
    toctrees = [(each, b.text) for each in pages() for b in each.blocks if b.language == "{toctree}"]
    entries = {
        (each.path.parent / line.strip()).relative_to(DOCS).as_posix()
        for each, text in toctrees
        for line in text.splitlines()
        if line and not line.startswith(":")
    }
    written = {each.path.relative_to(DOCS).with_suffix("").as_posix() for each in pages() if DOCS in each.path.parents}

    assert written - {"index"} <= entries


def test_footnotes_have_their_sources() -> None:
    for each in (README, CHINESE):
        used = set(re.findall(r"(?<!^)\[\^(\w+)\]", each.prose, re.MULTILINE))
        given = set(re.findall(r"^\[\^(\w+)\]: .*https://", each.prose, re.MULTILINE))
        assert used == given != set()


# --- names


def test_every_public_name_is_documented() -> None:
    text = page("docs/reference/api.md").text + page("docs/reference/errors.md").text
    documented = set(re.findall(r"auto\w+:: assignkit\.(\w+)", text))

    assert set(assignkit.__all__) - documented == set()


def test_every_error_is_explained() -> None:
    text = page("docs/reference/errors.md").text
    tree = {name for name, value in vars(errors).items() if isinstance(value, type) and issubclass(value, Exception)}

    assert [name for name in sorted(tree) if f"| `{name}`" not in text] == []


def test_every_diagnostic_is_listed_with_its_title() -> None:
    listed = dict(re.findall(r"^\| (AK\d+) \| (.+?) \|", page("docs/reference/diagnostics.md").text, re.MULTILINE))

    assert listed == {**SYNTAX_CODES, **RULE_CODES}


# --- the command line


def commands() -> dict[str, set[str]]:
    """Return the long options of each command, and of each command of a group: `history verify`."""
    found: dict[str, set[str]] = {}
    pending = list(get_command(app).commands.items())  # type: ignore[attr-defined]
    for name, command in pending:
        inner = getattr(command, "commands", None)
        if inner is not None:
            pending.extend((f"{name} {below}", each) for below, each in inner.items())
            continue
        flags = {flag for parameter in command.params for flag in parameter.opts if flag.startswith("--")}
        found[name] = flags - {"--help"}
    return found


def test_every_command_and_option_is_documented_and_no_other() -> None:
    text = page("docs/reference/cli.md").text
    for name, real in commands().items():
        section = re.search(rf"^## `assignkit {name}`\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
        assert section, name
        told = set(re.findall(r"^\| `(--[\w-]+)", section[1], re.MULTILINE))
        assert told == real, name
    assert set(re.findall(r"^## `assignkit ([\w ]+)`", text, re.MULTILINE)) == set(commands())


@pytest.mark.parametrize("readme", [README, CHINESE], ids=lambda it: it.name)
def test_commands_of_the_readme_are_in_the_makefile(readme: Page) -> None:
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    told = set(re.findall(r"\bmake (\w+)", readme.text))

    assert {"demo", "test"} <= told <= targets


# --- examples


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def test_all_examples_are_tested_here() -> None:
    assert sorted(path.stem for path in (ROOT / "examples").glob("*.py")) == [
        "embed_in_your_crm",
        "keep_your_own_tables",
        "keep_your_own_tables_in_sql",
    ]


def test_the_embedding_example_assigns_its_leads() -> None:
    leads = load(ROOT / "examples" / "embed_in_your_crm.py").main()

    first, second, on_hold = (lead.assigned_to for lead in leads)
    assert first == "ada"
    assert second in {"ada", "bob"}
    assert on_hold is None  # the guard bars everybody


def test_the_example_with_its_own_tables_fills_the_agent_and_then_the_pool() -> None:
    desk = load(ROOT / "examples" / "keep_your_own_tables.py").main()

    assert desk.history("c1")[-1].agent_id == "li"
    assert desk.history("c2")[-1].type == "pooled"


def test_the_example_with_its_own_tables_in_a_database_writes_who_owns_them() -> None:
    owners = load(ROOT / "examples" / "keep_your_own_tables_in_sql.py").main()

    assert sorted(map(str, owners.values())) == ["li", "wu", "wu", "wu"]  # one has room for a single account
