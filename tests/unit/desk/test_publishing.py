"""Publishing rules: who, why, from when on; which version decides; a second person; going back."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from assignkit import (
    Agent,
    ConfigurationError,
    Customer,
    Desk,
    IdempotencyError,
    ManualClock,
    MemoryStore,
    NotFoundError,
    PublishingError,
    RuleError,
    RuleSet,
    Schema,
    Team,
)
from tests.unit.desk.every_store import OpenStore, open_store  # noqa: F401 - a fixture
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


def test_what_another_desk_published_after_a_rollback_decides(desk: OpenDesk) -> None:
    decide(desk)

    def publish_and_fail() -> None:
        with desk.store.unit():
            desk.publish(B, actor="boss", reason="why")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        publish_and_fail()
    other = Desk(RuleSet.from_text(A), desk.store, clock=desk.clock)
    other.publish(C, actor="boss", reason="why")
    assert decide(desk)[0] == "c"


# --- batches


@pytest.mark.parametrize(("items", "heard"), [(5, True), (205, False)])
def test_a_batch_is_decided_by_the_version_that_it_began_with(desk: OpenDesk, items: int, *, heard: bool) -> None:
    if heard:
        desk.subscribe(lambda _: None)  # so that the items are committed one by one, and a hundred at a time otherwise

    def publish_in_the_middle(done: int, _total: int) -> None:
        if done == 2:
            desk.publish(B, actor="boss", reason="in the middle")

    decisions = desk.assign_many([Customer(id=str(n)) for n in range(items)], progress=publish_in_the_middle)
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
    original = desk._batches.many

    def publish_first(*args: object, **named: object) -> object:
        if not seen:
            seen.append("now")
            desk.publish(B, actor="boss", reason="in the middle")
        return original(*args, **named)  # type: ignore[arg-type]

    desk._batches.many = publish_first  # type: ignore[method-assign, assignment]
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
        with pytest.raises(ConfigurationError, match="is blank"):
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
    with pytest.raises(NotFoundError, match=f"no version of the rules `nothing`: .* the latest first: `{version(A)}`"):
        desk.rollback("nothing", actor="ann", reason="why")
    with pytest.raises(NotFoundError, match=f"did you mean `{version(A)}`"):
        desk.rollback(version(A)[:6], actor="ann", reason="why")
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


@pytest.mark.parametrize("name", ["Boss", "BOSS", " boss ", "b oss", "boss\u200b", "ｂｏｓｓ", "bo\tss"])
def test_nobody_approves_their_own_under_another_spelling(careful: OpenDesk, name: str) -> None:
    desk = Desk(RuleSet.from_text(A), careful.store, clock=careful.clock, approvers={"boss", name})
    desk.publish(B, actor=name, reason="why")
    with pytest.raises(PublishingError, match="somebody else has to approve"):
        desk.approve(version(B), actor="boss")
    desk.withdraw(version(B), actor="ann", reason="why")
    desk.publish(B, actor="boss", reason="why")
    with pytest.raises(PublishingError, match="somebody else has to approve"):
        desk.approve(version(B), actor=name)
    assert decide(desk)[0] == "a"


def test_approvers_are_those_who_were_named(careful: OpenDesk) -> None:
    careful.publish(B, actor="eve", reason="why")
    with pytest.raises(PublishingError, match="`Ann` is not one of the approvers"):
        careful.approve(version(B), actor="Ann")


def test_what_was_called_off_never_decides(careful: OpenDesk) -> None:
    careful.publish(B, actor="boss", reason="why", effective=NOON + HOUR)
    careful.approve(version(B), actor="ann")
    careful.withdraw(version(B), actor="boss", reason="wrong")
    careful.publish(C, actor="boss", reason="why")
    careful.withdraw(version(C), actor="ann", reason="rejected")
    careful.clock.advance(2 * HOUR)
    assert decide(careful)[0] == "a"
    assert [state for _, state in states(careful)] == ["kept", "withdrawn", "withdrawn"]
    for text in (B, C):
        with pytest.raises(PublishingError, match="never in force"):
            careful.rollback(version(text), actor="boss", reason="why")
    careful.publish(B, actor="boss", reason="right after all")
    careful.approve(version(B), actor="ann")
    assert decide(careful)[0] == "b"


def test_rules_that_a_late_desk_is_made_with_are_no_way_around_approval(careful: OpenDesk) -> None:
    careful.publish(B, actor="boss", reason="why")
    careful.approve(version(B), actor="ann")
    late = Desk(RuleSet.from_text(C), careful.store, clock=careful.clock, approvers={"ann", "boss"})
    late.publish(A, actor="boss", reason="why")  # keeps C, with which it was made, and which never decided
    with pytest.raises(PublishingError, match="never in force"):
        late.rollback(version(C), actor="boss", reason="why")
    assert decide(late)[0] == "b"


# --- on every store, at several desks


def test_several_desks_change_at_the_same_second(open_store: OpenStore) -> None:  # noqa: F811
    clock = ManualClock(NOON)
    desks = [Desk(RuleSet.from_text(text), open_store(), clock=clock) for text in (A, A, C)]
    for agent in east("a", "b", "c"):
        desks[0].agents.add(agent)
    desks[1].publish(A, actor="boss", reason="why")
    second = timedelta(seconds=1)
    desks[0].publish(B, actor="boss", reason="next hour", effective=NOON + HOUR)
    desks[2].publish(C, actor="boss", reason="the second after", effective=NOON + HOUR + second)
    seen = []
    for at in (HOUR - second, second, second):
        clock.advance(at)
        seen.append([decide(desk) for desk in desks])
    assert seen == [[(name, version(text))] * 3 for name, text in (("a", A), ("b", B), ("c", C))]


def test_one_answer_for_one_key(open_store: OpenStore) -> None:  # noqa: F811
    desk = Desk(RuleSet.from_text(A), open_store(), clock=ManualClock(NOON), approvers={"ann", "boss"})
    again = Desk(RuleSet.from_text(A), open_store(), clock=ManualClock(NOON + HOUR), approvers={"ann", "boss"})
    acts: list[Callable[..., object]] = [
        lambda d, **other: d.publish(B, **{"actor": "boss", "reason": "why", "key": "1", **other}),
        lambda d, **other: d.approve(version(B), **{"actor": "ann", "key": "1", **other}),
        lambda d, **other: d.rollback(version(A), **{"actor": "ann", "reason": "why", "key": "1", **other}),
        lambda d, **other: d.publish(C, **{"actor": "boss", "reason": "why", "key": "2", **other}),
        lambda d, **other: d.withdraw(version(C), **{"actor": "ann", "reason": "why", "key": "1", **other}),
    ]
    answers = [act(desk) for act in acts]
    before = desk.publications()
    assert [act(again) for act in acts] == answers
    for act in acts:
        with pytest.raises(IdempotencyError):
            act(again, actor="eve")
    assert desk.publications() == before
    with pytest.raises(IdempotencyError):
        desk.publish(B, actor="boss", reason="why", key="1", effective=NOON + 9 * HOUR)


def test_a_text_with_errors_leaves_nothing_in_the_store(open_store: OpenStore) -> None:  # noqa: F811
    desk = Desk(RuleSet.from_text(A), open_store(), clock=ManualClock(NOON))
    with pytest.raises(RuleError) as caught:
        desk.publish('rule "x"\n  when customer.provnce = 1\n', actor="boss", reason="why", key="k")
    assert {one.location.line for one in caught.value.diagnostics if one.location} == {1, 2}
    assert desk.publications() == []
    assert desk.publish(B, actor="boss", reason="why", key="k").state == "in force"  # the key was not used up


# --- warnings


def test_teams_and_agents_that_are_not_there_are_told(desk: OpenDesk) -> None:
    text = """
team "Seniors" = agents where agent.level > 7
team "Pair" = agents "a", "zoe"
rule "1"
  when customer.tier = "a"
  assign to team "Eats"
rule "2"
  when customer.tier = "b"
  assign to agent "bo"
rule "3"
  when customer.tier = "c"
  assign to team "Coming"
rule "4"
  when customer.tier = "d"
  assign to team "Pair"
rule "5"
  assign to team "Seniors"
"""
    desk.teams.add(Team(id="Coming"))
    published = desk.publish(text, actor="boss", reason="why")
    told = [line for line in published.warnings if "AK315" not in line]  # no `otherwise`, as `check` says it too
    assert told == [
        '<text>:4:1: warning[AK641]: rule "1" names team "Eats", and no agent is in it',
        '<text>:7:1: warning[AK642]: rule "2" names agent "bo", and there is none',
        "<text>:2:6: warning[AK314]: nobody of 3 agents is in team `Seniors`",
        "<text>:3:27: warning[AK314]: there is no agent `zoe`",
    ]
    assert len(published.warnings) == len(told) + 1
    assert desk.publications()[-1].warnings == published.warnings
    assert published.state == "in force"


def test_rules_that_fit_have_no_warnings(desk: OpenDesk) -> None:
    desk.agents.add(Agent(id="z", teams={"West"}))
    text = """
team "None" = agents where agent.level > 7  # ok: AK314 they come in May
rule "x"
  when customer.tier = "a"
  assign to team "West"
rule "y"  # ok: AK315 so they do
  assign to team "None"
"""
    assert desk.publish(text, actor="boss", reason="why").warnings == ()
