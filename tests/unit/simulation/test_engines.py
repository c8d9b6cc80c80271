"""Three engines and two kinds of picker: where they mean the same, they do the same, item by item."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from assignkit.errors import ConfigurationError, UnknownStrategyError
from assignkit.model.agent import Agent
from assignkit.rules.ruleset import RuleSet
from assignkit.simulation import Ageing, ItemClass, Workload, simulate
from assignkit.simulation.alike import serve_alike
from assignkit.simulation.asking import ChainPicker, build_picker
from assignkit.simulation.events import EventEngine
from assignkit.simulation.simulating import DEFAULT_START
from assignkit.simulation.staffing import read_agents, staff
from assignkit.strategies.registry import BUILT_IN

ORDERS = [
    *(name for name in BUILT_IN if name not in ("highest", "closest skill match")),
    "round robin then least loaded",
]
DRAWN = {"random", "two choices"}  # by dice of the simulation's own
EXACT = [name for name in BUILT_IN if name not in {*DRAWN, "highest", "lowest"}]
BUSY = Workload.poisson(3, 1, arrivals=1_500)
MIXED = [
    Agent(id="one", capacity={"customers": 1}, weight=3),
    Agent(id="some", capacity={"customers": 3}),
    Agent(id="any"),
    Agent(id="two", capacity={"customers": 2}, weight=2),
]

LIMITED = [MIXED[0], MIXED[1], MIXED[3]]
EVEN = [Agent(id=f"e{number}", capacity={"customers": 2}, weight=2) for number in range(4)]


@pytest.mark.parametrize("agents", [MIXED, LIMITED], ids=["one without limit", "all limited"])
@pytest.mark.parametrize("order", ORDERS)
def test_the_fast_engine_does_what_the_general_one_does(order: str, agents: list[Agent]) -> None:
    arrivals, servers = BUSY.draw(seed=3), staff(agents, None)
    fast = serve_alike(arrivals, build_picker(order, servers, seed="s", start=DEFAULT_START))
    picker = build_picker(order, servers, seed="s", start=DEFAULT_START)
    general = EventEngine(arrivals, picker, start=DEFAULT_START, ageing=Ageing()).run()
    assert fast.agent_of == general.agent_of
    assert fast.starts == general.starts
    assert fast.ends == general.ends


@pytest.mark.parametrize("agents", [LIMITED, EVEN], ids=["diverse", "alike"])
@pytest.mark.parametrize("order", EXACT)
def test_fast_pickers_choose_as_the_librarys_orders_do(order: str, agents: list[Agent]) -> None:
    arrivals, servers = BUSY.draw(seed=5), staff(agents, None)
    own, asked = (
        serve_alike(arrivals, build_picker(order, servers, seed="s", start=DEFAULT_START, fast=fast))
        for fast in (True, False)
    )
    assert own.agent_of == asked.agent_of


def diverse() -> list[Agent]:
    places = [(31.2, 121.5), (39.9, 116.4), (23.1, 113.3), None, (52.5, 13.4), (48.1, 11.6)]
    return [
        Agent(
            id=f"a{number}",
            weight=Decimal(["1", "0.5", "3", "1", "2.5", "1"][number]),
            capacity={"customers": 1 + number % 3} if number != 4 else {},
            skills={"zh": number % 4 + 1, "en": 2} if number % 2 else {"en": number + 1},
            quota=[4, None, 0, 10, Decimal("2.5"), 7][number],
            quota_period=["hour", "day", "hour", "week", "hour", "month"][number],
            rating=[4.5, None, 3, 3, 5, 1][number],
            rated=[10, None, 2, 2, 1, 30][number],
            ratings={"vip": {"count": number, "total": 4 * number}} if number % 2 else {},
            location=places[number],
            zone="Asia/Shanghai" if number == 0 else None,
            shifts="mon-fri 02:00-12:00" if number == 5 else None,
        )
        for number in range(6)
    ]


@pytest.mark.parametrize("order", EXACT)
def test_fast_pickers_choose_as_the_librarys_orders_do_whatever_agents_and_items_are(order: str) -> None:
    drawn = Workload.poisson(
        30 / 3600,
        600,
        arrivals=700,
        mean_patience=900,
        classes=[ItemClass(share=2), ItemClass(skill="zh", priority=1), ItemClass(skill="en", priority=1)],
    ).draw(seed=11)
    places = [None, (31.2, 121.5), (50.1, 8.7), (22.5, 114.1)]
    known = [{"location": places[n % 4], "category": "vip" if n % 5 == 0 else None} for n in range(len(drawn))]
    arrivals = replace(drawn, fields=known)
    servers = staff(diverse(), None)
    traces = []
    for fast in (True, False):
        picker = build_picker(order, servers, seed="s", start=DEFAULT_START, arrivals=arrivals, fast=fast)
        assert isinstance(picker, ChainPicker) is not fast
        traces.append(EventEngine(arrivals, picker, start=DEFAULT_START, ageing=Ageing()).run())
    own, asked = traces
    assert own.agent_of == asked.agent_of
    assert own.outcomes == asked.outcomes
    assert len(set(own.agent_of)) > 4


def test_two_choices_wait_as_long_as_the_librarys_order_makes_them() -> None:
    servers = staff(read_agents([f"a{number}" for number in range(6)]), None)
    waits = []
    for fast in (True, False):
        arrivals = Workload.poisson(5, 1, arrivals=8_000).draw(seed=2)
        trace = serve_alike(arrivals, build_picker("two choices", servers, seed="s", start=DEFAULT_START, fast=fast))
        waits.append(sum(start - at for start, at in zip(trace.starts, arrivals.times, strict=True)))
    assert waits[0] == pytest.approx(waits[1], rel=0.15)


@pytest.mark.parametrize("accept", ["", "accept within 5 minutes"])
@pytest.mark.parametrize("agents", [MIXED, LIMITED], ids=["one without limit", "all limited"])
@pytest.mark.parametrize("order", ["least loaded", "longest idle", "round robin"])
def test_rules_on_a_desk_do_what_the_bare_order_does(order: str, agents: list[Agent], accept: str) -> None:
    team = ", ".join(f'"{agent.id}"' for agent in agents)
    rules = RuleSet.from_text(f'team "T" = agents {team}\nrule "all" assign to team "T" by {order} {accept}')
    signed_on = DEFAULT_START - timedelta(hours=1)
    agents = [
        agent.model_copy(update={"signed_on_at": signed_on + timedelta(minutes=number)})
        for number, agent in enumerate(agents)
    ]
    workload = Workload.poisson(3, 1, arrivals=250)
    on_desk = simulate(rules, agents, workload, seed=8)
    bare = simulate(order, agents, workload, seed=8)
    assert on_desk.rules == {"all": 250}
    assert on_desk.trace.agent_of == bare.trace.agent_of
    assert on_desk.waits == pytest.approx(bare.waits)
    assert on_desk.mean_in_system == pytest.approx(on_desk.mean_in_system_by_law)


def test_rules_may_lose_items_and_wait_by_themselves() -> None:
    rules = RuleSet.from_text("""
        rule "small" for customers when customer.revenue < 10 reject "too small"
        rule "large" for customers when customer.revenue > 100
          assign to agents where agent.level > 1 by least loaded
          otherwise after 10 seconds assign to agents where agent.active = true by least loaded
    """)
    rows = [(0, 60, {"revenue": 500}), (1, 5, {"revenue": 500}), (2, 1, {"revenue": 5}), (3, 1, {"revenue": 50})]
    agents = [Agent(id="senior", level=2, capacity={"customers": 1}), Agent(id="junior", level=1)]
    run = simulate(rules, agents, Workload.from_rows(rows), seed=1)
    assert run.outcomes == {"rejected": 1, "served": 2, "unmatched": 1}
    assert run.counts == {"senior": 1, "junior": 1}
    assert run.waits == [0, 10]
    assert run.rules == {"large": 2, "small": 1, None: 1}
    assert [row["outcome"] for row in run.to_rows()] == ["served", "served", "rejected", "unmatched"]


def test_patience_at_the_desk() -> None:
    rules = RuleSet.from_text('rule "all" for tasks assign to agents where agent.active = true by least loaded')
    rows = [{"arrival": 0, "service": 10}, {"arrival": 1, "service": 1, "patience": 2}, {"arrival": 2, "service": 1}]
    agents = [Agent(id="a", capacity={"tasks": 1})]
    run = simulate(rules, agents, Workload.from_rows(rows), seed=1)
    assert run.outcomes == {"abandoned": 1, "served": 2}
    assert run.waits == [0, 8]
    held = simulate(rules, [Agent(id="a")], Workload.from_rows(rows), seed=1)
    assert held.outcomes == {"abandoned": 1, "served": 2}


def test_only_the_skilled_get_what_needs_a_skill() -> None:
    agents = [Agent(id="li", skills={"zh": 5}), Agent(id="wang", skills={"zh": 2, "en": 3}), Agent(id="idle")]
    classes = [ItemClass(name="zh", skill="zh"), ItemClass(name="en", skill="en"), ItemClass(name="fr", skill="fr")]
    workload = Workload.poisson(1, 1, classes=classes, arrivals=300)
    for order in ("skill match", "least loaded", "random", "round robin"):
        run = simulate(order, agents, workload, seed=1)
        assert run.counts["idle"] == 0
        assert run.outcomes["unserved"] == sum(run.arrivals.class_at(item).skill == "fr" for item in range(300))
    matched = simulate("skill match", agents, workload, seed=1)
    assert matched.match_quality > simulate("least loaded", agents, workload, seed=1).match_quality
    assert 2 < matched.match_quality <= 5


def test_nobody_begins_off_shift() -> None:
    start = datetime(2026, 11, 23, tzinfo=UTC)  # a Monday
    agents = [Agent(id="day", shifts="mon-fri 09:00-17:00"), Agent(id="late", shifts="mon-fri 15:00-23:00")]
    workload = Workload.poisson(4 / 3600, 600, arrivals=200, start=start)
    run = simulate("least loaded", agents, workload, seed=4)
    assert run.outcomes == {"served": 200}
    for item in run.served:
        at = start + timedelta(seconds=run.trace.starts[item])
        hours = (9, 17) if run.trace.agent_of[item] == 0 else (15, 23)
        assert hours[0] <= at.hour < hours[1]
        assert at.weekday() < 5
    rules = RuleSet.from_text('rule "all" assign to agents where agent.active = true by least loaded')
    assert simulate(rules, agents, workload, seed=4).outcomes == {"served": 200}


def test_inactive_agents_get_nothing() -> None:
    run = simulate("random", [Agent(id="gone", active=False), Agent(id="here")], BUSY, seed=1)
    assert run.counts == {"gone": 0, "here": 1_500}
    assert run.jain == 0.5


def test_waiting_and_credit_raise_priorities() -> None:
    rows = [
        {"id": "first", "arrival": 0, "service": 100},
        {"id": "old", "arrival": 1, "service": 1, "priority": 0},
        {"id": "urgent", "arrival": 90, "service": 1, "priority": 1},
        {"id": "credited", "arrival": 95, "service": 1, "priority": 0, "wait_credit": 200},
    ]

    def turn(ageing: Ageing) -> list[str]:
        run = simulate("longest idle", 1, Workload.from_rows(rows), seed=1, ageing=ageing)
        return [run.arrivals.id_at(item) for item in sorted(run.served, key=run.trace.starts.__getitem__)]

    assert turn(Ageing()) == ["first", "urgent", "old", "credited"]
    assert turn(Ageing(half_step=60)) == ["first", "credited", "old", "urgent"]
    assert turn(Ageing(half_step=60, max_boost=0.5)) == ["first", "urgent", "old", "credited"]


def test_quotas_places_and_ratings_are_known_to_orders() -> None:
    agents = [
        Agent(id="north", location=(39.9, 116.4), quota=1, quota_period="hour", rating=3, rated=9),
        Agent(id="south", location=(23.1, 113.3), quota=3, quota_period="hour", rating=5, rated=9),
    ]
    rows = [(n * 60, 1, {"location": (39, 116) if n % 4 else (23, 113)}) for n in range(120)]
    workload = Workload.from_rows(rows)
    assert simulate("nearest", agents, workload, seed=1).counts == {"north": 90, "south": 30}
    assert simulate("quota", agents, workload, seed=1).counts == {"north": 30, "south": 90}
    assert simulate("best rated", agents, workload, seed=1).counts == {"north": 0, "south": 120}
    assert simulate("fair share", agents, workload, seed=1).counts == {"north": 60, "south": 60}


def test_a_hosts_own_order_is_asked() -> None:
    class ByName:
        def key(self, candidate: object, question: object) -> str:  # noqa: ARG002
            return candidate.agent_id  # type: ignore[attr-defined, no-any-return]

    run = simulate(ByName(), ["b", "a"], BUSY, seed=1)  # type: ignore[arg-type]
    assert run.counts == {"b": 0, "a": 1_500}


def test_what_cannot_be_simulated_is_refused() -> None:
    with pytest.raises(UnknownStrategyError):
        simulate("lest loaded", 2, BUSY, seed=1)
    for wrong in (42, [], [1]):
        with pytest.raises(ConfigurationError, match="neither a RuleSet nor an order"):
            simulate(wrong, 2, BUSY, seed=1)  # type: ignore[arg-type]
    for agents in ([], 0, [Agent(id="a"), Agent(id="a")], [{"name": "no id"}]):
        with pytest.raises(ConfigurationError):
            simulate("random", agents, BUSY, seed=1)
    for span in ({"until": 0}, {"warm_up": -1}, {"until": 10, "warm_up": 10}):
        with pytest.raises(ConfigurationError):
            simulate("random", 2, BUSY, seed=1, **span)  # type: ignore[arg-type]
    both = RuleSet.from_text("""
        rule "a" for customers assign to agent "a"
        rule "b" for tasks assign to agent "a"
    """)
    with pytest.raises(ConfigurationError, match="customers and tasks"):
        simulate(both, ["a"], BUSY, seed=1)


def test_progress_is_told_to_the_end() -> None:
    told: list[tuple[int, int]] = []
    simulate("random", 2, BUSY, seed=1, progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (1_500, 1_500)


def test_rules_that_draw_draw_anew_in_each_replication() -> None:
    rules = RuleSet.from_text('rule "all" assign to agents where agent.active = true by random')
    rows = Workload.from_rows([(second, 0.1) for second in range(40)])
    one, other = (simulate(rules, MIXED, rows, seed=1, replication=number).trace.agent_of for number in (0, 1))
    assert one != other


def test_parts_of_a_capacity_count() -> None:
    agents = [Agent(id="half", capacity={"customers": 2.5}), Agent(id="three", capacity={"customers": 3})]
    for order in ("least loaded", "round robin", "weighted balance"):
        run = simulate(order, agents, Workload.poisson(3, 1, arrivals=300), seed=1)
        assert sum(run.counts.values()) == 300


def test_the_same_seed_gives_the_same_run() -> None:
    one, other = (simulate("two choices", MIXED, BUSY, seed="x") for _ in range(2))
    assert one.trace == other.trace
    assert one.trace != simulate("two choices", MIXED, BUSY, seed="y").trace
