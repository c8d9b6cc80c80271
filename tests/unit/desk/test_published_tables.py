"""Published rules keep all that they were made of: another desk, without the files, decides as the first one does."""

from __future__ import annotations

import shutil
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

from assignkit import ConfigurationError, Desk, ManualClock, RuleError, RuleSet
from tests.unit.desk.every_store import OpenStore, open_store  # noqa: F401 - a fixture
from tests.unit.desk.making import NOON, east, open_desk
from tests.workbooks import text, workbook

HEADER = "customer.province,customer.revenue,assign to\n"
SALES = """
import "areas/north.rules"

table "Territories" from "territories.csv"

rule "Everyone else"
  assign to agent "a"
"""
NORTH = """
let cold = customer.province = "Hebei"

rule "North"
  when cold
  assign to agent "b"

table "Far north" from "far.csv"
"""
OTHER = 'rule "All"\n  assign to agent "a"\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the folder of a desk whose rules stand in four files."""
    folder = tmp_path / "rules"
    (folder / "areas").mkdir(parents=True)
    (folder / "sales.rules").write_text(SALES, encoding="utf-8")
    (folder / "areas" / "north.rules").write_text(NORTH, encoding="utf-8")
    (folder / "territories.csv").write_text(f'{HEADER}Shanghai,any,"agent ""c"""\n上海,>= 5,"agent ""b"""\n', "utf-8")
    (folder / "areas" / "far.csv").write_text(f'{HEADER}Harbin,any,"agent ""c"""\n', "utf-8")
    return folder


ITEMS = (
    {"id": "1", "province": "Shanghai"},
    {"id": "2", "province": "上海", "revenue": 7},
    {"id": "3", "province": "上海", "revenue": 1},
    {"id": "4", "province": "Hebei"},
    {"id": "5", "province": "Harbin"},
)


def open_desk_of(rules: RuleSet) -> Desk:
    desk = Desk(rules, clock=ManualClock(NOON))
    for agent in east("a", "b", "c"):
        desk.agents.add(agent)
    return desk


def decided(desk: Desk) -> list[tuple[str | None, str | None, str | None]]:
    found = desk.assign_many(ITEMS)
    return [(decision.agent_id, decision.rule, decision.rules_version) for decision in found]


def test_another_desk_decides_without_the_files(open_store: OpenStore, folder: Path) -> None:  # noqa: F811
    rules = RuleSet.load(folder / "sales.rules")
    expected = decided(open_desk_of(rules))
    assert [agent for agent, _, _ in expected] == ["c", "b", "a", "b", "c"]
    here = Desk(RuleSet.from_text(OTHER), open_store(), clock=ManualClock(NOON))
    for agent in east("a", "b", "c"):
        here.agents.add(agent)
    published = here.publish(rules, actor="boss", reason="why")
    shutil.rmtree(folder)
    there = Desk(RuleSet.from_text(OTHER), open_store(), clock=ManualClock(NOON))
    assert decided(there) == expected
    again = there.rules_of(published.version)
    assert (again.version, again.texts) == (rules.version, rules.texts)
    assert again.match({"province": "Harbin"}).rule.name == "Far north row 1"  # type: ignore[union-attr]


def test_rules_that_decided_unpublished_are_kept_whole(open_store: OpenStore, folder: Path) -> None:  # noqa: F811
    rules = RuleSet.load(folder / "sales.rules")
    here = Desk(rules, open_store(), clock=ManualClock(NOON))
    here.agents.add(east("a")[0])
    here.assign({"id": "1"})
    shutil.rmtree(folder)
    there = Desk(RuleSet.from_text(OTHER), open_store(), clock=ManualClock(NOON))
    assert there.rules_of(rules.version).texts == rules.texts


def test_a_workbook_is_kept_as_its_cells(tmp_path: Path) -> None:
    path = tmp_path / "regions.xlsx"
    rows = [("customer.revenue", "assign to"), (">= 5", 'agent "b"'), ("any", 'agent "c"')]
    workbook(path, "".join(f"<row>{''.join(text(escape(cell)) for cell in row)}</row>" for row in rows))
    (tmp_path / "sales.rules").write_text('table "Regions" from "regions.xlsx"\n', encoding="utf-8")
    desk = open_desk(OTHER, east("a", "b", "c"))
    desk.publish(RuleSet.load(tmp_path / "sales.rules"), actor="boss", reason="why")
    path.unlink()
    late = Desk(RuleSet.from_text(OTHER), desk.store, clock=desk.clock)
    assert [late.assign({"id": n, "revenue": n}).agent_id for n in (4, 5)] == ["c", "b"]


def test_a_cell_that_changed_is_another_version(folder: Path) -> None:
    before = RuleSet.load(folder / "sales.rules")
    table = folder / "areas" / "far.csv"
    table.write_text(table.read_text("utf-8").replace("Harbin", "Dalian"), encoding="utf-8")
    after = RuleSet.load(folder / "sales.rules")
    assert before.version != after.version
    desk = open_desk(OTHER, east("a", "b", "c"))
    for rules in (before, after):
        desk.publish(rules, actor="boss", reason="why")
    assert desk.rules_of(before.version).texts == before.texts
    assert desk.assign(ITEMS[4]).agent_id == "a"
    desk.rollback(before.version, actor="boss", reason="Harbin is back")
    assert desk.assign({**ITEMS[4], "id": "6"}).agent_id == "c"


def test_a_table_read_anew_is_published_when_it_changes(folder: Path) -> None:
    desk = open_desk(OTHER, east("a", "b", "c"))
    watched = desk.reload_from(folder / "sales.rules")
    watched.check()
    table = folder / "territories.csv"
    table.write_text(table.read_text("utf-8").replace("Shanghai", "Suzhou"), encoding="utf-8")
    reload = watched.check()
    assert reload is not None
    assert reload.publication is not None
    assert desk.assign({"id": "1", "province": "Suzhou"}).agent_id == "c"


def test_a_text_alone_has_no_tables(folder: Path) -> None:
    desk = open_desk(OTHER, east("a"))
    with pytest.raises(RuleError, match="cannot be read: this text is not in a file"):
        desk.publish((folder / "sales.rules").read_text("utf-8").replace("import", "#"), actor="boss", reason="why")
    assert desk.publications() == []


def test_texts_that_were_changed_in_the_store_are_not_used(folder: Path) -> None:
    desk = open_desk(OTHER, east("a", "b", "c"))
    published = desk.publish(RuleSet.load(folder / "sales.rules"), actor="boss", reason="why")
    books = desk.store._books.publications
    texts = books._texts[published.version]
    books._texts[published.version] = type(texts)(texts.schema, texts.files, tuple(reversed(texts.tables)))
    late = Desk(RuleSet.from_text(OTHER), desk.store, clock=desk.clock)
    with pytest.raises(ConfigurationError, match="are not those that were published"):
        late.assign({"id": "1"})
