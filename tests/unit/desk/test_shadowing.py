"""Shadow rules are asked about every item, change nothing, and the differences are kept."""

from __future__ import annotations

from datetime import timedelta

import pytest

from assignkit import Agent, Desk, IdempotencyError, ManualClock, NotFoundError, RuleSet
from assignkit.desk.publishing.shadowing import Shadow
from assignkit.model.shadow import KEPT_DIFFERENCES, ShadowReport
from tests.unit.desk.every_store import OpenStore, open_store  # noqa: F401 - a fixture
from tests.unit.desk.making import NOON, OpenDesk, east, open_desk, state_of

ONE = 'rule "All"\n  assign to team "East" by round robin\n'
OTHER = """
rule "Big"
  when customer.revenue > 100
  assign to agent "b"
rule "Rest"
  assign to team "East" by round robin
"""


@pytest.fixture
def desk() -> OpenDesk:
    return open_desk(ONE, east("a", "b"))


def play(desk: OpenDesk) -> None:
    for n in range(8):
        desk.assign({"id": n, "revenue": 50 * n})
    desk.assign({"id": 7})
    desk.reassign("3", "a", actor="boss", reason="why")


def test_a_shadow_changes_nothing() -> None:
    alone, looked_at = open_desk(ONE, east("a", "b")), open_desk(ONE, east("a", "b"))
    looked_at.shadow(OTHER)
    play(alone)
    play(looked_at)
    assert state_of(alone.store) == state_of(looked_at.store)


def test_differences_are_kept(desk: OpenDesk) -> None:
    shadow = desk.shadow('rule "To b"\n  assign to agent "b"\n')
    first, second = (desk.assign({"id": n}) for n in range(2))
    report = shadow.report()
    assert (report.decided, report.same, report.different, report.failed) == (2, 0, 2, 0)
    assert report.moves == (("All", "To b", 2),)
    told = report.differences[0]
    assert (told.item_id, told.agent_id, told.rule) == ("0", first.agent_id, "All")
    assert (told.shadow_outcome, told.shadow_agent_id, told.shadow_rule) == ("assigned", "b", "To b")
    assert report.to_rows()[1]["agent_id"] == second.agent_id
    assert report.shadow_version == RuleSet.from_text('rule "To b"\n  assign to agent "b"\n').version


def test_the_same_rules_make_no_difference(desk: OpenDesk) -> None:
    shadow = desk.shadow(RuleSet.from_text(ONE))
    play(desk)
    report = shadow.report()
    assert (report.decided, report.same) == (8, 8)  # an item that is held is not decided again


def test_other_outcomes_are_differences(desk: OpenDesk) -> None:
    shadow = desk.shadow('rule "No"\n  reject "never"\n')
    desk.assign({"id": 1})
    assert shadow.report().differences[0].shadow_outcome == "rejected"


def test_a_forced_item_that_stays_is_no_difference(desk: OpenDesk) -> None:
    desk.assign({"id": 1})
    for agent in east("a", "b"):
        desk.agents.save(desk.agents.get(agent.id).model_copy(update={"teams": ()}))
    shadow = desk.shadow(ONE)
    assert desk.assign({"id": 1}, force=True).outcome == "kept"
    assert (shadow.report().decided, shadow.report().same) == (1, 1)


def test_an_item_that_comes_with_its_owner_is_not_decided(desk: OpenDesk) -> None:
    shadow = desk.shadow(OTHER)
    desk.assign({"id": 1, "owner": "a"})
    assert shadow.report().decided == 0


def test_a_stopped_shadow_looks_on_no_longer(desk: OpenDesk) -> None:
    with desk.shadow(OTHER) as shadow:
        desk.assign({"id": 1})
    desk.assign({"id": 2})
    assert shadow.report().decided == 1
    assert desk._onlookers._shadows == ()


def test_a_shadow_that_fails_is_counted_and_disturbs_nobody(
    desk: OpenDesk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    shadow = desk.shadow(OTHER)

    def fail(*_: object) -> None:
        msg = "no"
        raise RuntimeError(msg)

    monkeypatch.setattr(Shadow, "_beside", fail)
    assert desk.assign({"id": 1}).outcome == "assigned"
    assert (shadow.report().failed, shadow.report().decided) == (1, 1)
    assert "the shadow rules failed on customers `1`" in caplog.text


def test_what_was_rolled_back_is_not_counted(desk: OpenDesk) -> None:
    shadow = desk.shadow(OTHER)
    decisions = desk.assign_many([{"id": 1, "revenue": "a lot"}, {"id": 2}])
    assert [d.outcome for d in decisions] == ["error", "assigned"]
    assert shadow.report().decided == 1


def test_a_shadow_keeps_up_with_agents(desk: OpenDesk) -> None:
    shadow = desk.shadow('rule "West"\n  assign to team "West"\n')
    desk.assign({"id": 1})
    desk.agents.add(Agent(id="w", teams={"West"}))
    desk.assign({"id": 2})
    assert [d.shadow_agent_id for d in shadow.report().differences] == [None, "w"]


# --- beyond the process

TO_B = 'rule "To b"\n  assign to agent "b"\n'


def version(text: str) -> str:
    return RuleSet.from_text(text).version


def test_a_desk_sees_what_others_saw(open_store: OpenStore) -> None:  # noqa: F811
    clock = ManualClock(NOON)
    first, second, later = (Desk(RuleSet.from_text(ONE), open_store(), clock=clock, seed="s") for _ in range(3))
    for agent in east("a", "b"):
        first.agents.add(agent)
    with first.shadow(TO_B, actor="ann") as seen_by_first:
        chosen = [first.assign({"id": n}).agent_id for n in range(3)]
    with second.shadow(TO_B, actor="bo"):
        chosen += [second.assign({"id": n}).agent_id for n in range(3, 7)]
    report = later.shadow_report(version(TO_B))
    assert (report.decided, report.different, report.same, report.failed) == (7, 7, 0, 0)
    assert sorted(report.actors) == ["ann", "bo"]
    assert sorted(row["item_id"] for row in report.to_rows()) == [str(n) for n in range(7)]
    assert report.by_rule() == [{"rule": "All", "shadow_rule": "To b", "items": 7}]
    to_a = chosen.count("a")
    assert report.by_agent() == [
        {"agent_id": "a", "items": to_a, "shadow_items": 0, "change": -to_a},
        {"agent_id": "b", "items": 7 - to_a, "shadow_items": 7, "change": to_a},
    ]
    assert seen_by_first.report().decided == 3
    with pytest.raises(NotFoundError, match="no report of shadow rules"):
        later.shadow_report(version(OTHER))


def test_what_is_seen_is_kept_after_some_seconds_or_items_or_a_tick(desk: OpenDesk) -> None:
    late = Desk(RuleSet.from_text(ONE), desk.store, clock=desk.clock)
    desk.shadow(TO_B)

    def kept() -> int:
        try:
            return late.shadow_report(version(TO_B)).decided
        except NotFoundError:
            return 0

    desk.assign({"id": "first"})
    assert kept() == 0
    assert desk.tick() == []
    assert kept() == 1
    desk.clock.advance(timedelta(seconds=5))
    desk.assign({"id": "second"})
    assert kept() == 2
    desk.assign_many([{"id": n} for n in range(99)])
    assert kept() == 2
    desk.assign({"id": "hundredth"})
    assert kept() == 102
    desk.assign({"id": "last"})
    assert desk.shadow_report(version(TO_B)).decided == 103


def test_a_shadow_that_was_asked_for_once_looks_on_once(open_store: OpenStore) -> None:  # noqa: F811
    desk, other = (Desk(RuleSet.from_text(ONE), open_store(), clock=ManualClock(NOON)) for _ in range(2))
    desk.agents.add(east("a")[0])
    shadow = desk.shadow(TO_B, actor="ann", key="k")
    assert desk.shadow(TO_B, actor="ann", key="k") is shadow
    desk.assign({"id": 1})
    assert shadow.report().decided == 1
    for one in (desk, other):
        with pytest.raises(IdempotencyError):
            one.shadow(OTHER, actor="ann", key="k")
    shadow.stop()
    again = desk.shadow(TO_B, actor="ann", key="k")
    assert again is not shadow
    with other.shadow(TO_B, actor="ann", key="k"):
        other.assign({"id": 2})
    assert desk.shadow_report(version(TO_B)).decided == 2


def test_differences_are_bounded_and_counts_are_not(desk: OpenDesk) -> None:
    many = KEPT_DIFFERENCES + 7
    with desk.shadow(TO_B) as shadow:
        desk.assign_many([{"id": n} for n in range(many)])
    report = desk.shadow_report(version(TO_B))
    assert report == shadow.report()
    assert (report.different, len(report.differences)) == (many, KEPT_DIFFERENCES)
    assert report.differences[0].item_id == "7"
    assert sum(row["items"] for row in report.by_agent()) == many


def test_what_an_outer_unit_took_back_is_not_counted(desk: OpenDesk) -> None:
    def assign_and_fail() -> None:
        with desk.store.unit():
            desk.assign({"id": 1})
            raise ZeroDivisionError

    with desk.shadow(TO_B) as shadow:
        with pytest.raises(ZeroDivisionError):
            assign_and_fail()
        assert shadow.report().decided == 0
        desk.assign({"id": 1})
    assert desk.shadow_report(version(TO_B)).decided == 1


def test_a_store_that_fails_to_keep_a_report_disturbs_nobody(
    desk: OpenDesk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        msg = "the disk is full"
        raise RuntimeError(msg)

    shadow = desk.shadow(TO_B)
    desk.assign({"id": 1})
    with monkeypatch.context() as broken:
        broken.setattr(desk.store.publications, "keep_shadow", fail)
        desk.tick()
    assert "could not be kept" in caplog.text
    desk.tick()
    assert desk.store.publications.shadows(version(TO_B)) == [shadow.report()]


def test_a_report_comes_back_from_json(desk: OpenDesk) -> None:
    with desk.shadow(OTHER, actor="ann") as shadow:
        play(desk)
    assert ShadowReport.model_validate_json(shadow.report().model_dump_json()) == shadow.report()
