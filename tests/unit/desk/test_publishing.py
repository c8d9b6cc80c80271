"""Publishing rules: who, why, from when on; which version decides; a second person; going back."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest

from assignkit import (
    ConfigurationError,
    Customer,
    Desk,
    ManualClock,
    MemoryStore,
    NotFoundError,
    PublishingError,
    RuleError,
    RuleSet,
    Schema,
)
from tests.unit.desk.making import NOON, OpenDesk, east, open_desk

HOUR = timedelta(hours=1)


def to(agent: str) -> str:
    return f'rule "To {agent}"\n  assign to agent "{agent}"\n'


A, B, C = to("a"), to("b"), to("c")


def version(text: str) -> str:
    return RuleSet.from_text(text).version


@pytest.fixture
def desk() -> OpenDesk:
    return open_desk(A, east("a", "b", "c"))


def decide(desk: Desk) -> tuple[str | None, str | None]:
    """Return who gets a new customer, and by which version."""
    decide.count = getattr(decide, "count", 0) + 1  # type: ignore[attr-defined]
    decision = desk.assign({"id": f"new-{decide.count}"})  # type: ignore[attr-defined]
    return decision.agent_id, decision.rules_version


def states(desk: Desk) -> list[tuple[str, str]]:
    names = {version(text): name for name, text in (("A", A), ("B", B), ("C", C))}
    return [(names[one.version], one.state) for one in desk.publications()]


# --- what decides


def test_published_rules_decide_at_once_and_name_their_version(desk: OpenDesk) -> None:
    assert decide(desk) == ("a", version(A))
    published = desk.publish(B, actor="boss", reason="b is back")
    assert decide(desk) == ("b", version(B))
    assert (published.version, published.state, published.actor, published.reason, published.at) == (
        version(B),
        "in force",
        "boss",
        "b is back",
        NOON,
    )
    assert desk.rules.version == version(B)


def test_rules_of_the_constructor_are_version_one(desk: OpenDesk) -> None:
    desk.publish(B, actor="boss", reason="why")
    first, second = desk.publications()
    assert (first.number, first.act, first.version, first.state) == (1, "made", version(A), "kept")
    assert (second.number, second.act, second.version, second.state) == (2, "published", version(B), "in force")


def test_rules_that_decided_are_kept_without_being_published(desk: OpenDesk) -> None:
    assert desk.publications() == []
    _, used = decide(desk)
    assert [one.version for one in desk.publications()] == [used]
    assert desk.rules_of(used or "").rules[0].name == "To a"


def test_a_dry_run_keeps_nothing(desk: OpenDesk) -> None:
    desk.explain({"id": "c1"})
    desk.why_not("b", {"id": "c1"})
    assert desk.publications() == []


def test_texts_are_kept_as_they_were_written(desk: OpenDesk) -> None:
    text = "# a remark\r\n" + B
    published = desk.publish(RuleSet.from_text(text, name="b.rules"), actor="boss", reason="why")
    assert desk.rules_of(published.version).texts.files == (("b.rules", text),)
    with pytest.raises(NotFoundError, match="no version of the rules `nothing`"):
        desk.rules_of("nothing")


def test_another_desk_on_the_store_follows(desk: OpenDesk) -> None:
    other = Desk(RuleSet.from_text(C), desk.store, clock=desk.clock)
    assert decide(other)[0] == "c"
    desk.publish(B, actor="boss", reason="why")
    assert decide(other) == decide(desk) == ("b", version(B))


def test_rules_of_another_constructor_bind_nobody_else(desk: OpenDesk) -> None:
    decide(Desk(RuleSet.from_text(C), desk.store, clock=desk.clock))
    assert decide(desk)[0] == "a"


def test_a_desk_that_is_made_later_goes_on_by_what_was_published(desk: OpenDesk) -> None:
    desk.publish(B, actor="boss", reason="why")
    assert decide(Desk(RuleSet.from_text(A), desk.store, clock=desk.clock))[0] == "b"


def test_what_a_unit_published_is_gone_when_it_rolls_back(desk: OpenDesk) -> None:
    def publish_and_fail() -> None:
        with desk.store.unit():
            desk.publish(B, actor="boss", reason="why")
            assert decide(desk)[0] == "b"
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        publish_and_fail()
    assert decide(desk)[0] == "a"
    desk.publish(C, actor="boss", reason="why")
    assert decide(desk)[0] == "c"
    assert [one.version for one in desk.publications()] == [version(A), version(C)]


# --- batches


def test_a_batch_is_decided_by_the_version_that_it_began_with(desk: OpenDesk) -> None:
    def publish_in_the_middle(done: int, _total: int) -> None:
        if done == 2:
            desk.publish(B, actor="boss", reason="in the middle")

    decisions = desk.assign_many([Customer(id=str(n)) for n in range(5)], progress=publish_in_the_middle)
    assert {(d.agent_id, d.rules_version) for d in decisions} == {("a", version(A))}
    assert decide(desk) == ("b", version(B))


def test_a_batch_is_decided_by_one_version_while_another_thread_publishes(desk: OpenDesk) -> None:
    stop = threading.Event()

    def publish_all_the_time() -> None:
        while not stop.is_set():
            for text in (B, C, A):
                desk.publish(text, actor="boss", reason="again")

    thread = threading.Thread(target=publish_all_the_time)
    thread.start()
    try:
        for batch in range(10):
            decisions = desk.assign_many([Customer(id=f"{batch}-{n}") for n in range(20)])
            assert len({d.rules_version for d in decisions}) == 1
            assert len({d.agent_id for d in decisions}) == 1
    finally:
        stop.set()
        thread.join()


def test_a_tick_is_decided_by_one_version() -> None:
    waiting = 'rule "Nobody"\n  assign to agent "x"\n'
    desk = open_desk(waiting, east("a", "b"))
    for n in range(3):
        assert desk.assign({"id": str(n)}).outcome == "waiting"
    desk.publish(A, actor="boss", reason="why")
    desk.subscribe(lambda _: None)
    seen: list[str] = []
    original = desk._assign_or_error

    def publish_first(*args: object, **named: object) -> object:
        if not seen:
            seen.append("now")
            desk.publish(B, actor="boss", reason="in the middle")
        return original(*args, **named)  # type: ignore[arg-type]

    desk._assign_or_error = publish_first  # type: ignore[method-assign, assignment]
    assert {(d.agent_id, d.rules_version) for d in desk.tick()} == {("a", version(A))}


# --- from an instant on


def test_rules_take_force_at_the_instant_by_the_clock(desk: OpenDesk) -> None:
    desk.publish(B, actor="boss", reason="next hour", effective=NOON + HOUR)
    assert states(desk)[-1] == ("B", "scheduled")
    desk.clock.advance(HOUR - timedelta(microseconds=1))
    assert decide(desk)[0] == "a"
    desk.clock.advance(timedelta(microseconds=1))
    assert decide(desk)[0] == "b"
    assert states(desk)[-1] == ("B", "in force")


def test_what_is_scheduled_comes_also_after_a_later_publication(desk: OpenDesk) -> None:
    desk.publish(B, actor="boss", reason="next hour", effective=NOON + HOUR)
    desk.publish(C, actor="boss", reason="until then")
    assert decide(desk)[0] == "c"
    desk.clock.advance(HOUR)
    assert decide(desk)[0] == "b"
    assert states(desk) == [("A", "kept"), ("B", "in force"), ("C", "superseded")]


def test_what_is_scheduled_can_be_called_off(desk: OpenDesk) -> None:
    desk.publish(B, actor="boss", reason="next hour", effective=NOON + HOUR)
    called_off = desk.withdraw(version(B), actor="ann", reason="too early")
    assert (called_off.state, called_off.withdrawn_by) == ("withdrawn", "ann")
    desk.clock.advance(HOUR)
    assert decide(desk)[0] == "a"
    with pytest.raises(PublishingError, match="no publication of it is still to come"):
        desk.withdraw(version(B), actor="ann", reason="again")


@pytest.mark.parametrize(
    ("effective", "error"),
    [(NOON - HOUR, PublishingError), (datetime(2027, 1, 1), ConfigurationError)],  # noqa: DTZ001 - that is the point
)
def test_an_instant_that_cannot_be_is_refused(desk: OpenDesk, effective: datetime, error: type[Exception]) -> None:
    with pytest.raises(error, match="effective"):
        desk.publish(B, actor="boss", reason="why", effective=effective)
    assert desk.publications() == []


# --- asking twice, and in error


def test_publishing_twice_is_publishing_once(desk: OpenDesk) -> None:
    first = desk.publish(B, actor="boss", reason="why")
    assert desk.publish(B, actor="ann", reason="again") == first
    later = desk.publish(C, actor="boss", reason="why", effective=NOON + HOUR)
    assert desk.publish(C, actor="boss", reason="why", effective=NOON + HOUR) == later
    assert len(desk.publications()) == 3


def test_a_text_with_errors_is_refused(desk: OpenDesk) -> None:
    with pytest.raises(RuleError, match="AK"):
        desk.publish("rule", actor="boss", reason="why")
    assert decide(desk)[0] == "a"


def test_rules_for_other_kinds_are_refused(desk: OpenDesk) -> None:
    other = RuleSet.from_text(
        'rule "A" for leads\n  assign to agent "a"\n', Schema(lead={"size": int}), name="leads.rules"
    )
    with pytest.raises(ConfigurationError, match="other kinds of items"):
        desk.publish(other, actor="boss", reason="why")


@pytest.mark.parametrize(("actor", "reason"), [("", "why"), ("boss", " ")])
def test_who_and_why_have_to_be_said(desk: OpenDesk, actor: str, reason: str) -> None:
    for act in (desk.publish, desk.withdraw, desk.rollback):
        with pytest.raises(ConfigurationError, match="is empty"):
            act(B, actor=actor, reason=reason)


def test_published_rules_that_do_not_fit_a_desk_are_told() -> None:
    store, clock = MemoryStore(), ManualClock(NOON)
    schema = Schema(customer={"size": int})
    big = 'rule "Big"\n  when customer.size > 3\n  assign to agent "a"\n'
    new = Desk(RuleSet.from_text(A, schema), store, clock=clock)
    old = Desk(RuleSet.from_text(A), store, clock=clock)
    new.publish(big, actor="boss", reason="why")
    with pytest.raises(ConfigurationError, match="do not fit the schema of this desk"):
        old.assign({"id": "c1"})


# --- going back


def test_going_back_takes_force_at_once(desk: OpenDesk) -> None:
    desk.publish(B, actor="boss", reason="why")
    back = desk.rollback(version(A), actor="ann", reason="complaints")
    assert (back.act, back.state, back.actor, back.reason) == ("rolled back", "in force", "ann", "complaints")
    assert decide(desk) == ("a", version(A))
    desk.rollback(version(B), actor="ann", reason="after all")
    assert decide(desk)[0] == "b"
    assert [act for act, _ in states(desk)] == ["A", "B", "A", "B"]


def test_a_restarted_desk_can_go_back(desk: OpenDesk) -> None:
    desk.publish(B, actor="boss", reason="why")
    restarted = Desk(RuleSet.from_text(C), desk.store, clock=desk.clock)
    restarted.rollback(version(A), actor="ann", reason="why")
    assert decide(restarted)[0] == decide(desk)[0] == "a"


def test_going_back_to_where_one_never_was_is_refused(desk: OpenDesk) -> None:
    desk.publish(B, actor="boss", reason="why", effective=NOON + HOUR)
    with pytest.raises(PublishingError, match="never in force") as caught:
        desk.rollback(version(B), actor="ann", reason="why")
    assert (caught.value.version, caught.value.attempted) == (version(B), "roll back to")
    with pytest.raises(NotFoundError):
        desk.rollback("nothing", actor="ann", reason="why")
    desk.clock.advance(HOUR)
    with pytest.raises(PublishingError, match="it is in force"):
        desk.rollback(version(B), actor="ann", reason="why")


# --- a second person


@pytest.fixture
def careful() -> OpenDesk:
    store, clock = MemoryStore(), ManualClock(NOON)
    desk = OpenDesk(RuleSet.from_text(A), store, clock=clock, approvers={"ann", "boss"})
    desk.store, desk.clock = store, clock
    for agent in east("a", "b", "c"):
        desk.agents.add(agent)
    return desk


def test_rules_wait_for_a_second_person(careful: OpenDesk) -> None:
    waiting = careful.publish(B, actor="boss", reason="why")
    assert (waiting.state, waiting.in_force_at) == ("awaiting approval", None)
    assert decide(careful)[0] == "a"
    careful.clock.advance(HOUR)
    approved = careful.approve(version(B), actor="ann")
    assert (approved.state, approved.approved_by, approved.in_force_at) == ("in force", "ann", NOON + HOUR)
    assert (approved.number, approved.actor) == (waiting.number, "boss")
    assert decide(careful)[0] == "b"


def test_what_is_approved_early_waits_for_its_instant(careful: OpenDesk) -> None:
    careful.publish(B, actor="boss", reason="why", effective=NOON + HOUR)
    assert careful.approve(version(B), actor="ann").state == "scheduled"
    assert decide(careful)[0] == "a"
    careful.clock.advance(HOUR)
    assert decide(careful)[0] == "b"


@pytest.mark.parametrize(
    ("actor", "why"), [("boss", "somebody else has to approve"), ("eve", "`eve` is not one of the approvers")]
)
def test_the_second_person_is_another_one_who_may(careful: OpenDesk, actor: str, why: str) -> None:
    careful.publish(B, actor="boss", reason="why")
    with pytest.raises(PublishingError, match=why):
        careful.approve(version(B), actor=actor)
    assert decide(careful)[0] == "a"


def test_only_what_waits_can_be_approved(desk: OpenDesk, careful: OpenDesk) -> None:
    with pytest.raises(PublishingError, match="waits for approval"):
        careful.approve(version(B), actor="ann")
    with pytest.raises(PublishingError, match="no approvers"):
        desk.approve(version(B), actor="ann")
    careful.publish(B, actor="boss", reason="why")
    careful.withdraw(version(B), actor="boss", reason="wrong")
    with pytest.raises(PublishingError, match="waits for approval"):
        careful.approve(version(B), actor="ann")


def test_going_back_needs_no_second_person(careful: OpenDesk) -> None:
    careful.publish(B, actor="boss", reason="why")
    careful.approve(version(B), actor="ann")
    careful.rollback(version(A), actor="boss", reason="complaints")
    assert decide(careful)[0] == "a"
