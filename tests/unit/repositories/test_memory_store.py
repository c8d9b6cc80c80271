"""What the store in memory does beyond the contracts: hosts' repositories, units that are over, finding what is off."""
# A unit of work raises as a whole.
# ruff: noqa: PT012

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from pydantic import ValidationError

from assignkit.errors import AlreadyExistsError, ConfigurationError, InUseError, NotFoundError
from assignkit.model.agent import Agent
from assignkit.model.customer import Customer
from assignkit.model.placement import AgentLoad, Seat
from assignkit.model.record import Item
from assignkit.model.task import Task
from assignkit.model.team import Category, Pool, Team
from assignkit.repositories.base import Repository
from assignkit.repositories.memory import MemoryStore
from assignkit.testing.samples import assigned, happened, placed


class HostError(Exception):
    pass


class Hosted:
    """A host's repository: records of another store, and a log of what was asked of its transactions."""

    def __init__(self, log: list[str], name: str, *, fails_at: str = "") -> None:
        self._log = log
        self._name = name
        self._fails_at = fails_at
        self._records: Repository[Any] = MemoryStore().items(name)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever a repository has
        return getattr(self._records, name)

    def begin(self) -> None:
        self._note("begin")

    def commit(self) -> None:
        self._note("commit")

    def rollback(self) -> None:
        self._note("rollback")

    def _note(self, what: str) -> None:
        self._log.append(f"{self._name} {what}")
        if self._fails_at == what:
            raise HostError(what)


class Folding:
    """A host's repository whose database does not tell capitals from small letters."""

    def __init__(self, noun: str) -> None:
        self._records: Any = getattr(MemoryStore(), noun)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever a repository has
        return getattr(self._records, name)

    def find(self, id: str) -> Any:  # noqa: ANN401 - of any noun
        return self._records.find(str(id).lower())

    def get(self, id: str) -> Any:  # noqa: ANN401 - of any noun
        return self._records.get(str(id).lower())


@pytest.mark.parametrize("noun", ["customers", "tasks", "agents", "teams", "pools", "categories"])
def test_no_record_of_a_host_is_found_under_two_ids(noun: str) -> None:
    store = MemoryStore(**{noun: Folding(noun)})
    model = {"customers": Customer, "tasks": Task, "agents": Agent, "teams": Team, "pools": Pool}.get(noun, Category)
    records = getattr(store, noun)
    records.add(model(id="abc"))
    records.add(model(id="17"))
    for ask in (records.find, records.get):
        assert (ask("abc").id, ask(17).id) == ("abc", "17")
        with pytest.raises(ConfigurationError, match=f"the repository of {noun} was asked for `ABC` and gives `abc`"):
            ask("ABC")
    assert records.find("other") is None


def hosting(log: list[str], *, fails_at: str = "") -> MemoryStore:
    first: Any = Hosted(log, "first")
    second: Any = Hosted(log, "second", fails_at=fails_at)
    return MemoryStore(items={"first": first, "second": second, "second again": second})


def test_a_hosts_transactions_follow_the_unit() -> None:
    log: list[str] = []
    with hosting(log).unit():
        log.append("work")
    assert log == ["first begin", "second begin", "work", "first commit", "second commit"]


def test_a_hosts_transactions_are_rolled_back_newest_first() -> None:
    log: list[str] = []
    with pytest.raises(ZeroDivisionError), hosting(log).unit():
        raise ZeroDivisionError
    assert log[2:] == ["second rollback", "first rollback"]


def test_an_inner_unit_is_a_savepoint_of_the_host() -> None:
    log: list[str] = []
    store = hosting(log)
    with store.unit():
        with pytest.raises(ZeroDivisionError), store.unit():
            raise ZeroDivisionError
        log.append("work")
    assert log[2:7] == ["first begin", "second begin", "second rollback", "first rollback", "work"]
    assert log[7:] == ["first commit", "second commit"]


def test_a_host_that_cannot_begin_leaves_nothing_open() -> None:
    log: list[str] = []
    store = hosting(log, fails_at="begin")
    with pytest.raises(HostError), store.unit():
        pass
    assert log == ["first begin", "second begin", "first rollback"]
    assert_free(store)


def test_a_host_that_cannot_commit_takes_our_writes_back() -> None:
    store = hosting([], fails_at="commit")
    with pytest.raises(HostError), store.unit() as unit:
        unit.agents.add(Agent(id="li"))
    assert store._books.agents.find("li") is None
    assert_free(store)


def test_a_host_that_cannot_roll_back_does_not_keep_others_from_it() -> None:
    log: list[str] = []
    store = hosting(log, fails_at="rollback")
    with pytest.raises(HostError), store.unit() as unit:
        unit.agents.add(Agent(id="li"))
        raise ZeroDivisionError
    assert log[2:] == ["second rollback", "first rollback"]
    assert store._books.agents.find("li") is None
    assert_free(store)


def assert_free(store: MemoryStore) -> None:
    """Another thread gets the store at once."""
    taken: list[bool] = []
    thread = threading.Thread(target=lambda: taken.append(store._work._lock.acquire(blocking=False)))
    thread.start()
    thread.join()
    assert taken == [True]


def test_an_empty_repository_of_a_host_is_used() -> None:
    class Empty:
        def __len__(self) -> int:
            return 0

        def find(self, id: str) -> Customer:
            return Customer(id=id, name="from the host")

    hosted: Any = Empty()
    found = MemoryStore(customers=hosted).customers.find("c1")
    assert found is not None
    assert found.name == "from the host"


@pytest.mark.parametrize("given", [5, object(), MemoryStore(), Folding])
def test_what_is_no_repository_is_refused(given: Any) -> None:  # noqa: ANN401 - whatever a host hands over
    for hosted in ({"customers": given}, {"agents": given}, {"teams": given}, {"items": {"deals": given}}):
        with pytest.raises(ConfigurationError, match="is no repository"):
            MemoryStore(**hosted)


@pytest.mark.parametrize("items", [5, "x", [1], {5: None}, {" ": None}, {"agents": None}], ids=repr)
def test_a_host_s_items_are_repositories_by_kind(items: Any) -> None:  # noqa: ANN401 - whatever a host hands over
    with pytest.raises(ConfigurationError, match=r"repositories by kind|no kind of item"):
        MemoryStore(items=items)


def test_a_kind_that_is_given_twice_is_refused() -> None:
    ours = MemoryStore()
    with pytest.raises(ConfigurationError, match="customers"):
        MemoryStore(customers=ours.customers, items={"customers": ours.items("deals")})


def test_customers_may_come_as_items() -> None:
    hosted = MemoryStore().items("leads")
    hosted.add(Customer(id="c1"))
    store = MemoryStore(items={"customers": hosted})
    assert store.customers.get("c1") == store.items("customers").get("c1") == hosted.get("c1")


def test_a_hosts_agents_are_guarded_as_ours() -> None:
    hosted = MemoryStore().agents
    store = MemoryStore(agents=hosted)
    li = store.agents.add(Agent(id="li", capacity={"customers": 5}))
    store.loads.put(AgentLoad(agent_id="li", kind="customers", load=4, ceiling=5))
    store.agents.save(li.model_copy(update={"capacity": {"customers": 1}}))
    load = store.loads.find("li", "customers")
    assert load is not None
    assert load.ceiling == 4
    store.placements.put(placed(agent_id="li"), expected_fence=None)
    with pytest.raises(InUseError):
        store.agents.remove("li")
    assert hosted.get("li").version == 2


def test_changes_of_a_hosts_agents_are_not_kept_track_of() -> None:
    assert MemoryStore(agents=MemoryStore().agents).changes(None) is None


def test_a_cursor_that_was_never_given_asks_for_everything() -> None:
    store = MemoryStore()
    store.agents.add(Agent(id="li"))
    for cursor in (-1, 99):
        changes = store.changes(cursor)
        assert changes is not None
        assert changes.agent_ids is None
        assert store.changes(changes.cursor) == store.changes(None)


def test_changes_name_each_agent_once_and_only_since_the_cursor() -> None:
    store = MemoryStore()
    store.agents.add(Agent(id="li"))
    start = store.changes(None)
    assert start is not None
    for _ in range(3):
        store.rotations.put_seat("East", Seat(agent_id="wu"))
    store.agents.add(Agent(id="zu"))
    store.agents.remove("zu")
    found = store.changes(start.cursor)
    assert found is not None
    assert found.agent_ids == frozenset({"wu", "zu"})


def test_a_unit_that_is_over_takes_no_writes() -> None:
    store = MemoryStore()
    with store.unit() as unit:
        pass
    with pytest.raises(ConfigurationError, match="over"):
        unit.agents.add(Agent(id="li"))
    assert store.agents.list() == []


def test_an_instant_without_a_zone_is_refused() -> None:
    store = MemoryStore()
    naive = placed(state="waiting", since=datetime(2026, 1, 1))  # noqa: DTZ001 - the point
    with pytest.raises(ConfigurationError, match="zone"):
        store.placements.put(naive, expected_fence=None)
    assert store.placements.in_state("waiting") == []


def test_an_assignment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValidationError, match="timezone"):
        assigned("a1", assigned_at=datetime(2026, 1, 1))  # noqa: DTZ001 - the point


def test_integer_ids_are_found() -> None:
    store = MemoryStore()
    store.customers.add(Customer(id=7))
    customers: Any = store.customers
    assert customers.get(7).id == "7"
    customers.remove(7)
    assert customers.find(7) is None


def test_errors_name_the_noun() -> None:
    store = MemoryStore()
    with pytest.raises(NotFoundError, match="no deal `d1`"):
        store.items("deals").get("d1")
    store.agents.add(Agent(id="li"))
    with pytest.raises(AlreadyExistsError, match="agent `li`"):
        store.agents.add(Agent(id="li"))
    for item_id, state in (("c1", "held"), ("c2", "offered")):
        store.placements.put(placed(item_id, agent_id="li", state=state), expected_fence=None)
    with pytest.raises(InUseError, match="holds 1 item and is offered 1 item"):
        store.agents.remove("li")
    store.placements.put(placed(agent_id="li", state="offered"), expected_fence=1)
    with pytest.raises(InUseError, match="the agent is offered 2 items"):
        store.agents.remove("li")
    store.placements.put(placed(fence=2), expected_fence=1)
    with pytest.raises(InUseError, match="the agent is offered 1 item"):
        store.agents.remove("li")


def test_an_event_happens_once() -> None:
    store = MemoryStore()
    event = store.history.append(happened("e1"))
    store.outbox.append(event)
    with pytest.raises(AlreadyExistsError):
        store.history.append(happened("e1"))
    with pytest.raises(AlreadyExistsError):
        store.outbox.append(event)
    assert (store.history.since(0), store.outbox.pending()) == ([event], [event])


def test_the_facts_of_a_pending_event_are_a_snapshot() -> None:
    store = MemoryStore()
    facts = {"key": ["1"]}
    store.outbox.append(happened("e1", facts=facts))
    facts["key"].append("2")
    assert store.outbox.pending()[0].facts == {"key": ["1"]}


def test_the_repositories_show_what_they_can_do() -> None:
    store = MemoryStore()
    assert {"add", "get", "find", "save", "remove", "list"} <= set(dir(store.customers))
    assert store.customers.add.__doc__
    with pytest.raises(AttributeError):
        store.customers._records  # type: ignore[attr-defined]  # noqa: B018 - reading it is the point


# --- what the check finds

OFF: dict[str, Callable[[MemoryStore], object]] = {
    "without an open assignment": lambda store: _hold(store, "c1", assignment=False),
    "is open for": lambda store: store.assignments.add(assigned("a1")),
    "names assignment": lambda store: _hold(store, "c1", named="a9"),
    "but items of effort": lambda store: store.loads.put(AgentLoad(agent_id="li", kind="customers", load=2)),
    "but no load": lambda store: _hold(store, "c1", load=False),
    "which is not known": lambda store: store.rotations.put_seat("East", Seat(agent_id="li")),
    "never happened": lambda store: store.outbox.append(happened("e9")),
    "index `_of_agent` of placements": lambda store: store._books.placements._of_agent.clear(),
    "index `_in_state` of placements": lambda store: store._books.placements._in_state.update(
        waiting={("customers", "c0"): None}
    ),
    "index `_open_of_agent` of assignments": lambda store: store._books.assignments._open_of_agent.clear(),
    "index `_arrivals` of assignments": lambda store: store._books.assignments._arrivals.clear(),
    "event `e0` has number": lambda store: store._books.history._events.reverse(),
    "index of events by id": lambda store: store._books.history._numbers.clear(),
    "index of events by item": lambda store: store._books.history._of_item.clear(),
    "journal of changes": lambda store: store._books.journal._last.update(li=99),
    "above the ceiling": lambda store: store._books.loads._of_agent.update(
        wu={"customers": AgentLoad(agent_id="wu", kind="customers", load=1, ceiling=0)}
    ),
}


def _hold(
    store: MemoryStore, item_id: str, *, assignment: bool = True, named: str | None = None, load: bool = True
) -> None:
    id = f"a-{item_id}"
    store.placements.put(placed(item_id, agent_id="wu", assignment_id=named or id), expected_fence=None)
    if assignment:
        store.assignments.add(assigned(id, item_id, agent_id="wu"))
    if load:
        held = len(store.placements.of_agent("wu"))
        store.loads.put(AgentLoad(agent_id="wu", kind="customers", load=held))
    else:
        store._books.loads._of_agent.clear()


@pytest.mark.parametrize("problem", OFF)
def test_the_check_names_what_is_off(problem: str) -> None:
    store = MemoryStore()
    _hold(store, "c0")
    for number in range(2):
        store.outbox.append(store.history.append(happened(f"e{number}")))
    store._check()
    OFF[problem](store)
    with pytest.raises(AssertionError, match=problem):
        store._check()


def test_nouns_of_a_host_may_be_others() -> None:
    hosted = MemoryStore().teams
    store = MemoryStore(teams=hosted)
    store.teams.add(Team(id="East"))
    assert hosted.get("East").version == 1
    assert store.items("East").list() == []
    assert store.items("deals").add(Item(id="x")).effort == 1
