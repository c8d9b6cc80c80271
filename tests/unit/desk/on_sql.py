"""The whole room on a store in SQL: `pytest tests/unit/desk --desk-on sqlite`, or `postgresql`; `make soak` does it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping

import sqlalchemy as sa

from assignkit.repositories.sql import SqlStore

# What cannot hold there, by the names of tests; each is expected to fail.
NOT_THERE: Mapping[str, str] = {
    "test_a_subclass_of_a_model_is_of_its_kind": "a host says beforehand which model a noun is kept as",
    "test_who_comes_later_hears_only_what_comes_later": "what nobody was told of yet is told to who comes first",
    "test_texts_that_were_changed_in_the_store_are_not_used": "it reaches into the store in memory",
}
NOT_ON_POSTGRESQL: Mapping[str, str] = {
    "test_threads_share_one_rotation_without_a_double_or_a_gap": "what is told has no number before somebody reads it",
}

_tenants = itertools.count()


class AuditedStore(SqlStore):
    """A store that can be asked whether its books agree, as one in memory can."""

    def _check(self) -> None:
        for agent in self.agents.list():
            taken = self.placements.of_agent(agent.id)
            assert len(taken) == len(self.assignments.open_of_agent(agent.id))
            for kind, load in self.loads.of_agent(agent.id).items():
                efforts = [place.effort for place in taken if place.kind == kind]
                assert (load.load, load.items) == (sum(efforts), len(efforts))
                assert load.ceiling is None or load.load <= load.ceiling


def opener(engine: sa.Engine) -> Callable[[], AuditedStore]:
    """Return what opens an empty store: each is of a tenant of its own."""
    with_tables = SqlStore(engine)
    with_tables.migrate()
    return lambda: AuditedStore(engine, tenant=f"room {next(_tenants)}")
