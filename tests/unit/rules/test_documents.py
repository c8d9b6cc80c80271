"""The reference pages that are generated: `REWRITE_PAGES=1 pytest tests/unit/rules/test_documents.py` writes them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from assignkit.rules.builtin_fields import AGENT_FIELDS, CUSTOMER_FIELDS, ITEM_FIELDS, TASK_FIELDS
from assignkit.rules.field_types import FieldSpec
from assignkit.rules.passes.in_force import IN_FORCE

REFERENCE = Path(__file__).parents[3] / "docs" / "reference"

FIELDS_HEAD = """# Fields

These fields can stand in rules without a schema. A schema adds more, and can replace these:
[Records and schemas](../concepts/records-and-schemas.md).

"Missing" means absent, `None`, NaN, infinite, or of another type than stands here. Instants must have a time zone.

`owner.x` has the fields of an agent, `task.customer.x` those of a customer.
"""
IN_FORCE_HEAD = """# In force

Every clause of the language is read and checked. Not all of them have an effect yet: those that do not get a note
(`AK401`) from `assignkit check` and in `RuleSet.diagnostics`, so that nobody relies on them.
"""


def fields_page() -> str:
    sections = (
        ("Customers", "customer", "客户", CUSTOMER_FIELDS),
        ("Tasks", "task", "任务", TASK_FIELDS),
        ("Agents", "agent", "员工", tuple(each for each in AGENT_FIELDS if not each.derived)),
        ("Kept by the desk", "agent", "员工", tuple(each for each in AGENT_FIELDS if each.derived)),
        ("A host's own kinds of item", "deal", "deal", ITEM_FIELDS),
    )
    return FIELDS_HEAD + "".join(_section(*section) for section in sections)


def _section(title: str, root: str, chinese: str, fields: tuple[FieldSpec, ...]) -> str:
    rows = "".join(
        f"| `{root}.{each.name}` | `{chinese}.{each.aliases[0]}` | {each.type} | {_more(each)} |\n" for each in fields
    )
    return f"\n## {title}\n\n| field | Chinese | type | unit, values |\n|---|---|---|---|\n{rows}"


def _more(spec: FieldSpec) -> str:
    return spec.unit or ", ".join(f'`"{value}"`' for value in spec.values or ())


def in_force_page() -> str:
    def listed(*, wanted: bool) -> str:
        names = [name for name, state in IN_FORCE.items() if state is wanted]
        clauses = [name for name in names if not name.startswith("order ")]
        orders = [name.removeprefix("order ") for name in names if name.startswith("order ")]
        told = "".join(f"- `{name}`\n" for name in clauses)
        return told + (f"- orders: {', '.join(f'`{o}`' for o in orders)}\n" if orders else "")

    return f"{IN_FORCE_HEAD}\n## In force\n\n{listed(wanted=True)}\n## Later\n\n{listed(wanted=False)}"


@pytest.mark.parametrize(("name", "expected"), [("fields.md", fields_page()), ("in-force.md", in_force_page())])
def test_a_page_says_what_the_code_does(name: str, expected: str) -> None:
    page = REFERENCE / name
    if os.environ.get("REWRITE_PAGES"):
        page.write_text(expected, encoding="utf-8")
    assert page.read_text(encoding="utf-8") == expected
