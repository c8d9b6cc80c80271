"""A CRM keeps its own customers and agents, assignkit the rest: python examples/keep_your_own_tables.py.

Two small repositories read the CRM's tables; `MemoryStore` keeps holders, loads, turns and history beside them.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any, Never

from assignkit import (
    Agent,
    ConfigurationError,
    Desk,
    MemoryStore,
    NotFoundError,
    Page,
    RuleSet,
)

RULES = """
rule "Shanghai" when customer.province = "Shanghai"
  assign to team "East" by least loaded
  otherwise hold in pool "Public"
rule "Elsewhere"
  hold in pool "Public"
pool "Public"
"""


class ReadOnlyTable:
    """A table of the CRM as assignkit reads it: `find`, `get` and `list`; the CRM alone writes it."""

    noun = ""
    query = ""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def _record(self, row: sqlite3.Row) -> Any:  # noqa: ANN401 - each table has its own model
        raise NotImplementedError

    def find(self, id: str) -> Any:  # noqa: ANN401
        """Return the record, or None."""
        row = self._database.execute(f"{self.query} WHERE id = ?", (id,)).fetchone()
        return None if row is None else self._record(row)

    def get(self, id: str) -> Any:  # noqa: ANN401
        """Return the record; `NotFoundError` if there is none."""
        record = self.find(id)
        if record is None:
            raise NotFoundError(noun=self.noun, key=id)
        return record

    def list(
        self,
        filter: Mapping[str, Any] | None = None,
        order: str | Sequence[str] = "id",
        page: Page | None = None,
    ) -> list[Any]:
        """Return all records, by id; a desk asks for nothing else of a table that it only reads."""
        if filter or page or order != "id":
            msg = f"ask the CRM itself for a filtered list of {self.noun}s"
            raise ConfigurationError(msg)
        return [self._record(row) for row in self._database.execute(f"{self.query} ORDER BY id")]

    def add(self, record: object) -> Never:
        """Refuse: the CRM writes its own tables."""
        self._refuse(record)

    def save(self, record: object) -> Never:
        """Refuse: the CRM writes its own tables."""
        self._refuse(record)

    def remove(self, id: str) -> Never:
        """Refuse: the CRM writes its own tables."""
        self._refuse(id)

    def _refuse(self, what: object) -> Never:
        msg = f"{self.noun}s are the CRM's own: change {what!r} there"
        raise ConfigurationError(msg)


class Customers(ReadOnlyTable):
    """The CRM's customers."""

    noun, query = "customer", "SELECT id, company, province, row_version FROM accounts"

    def _record(self, row: sqlite3.Row) -> Account:
        return Account(row)


class Agents(ReadOnlyTable):
    """The CRM's employees."""

    noun, query = "agent", "SELECT id, name, team, max_accounts FROM employees"

    def _record(self, row: sqlite3.Row) -> Agent:
        identity, name, team, most = row
        return Agent(id=identity, name=name, teams={team}, capacity={"customers": most})


class Account:
    """A customer as the CRM's own code knows it: not one of assignkit's models."""

    def __init__(self, row: sqlite3.Row) -> None:
        self.id, self.name, self.province, self.version = row


def main() -> Desk:
    """Build a tiny CRM database, decide two of its customers, and print where they are."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    say = logging.getLogger("crm").info
    crm = sqlite3.connect(":memory:")
    crm.executescript(
        """
        CREATE TABLE accounts (id TEXT PRIMARY KEY, company TEXT, province TEXT, row_version INTEGER);
        CREATE TABLE employees (id TEXT PRIMARY KEY, name TEXT, team TEXT, max_accounts INTEGER);
        INSERT INTO accounts VALUES ('c1', 'Pearl Trading', 'Shanghai', 7), ('c2', 'Bund Foods', 'Shanghai', 1);
        INSERT INTO employees VALUES ('li', 'Li Na', 'East', 1);
        """
    )
    store = MemoryStore(customers=Customers(crm), agents=Agents(crm))
    desk = Desk(RuleSet.from_text(RULES), store, seed="crm")

    for account in Customers(crm).list():
        # The version is checked again when the decision is written: nobody may have changed the row in between.
        decision = desk.assign(account, version=account.version)
        say("%s: %s %s", account.name, decision.outcome, decision.agent_id or decision.pool)
    say("\n%s", desk.why_not("li", "c2"))
    return desk


if __name__ == "__main__":
    main()
