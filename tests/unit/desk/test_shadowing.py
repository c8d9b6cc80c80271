"""Shadow rules are asked about every item, change nothing, and the differences are kept."""

from __future__ import annotations

import pytest

from assignkit import Agent, RuleSet
from assignkit.desk.shadowing import Shadow
from tests.unit.desk.making import OpenDesk, east, open_desk, state_of

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
    assert desk._shadows == ()


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
