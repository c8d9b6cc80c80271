"""`skill match` and `nearest` look at few agents of a large team, and choose as if they had looked at all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from assignkit import Agent, Decision, MemoryStore
from assignkit.desk.deciding.choosing import Chooser
from assignkit.desk.deciding.directory import Directory
from tests.unit.desk.making import OpenDesk, edit, open_desk

Make = Callable[..., OpenDesk]
SKILLS = [f"skill {number}" for number in range(20)]
RULES = """
rule "Skilled"
  prefer agent.skills has customer.language at 3 weight 5
  prefer agent.skills has "skill 1"
  assign to team "East" by {order}
"""


def staff(count: int) -> list[Agent]:
    """Return agents each of whom has a few skills and a place."""
    return [
        Agent(
            id=f"a{number:03}",
            teams={"East"},
            skills={SKILLS[(number * 7 + step) % 20]: 1 + (number + step) % 5 for step in range(3)},
            location=(number % 50, number // 50),
        )
        for number in range(count)
    ]


def looked_at(decision: Decision) -> int:
    (step,) = decision.explanation().steps
    assert step.examined is not None
    return step.examined


def first_two(decision: Decision) -> tuple[str | None, str | None]:
    (step,) = decision.explanation().steps
    return step.winner, step.runner_up


@pytest.mark.parametrize(
    ("order", "item"),
    [
        ("skill match", {"language": "skill 4"}),
        ('"closest skill match"', {"language": "skill 4"}),
        ("skill match then lowest agent.received", {"language": "skill 4"}),
        ("nearest", {"location": (20, 3)}),
        ("nearest then least loaded", {"location": (20, 3)}),
    ],
)
def test_few_are_looked_at_and_the_best_is_found(make: Make, order: str, item: dict[str, Any]) -> None:
    desk, twin = make(RULES.format(order=order), staff(400)), make(RULES.format(order=order), staff(400))
    decisions = [desk.assign({"id": number, **item}) for number in range(10)]
    assert max(map(looked_at, decisions)) <= 3
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Directory, "is_lasting", lambda *_: False)
        ranked = [twin.assign({"id": number, **item}) for number in range(10)]
    assert min(map(looked_at, ranked)) == 400
    assert [first_two(one) for one in decisions] == [first_two(one) for one in ranked]
    assert desk.explain({"id": "dry", **item}).steps[0].examined == 400


def test_what_changes_of_an_agent_is_looked_up_as_it_is_now(make: Make) -> None:
    desk = make(RULES.format(order="skill match"), staff(100))
    desk.assign({"id": "c0", "language": "new"})
    edit(desk, "a042", skills={"new": 5})
    assert desk.assign({"id": "c1", "language": "new"}).agent_id == "a042"
    edit(desk, "a043", skills={"new": 5, "skill 1": 1})
    assert desk.assign({"id": "c2", "language": "new"}).agent_id == "a043"
    edit(desk, "a043", active=False)
    assert desk.assign({"id": "c3", "language": "new"}).agent_id == "a042"
    desk.agents.add(Agent(id="z", teams={"East"}, skills={"new": 3, "skill 1": 9}))
    assert desk.assign({"id": "c4", "language": "new"}).agent_id == "z"
    edit(desk, "z", teams=())
    assert desk.assign({"id": "c5", "language": "new"}).agent_id == "a042"


def test_who_moves_is_found_where_it_is_now(make: Make) -> None:
    desk = make(RULES.format(order="nearest"), staff(100))
    desk.assign({"id": "c0", "location": (80, 80)})
    edit(desk, "a007", location=(79, 79))
    assert desk.assign({"id": "c1", "location": (80, 80)}).agent_id == "a007"
    edit(desk, "a007", location=None)
    assert desk.assign({"id": "c2", "location": (80, 80)}).agent_id != "a007"


def test_who_may_not_have_it_is_passed_over(make: Make) -> None:
    desk = make(RULES.format(order="skill match") + "  limit 1 open", staff(60))
    desk.agents.add(Agent(id="full", teams={"East"}, skills={"x": 5, "skill 1": 1}, capacity={"customers": 1}))
    desk.agents.add(Agent(id="next", teams={"East"}, skills={"x": 5}))
    given = [desk.assign({"id": number, "language": "x"}) for number in range(3)]
    assert [one.agent_id for one in given[:2]] == ["full", "next"]
    assert given[2].agent_id in {agent.id for agent in staff(60) if "skill 1" in agent.skills}
    assert given[2].explanation().steps[0].counts == {"capacity": 1, "limit": 1}


def test_a_preference_that_cannot_be_looked_up_takes_a_look_at_everybody(make: Make) -> None:
    text = RULES.format(order="skill match").replace('has "skill 1"', "has any of (customer.language)")
    desk = make(text, staff(40))
    assert looked_at(desk.assign({"id": "c1", "language": "skill 4"})) == 40


def test_what_every_agent_has_is_counted_too(make: Make) -> None:
    text = RULES.format(order="skill match") + '  prefer customer.tier = "VIP" weight 2.5'
    desk = make(text, staff(40))
    vip = desk.assign({"id": "c1", "language": "nobody", "tier": "VIP"}).explanation().steps[0]
    assert vip.candidates[0].key[0].startswith("preference 3.5")
    plain = desk.assign({"id": "c2", "language": "nobody"}).explanation().steps[0]
    assert plain.candidates[0].key[0].startswith("preference 1,")


def test_experts_are_spared_where_others_are_good_enough(make: Make) -> None:
    agents = [
        Agent(id="expert", teams={"East"}, skills={"law": 5}),
        Agent(id="fair", teams={"East"}, skills={"law": 3}, capacity={"customers": 1}),
    ]
    text = 'rule "Law"\n  prefer agent.skills has "law" at 3\n  assign to team "East" by {}'
    sparing = make(text.format('"closest skill match"'), agents)
    assert [sparing.assign({"id": number}).agent_id for number in range(2)] == ["fair", "expert"]
    assert "0.667 beyond" in sparing.explain({"id": "c9"}).to_text()
    plain = make(text.format("skill match"), [agents[0], agents[1].model_copy(update={"capacity": {"customers": 50}})])
    assert plain.assign({"id": 1}).agent_id == "expert"


def test_two_choices_may_stand_in_rules_as_it_is(make: Make) -> None:
    desk = make('rule "All" assign to team "East" by "two choices"', staff(30))
    winners = {desk.assign({"id": number}).agent_id for number in range(30)}
    assert len(winners) > 12
    assert (
        open_desk('rule "All" assign to team "East" by "two choices"', staff(30)).assign({"id": 0}).agent_id in winners
    )


def test_a_host_that_keeps_its_own_agents_has_everybody_ranked() -> None:
    class Staff:
        """A host's table of agents."""

        def __init__(self) -> None:
            self.rows = {agent.id: agent for agent in staff(30)}

        def get(self, id: str) -> Agent:
            return self.rows[id]

        def find(self, id: str) -> Agent | None:
            return self.rows.get(id)

        def list(self, *_: object) -> list[Agent]:
            return list(self.rows.values())

    desk = open_desk(RULES.format(order="skill match"), store=MemoryStore(agents=Staff()))  # type: ignore[arg-type]
    seen: list[object] = []
    with pytest.MonkeyPatch.context() as patch:
        original = Chooser._rank
        patch.setattr(Chooser, "_rank", lambda *args: seen.append(1) or original(*args))
        assert desk.assign({"id": "c1", "language": "skill 4"}).agent_id is not None
    assert seen == [1]
