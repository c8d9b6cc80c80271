"""Two desks on one PostgreSQL, the second of which acts in the middle of what the first one does."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from datetime import UTC, datetime

import pytest

from assignkit import Agent, Decision, Desk, ManualClock, RuleSet
from assignkit.model.placement import Rotation
from assignkit.repositories.sql import SqlStore
from assignkit.repositories.sql.rotations import SqlRotations
from tests.postgres import Server

ASKED = 'rule "Asked"\n  assign to team "East" by {}\n  accept within 5 minutes\n'

_tenants = itertools.count()


@pytest.fixture(params=["round robin", "least loaded"])
def desks(postgres: Server, request: pytest.FixtureRequest) -> Iterator[list[Desk]]:
    clock = ManualClock(datetime(2026, 11, 21, 12, tzinfo=UTC))
    with ExitStack() as opened:
        tenant = f"two desks {next(_tenants)}"
        stores = [opened.enter_context(closing(SqlStore(postgres.url, tenant=tenant))) for _ in range(2)]
        stores[0].migrate()
        rules = RuleSet.from_text(ASKED.format(request.param))
        made = [Desk(rules, store, clock=clock, seed="test") for store in stores]
        for name in ("li", "wang", "chen"):
            made[0].agents.add(Agent(id=name, teams={"East"}))
        yield made


def before_the_lock(monkeypatch: pytest.MonkeyPatch, act: Callable[[], Decision]) -> list[Decision]:
    """Have `act` done in another thread, wholly, when a rotation is about to be locked for the first time."""
    done: list[Decision] = []
    find = SqlRotations.find
    pending = [act]

    def interrupted(self: SqlRotations, name: str) -> Rotation | None:
        if pending:
            with ThreadPoolExecutor(1) as thread:
                done.append(thread.submit(pending.pop()).result(timeout=30))
        return find(self, name)

    monkeypatch.setattr(SqlRotations, "find", interrupted)
    return done


def test_a_turn_rests_on_what_stood_when_its_rotation_was_locked(
    desks: list[Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = desks
    first = one.assign({"id": "c1"})
    between = before_the_lock(monkeypatch, lambda: two.assign({"id": "c2"}))
    second = one.decline(str(first.offer_id), first.fence or 0, "busy")
    assert {each.agent_id for each in (first, *between, second)} == {"li", "wang", "chen"}
