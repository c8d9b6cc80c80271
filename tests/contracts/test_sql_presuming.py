"""After many new items the next one passes for new on SQLite: what comes of that is what comes of asking."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from assignkit import Agent, Customer, Desk, ManualClock, MemoryStore, RuleSet
from assignkit.errors import AssignkitError, ConflictError
from assignkit.model.placement import Placement
from assignkit.repositories.base import Store, Unit
from assignkit.repositories.sql import SqlStore, expecting
from assignkit.repositories.sql.knowing import Knowledge
from assignkit.repositories.sql.presuming import Presumption
from assignkit.repositories.sql.session import Session
from assignkit.repositories.sql.units import Units
from assignkit.testing.samples import NOW

RULES = """
rule "East"
  when customer.province = "east"
  assign to team "East" by round robin
rule "Nobody's"
  when customer.province = "north"
  assign to team "North" by round robin
"""

Act = Callable[[Desk], object]


def desk_on(store: Store) -> Desk:
    return Desk(RuleSet.from_text(RULES), store, clock=ManualClock(NOW), seed="s")


def filled(store: Store) -> Desk:
    """Return a desk with some agents and customers, one in each state that a known one may be in, and many others."""
    desk = desk_on(store)
    for agent_id in ("li", "wang", "wu"):
        desk.agents.add(Agent(id=agent_id, teams={"East"}))
    desk.customers.add(east("imported"))
    for number in range(3 * expecting.IN_A_ROW):
        desk.assign(east(f"c{number}"))
    desk.release("c1", actor="anna", reason="test")
    desk.assign(Customer(id="waiting", province="north"))
    for number in range(2 * expecting.IN_A_ROW):
        desk.assign(east(f"d{number}"))
    return desk


def east(id: str) -> Customer:
    return Customer(id=id, province="east")


def outcome(desk: Desk, act: Act) -> object:
    try:
        return act(desk)
    except AssignkitError as error:
        return type(error), str(error)


@pytest.fixture
def url(request: pytest.FixtureRequest, quick_folder: Path) -> str:
    return f"sqlite:///{quick_folder / f'{request.node.name}.db'}"


@pytest.fixture
def store(url: str) -> Iterator[SqlStore]:
    with closing(SqlStore(url)) as made:
        made.migrate()
        yield made


@pytest.fixture
def questions(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the ids of items that somebody asked about, whether they are new."""
    asked: list[str] = []
    note = expecting._note_new

    def noted(unit: object, kind: str, item_id: str, rows: object) -> bool:
        if not unit.session.presumption.is_open:  # type: ignore[attr-defined]
            asked.append(item_id)
        return note(unit, kind, item_id, rows)  # type: ignore[arg-type]

    monkeypatch.setattr(expecting, "_note_new", noted)
    return asked


ACTS: dict[str, Act] = {
    "new": lambda desk: desk.assign(east("another")),
    "held": lambda desk: desk.assign(east("c0")),
    "imported": lambda desk: desk.assign(east("imported")),
    "released": lambda desk: desk.assign(east("c1")),
    "held, and nobody is there by now": lambda desk: desk.assign(Customer(id="c2", province="north")),
    "held, and no rule matches by now": lambda desk: desk.assign(Customer(id="c3", province="south")),
    "new, and no rule matches": lambda desk: desk.assign(Customer(id="far", province="south")),
    "waiting": lambda desk: desk.assign(Customer(id="waiting", province="north")),
    "by id": lambda desk: desk.assign("c4"),
    "an unknown id": lambda desk: desk.assign("nobody"),
    "under a key": lambda desk: desk.assign(east("c5"), key="k"),
    "by force": lambda desk: desk.assign(east("c6"), force=True),
    "with an owner": lambda desk: desk.assign(Customer(id="owned", province="east", owner="li")),
    "releasing": lambda desk: desk.release("c7", actor="anna", reason="test"),
    "releasing nothing": lambda desk: desk.release("nothing", actor="anna", reason="test"),
    "reassigning": lambda desk: desk.reassign("c8", to="wu", actor="anna", reason="test"),
}


@pytest.mark.parametrize("name", ACTS)
def test_what_passed_for_new_comes_to_the_same(store: SqlStore, name: str) -> None:
    memory = MemoryStore()
    assert outcome(filled(store), ACTS[name]) == outcome(filled(memory), ACTS[name])
    assert store.history.since(0) == memory.history.since(0)


def test_whoever_comes_after_many_new_items_is_not_asked_about(store: SqlStore, questions: list[str]) -> None:
    desk = filled(store)
    questions.clear()
    desk.assign(east("one"))
    assert questions == []
    desk.assign(east("c0"))
    assert questions == ["c0"]  # when the unit was done again
    desk.assign(east("two"))
    assert questions == ["c0", "two"]  # one was known: what comes next may be known as well


def test_an_item_whose_record_was_looked_up_does_not_pass_for_new(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = filled(store)
    presumed: list[object] = []
    monkeypatch.setattr(Presumption, "presume", lambda _, *said: presumed.append(said))
    desk.assign("c0")
    assert presumed == []


def test_an_item_that_another_desk_has_given_meanwhile_is_not_given_twice(store: SqlStore, url: str) -> None:
    desk = filled(store)
    with closing(SqlStore(url)) as elsewhere:
        theirs = desk_on(elsewhere).assign(east("both"))
    ours = desk.assign(east("both"))
    assert (ours.agent_id, ours.assignment_id) == (theirs.agent_id, theirs.assignment_id)
    assert len(store.assignments.of_item("customers", "both")) == 1


def test_whoever_only_reads_finds_what_is_there(store: SqlStore) -> None:
    filled(store)

    def look(unit: Unit) -> Placement | None:
        unit.expect(items=[("customers", "c0")])
        return unit.placements.find("customers", "c0")

    assert store.transact(look) == store.placements.find("customers", "c0")


def test_an_item_is_asked_about_while_another_one_passes_for_new(store: SqlStore) -> None:
    filled(store)

    def look(unit: Unit) -> Placement | None:
        unit.expect(items=[("customers", "c0")])
        unit.expect(items=[("customers", "new")])
        return unit.placements.find("customers", "c0")

    assert store.transact(look) == store.placements.find("customers", "c0")


def test_whoever_catches_that_it_was_not_new_does_not_get_the_unit_kept(store: SqlStore) -> None:
    filled(store)
    before = store.placements.find("customers", "c0")

    def look(unit: Unit) -> Placement | None:
        unit.expect(items=[("customers", "c0")])
        with suppress(ConflictError):
            unit.agents.list()
        return unit.placements.find("customers", "c0")

    assert before is not None
    assert store.transact(look) == before


def test_why_an_item_cannot_be_handed_out_is_said_of_what_it_is(store: SqlStore) -> None:
    unkept = Customer(id="c9", province="east", extra=object())

    def finish_and_try(desk: Desk) -> object:
        desk.complete("c9", actor="anna")
        for number in range(expecting.IN_A_ROW + 1):
            desk.assign(east(f"e{number}"))
        return desk.assign(unkept)

    said = outcome(filled(store), finish_and_try)
    assert said == outcome(filled(MemoryStore()), finish_and_try)


@pytest.mark.parametrize(
    ("of", "moment"), [(Units, "_abandon"), (Session, "doubt"), (Knowledge, "take_back"), (Session, "say")]
)
def test_an_interruption_while_a_failed_unit_ends_leaves_nothing_open(
    store: SqlStore, url: str, monkeypatch: pytest.MonkeyPatch, of: type[Any], moment: str
) -> None:
    desk = filled(store)
    act = getattr(of, moment)

    def fail(unit: Unit) -> None:
        unit.expect(items=[("customers", "c0")])
        unit.customers.find("c1")  # what is left unread keeps a lock, too, until it is closed
        raise LookupError

    def interrupt(session: Session, *said: object) -> None:
        if moment == "say" and said != ("ROLLBACK",):
            act(session, *said)
        else:
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(of, moment, interrupt)
        with pytest.raises(KeyboardInterrupt):
            store.transact(fail)
    with closing(SqlStore(url)) as elsewhere:
        assert desk_on(elsewhere).assign(east("after")).outcome == "assigned"
    assert desk.assign(east("after")).outcome == "kept"
