"""What a caller should not have handed in: told in one sentence of the library's own, with nothing changed."""

from __future__ import annotations

from collections import UserList
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from assignkit import (
    Agent,
    ConfigurationError,
    Customer,
    Desk,
    InvalidItemError,
    ManualClock,
    MemoryStore,
    NotFoundError,
    Page,
    RuleSet,
    Team,
)
from tests.unit.desk.making import NOON, TO_EAST, OpenDesk, east

Make = Callable[..., OpenDesk]
NOUNS = ("customers", "tasks", "agents", "teams", "pools", "categories")


@pytest.fixture
def desk(make: Make) -> OpenDesk:
    return make(TO_EAST, east("li", "wang"))


# --- records


@pytest.mark.parametrize("noun", NOUNS)
@pytest.mark.parametrize("method", ["add", "save"])
@pytest.mark.parametrize("given", [{"id": "x"}, "x", None, Team(id="x"), Agent(id="x")], ids=repr)
def test_what_is_no_record_of_the_noun_is_not_stored(desk: OpenDesk, noun: str, method: str, given: object) -> None:
    records = getattr(desk, noun)
    if given == Team(id="x") and noun == "teams":
        return
    if given == Agent(id="x") and noun == "agents":
        return
    with pytest.raises(ConfigurationError, match="is of the class"):
        getattr(records, method)(given)
    assert records.find("x") is None


@pytest.mark.parametrize("noun", NOUNS)
def test_no_record_has_an_id_that_is_none(desk: OpenDesk, noun: str) -> None:
    for given in (None, [], {}, 1.5):
        assert getattr(desk, noun).find(given) is None
        with pytest.raises(NotFoundError):
            getattr(desk, noun).get(given)


def test_ids_are_asked_for_as_integers_too(make: Make) -> None:
    desk = make(TO_EAST, [Agent(id=7, teams={"East"}, manager=9)])
    desk.assign({"id": 17})
    assert [one.id for one in desk.customers.list({"id": 17})] == ["17"]
    assert [one.id for one in desk.customers.list({"id": [17, 18]}, page=Page())] == ["17"]
    assert [one.id for one in desk.customers.list({"owner": 7})] == ["17"]
    assert [one.id for one in desk.agents.list({"manager": 9})] == ["7"]
    assert desk.customers.list({"name": 17}) == []


@pytest.mark.parametrize("noun", NOUNS)
def test_a_page_is_a_page_and_a_filter_a_mapping(desk: OpenDesk, noun: str) -> None:
    with pytest.raises(ConfigurationError, match=r"Page\(limit="):
        getattr(desk, noun).list(page=3)
    with pytest.raises(ConfigurationError, match="a filter maps"):
        getattr(desk, noun).list("id")


# --- text that is none


def test_no_id_holds_half_a_character(desk: OpenDesk) -> None:
    with pytest.raises(ValueError, match="half a character"):
        Customer(id="\ud800")
    given = [{"id": "\ud800"}, {"id": "c1", "revenue": "\ud800"}, {"id": "c2"}]
    decisions = desk.assign_many(given)
    assert [one.outcome for one in decisions] == ["error", "error", "assigned"]
    assert [one.item_id for one in decisions] == [r"\ud800", "c1", "c2"]
    assert decisions[1].reasons == (r"`c1` does not fit: revenue: expected a number, got `\ud800`",)


def test_half_a_character_in_a_field_can_be_told(make: Make) -> None:
    desk = make('rule "X"\n when customer.name = "x" or true\n assign to team "East"', east("li"))
    decision = desk.explain(Customer(id="c1", name="\ud800"))
    assert r'"value":"\ud800"' in decision.to_json()


@pytest.mark.parametrize("field", ["zone", "shifts", "leaves", "weight", "level"])
def test_half_a_character_in_an_agent_is_told_as_what_does_not_fit(field: str) -> None:
    with pytest.raises(ValidationError, match=r"\\ud800"):
        Agent(id="li", **{field: "\ud800"})


# --- who, why, and under which key

NO_TEXTS = ([], {}, b"x", 1.5, True, ..., "\ud800")


def _calls(desk: OpenDesk) -> dict[str, Callable[..., object]]:
    return {
        "assign": lambda **said: desk.assign({"id": "c1"}, **said),
        "assign_many": lambda **said: desk.assign_many([{"id": "c1"}], **said),
        "reassign": lambda actor="a", **said: desk.reassign("c0", "wang", actor=actor, reason="r", **said),
        "release": lambda actor="a", **said: desk.release("c0", actor=actor, reason="r", **said),
        "complete": lambda **said: desk.complete("c0", **said),
        "set_presence": lambda **said: desk.set_presence("li", "away", **said),
        "broadcast": lambda **said: desk.broadcast({"id": "c1"}, ["li"], within=timedelta(minutes=1), **said),
        "publish": lambda actor="a", **said: desk.publish(TO_EAST + "# anew", actor=actor, reason="r", **said),
        "shadow": lambda **said: desk.shadow(TO_EAST, **said),
        "correct_rotation": lambda actor="a", **said: desk.correct_rotation(
            desk.rotations()[0].name, "li", 3, actor=actor, reason="r", **said
        ),
    }


CALLS = (
    "assign",
    "assign_many",
    "reassign",
    "release",
    "complete",
    "set_presence",
    "broadcast",
    "publish",
    "shadow",
    "correct_rotation",
)


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("name", ["actor", "key"])
def test_persons_and_keys_are_texts(desk: OpenDesk, call: str, name: str) -> None:
    desk.assign({"id": "c0"})
    before = desk.store.history.since(0)
    for given in NO_TEXTS:
        with pytest.raises(ConfigurationError, match=f"`{name}`"):
            _calls(desk)[call](**{name: given})
    assert desk.store.history.since(0) == before


def test_persons_and_keys_may_be_integer_ids(desk: OpenDesk) -> None:
    decision = desk.assign({"id": "c1"}, actor=7, key=12)
    assert desk.assign({"id": "c1"}, actor="7", key="12") == decision
    assert desk.history("c1")[0].actor == "7"
    desk.release("c1", actor=8, reason="moved")
    assert [event.model_dump(mode="json")["actor"] for event in desk.history("c1")] == ["7", "8"]


def test_who_moves_an_item_says_so(desk: OpenDesk) -> None:
    desk.assign({"id": "c1"})
    for unsaid in ({"actor": None, "reason": "r"}, {"actor": "a", "reason": None}):
        with pytest.raises(ConfigurationError, match="is missing"):
            desk.release("c1", **unsaid)
        with pytest.raises(ConfigurationError, match="is missing"):
            desk.reassign("c1", "li", **unsaid, force=True)
    assert len(desk.history("c1")) == 1


BLANK = ("", " ", "\t\n", "\u3000")


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("name", ["actor", "key"])
def test_persons_and_keys_are_not_blank(desk: OpenDesk, call: str, name: str) -> None:
    desk.assign({"id": "c0"})
    before = desk.store.history.since(0), desk.publications()
    for given in BLANK:
        with pytest.raises(ConfigurationError, match=f"`{name}` is blank"):
            _calls(desk)[call](**{name: given})
    assert (desk.store.history.since(0), desk.publications()) == before


@pytest.mark.parametrize("given", BLANK)
def test_whoever_says_why_says_something(desk: OpenDesk, given: str) -> None:
    desk.assign({"id": "c0"})
    before = desk.store.history.since(0), desk.publications()
    why = {"actor": "boss", "reason": given}
    for call in (
        lambda: desk.reassign("c0", "wang", **why),
        lambda: desk.reassign("c0", "wang", **why, force=True),
        lambda: desk.release("c0", **why),
        lambda: desk.decline("some offer", 1, given),
        lambda: desk.correct_rotation(desk.rotations()[0].name, "li", 3, **why),
        lambda: desk.publish(TO_EAST + "# anew", **why),
        lambda: desk.withdraw("v", **why),
        lambda: desk.rollback("v", **why),
    ):
        with pytest.raises(ConfigurationError, match="`reason` is blank"):
            call()
    assert (desk.store.history.since(0), desk.publications()) == before


@pytest.mark.parametrize("given", [*BLANK, None])
def test_a_reason_that_may_be_left_out_is_left_out_where_it_says_nothing(desk: OpenDesk, given: str | None) -> None:
    desk.assign({"id": "c0"})
    desk.complete("c0", reason=given)
    assert desk.store.history.since(0)[-1].reason is None


@pytest.mark.parametrize("given", [*BLANK, None, 1.5])
def test_whoever_answers_for_rules_says_who_they_are(desk: OpenDesk, given: object, tmp_path: Path) -> None:
    for call in (
        lambda: desk.approve("v", actor=given),
        lambda: desk.withdraw("v", actor=given, reason="r"),
        lambda: desk.rollback("v", actor=given, reason="r"),
        lambda: desk.reload_from(tmp_path / "some.rules", actor=given),
    ):
        with pytest.raises(ConfigurationError, match="`actor`"):
            call()
    with pytest.raises(ConfigurationError, match="`approvers`"):
        Desk(RuleSet.from_text(TO_EAST), approvers=["boss", given])


def test_a_forced_run_is_in_the_history_also_where_nobody_says_who_forced_it(desk: OpenDesk) -> None:
    desk.assign({"id": "c1"})
    desk.assign("c1", force=True)
    event = desk.history("c1")[-1]
    assert (event.actor, event.reason) == (None, "forced")


def test_a_key_is_for_an_item_with_half_a_character_too(desk: OpenDesk) -> None:
    decision = desk.assign({"id": "c1", "note": "\ud800"}, key="k")
    assert desk.assign({"id": "c1", "note": "\ud800"}, key="k") == decision


def test_approvers_are_several_persons() -> None:
    with pytest.raises(ConfigurationError, match="a list of persons"):
        Desk(RuleSet.from_text(TO_EAST), approvers="boss")


@pytest.mark.parametrize("to", [None, 5, Agent(id="li")], ids=repr)
def test_an_item_is_offered_to_several(desk: OpenDesk, to: object) -> None:
    with pytest.raises(ConfigurationError, match="a list of agents, or to a team"):
        desk.broadcast({"id": "c1"}, to, within=timedelta(minutes=1))


# --- times


@pytest.mark.parametrize("ttl", [60, 0, -1, "an hour", timedelta(0)])
def test_presence_lives_for_a_timedelta(desk: OpenDesk, ttl: object) -> None:
    with pytest.raises(ConfigurationError, match="a timedelta above 0"):
        desk.set_presence("li", "online", ttl=ttl)
    with pytest.raises(ConfigurationError, match="a timedelta above 0"):
        desk.broadcast({"id": "c1"}, ["li"], within=ttl)


def test_presence_that_lasts_beyond_the_calendar_lasts(make: Make) -> None:
    desk = make(TO_EAST, [Agent(id="li", teams={"East"}, presence="online", presence_at=NOON, presence_seconds=10**30)])
    assert desk.assign({"id": "c1"}).agent_id == "li"
    desk.set_presence("li", "online", ttl=timedelta.max)
    assert desk.assign({"id": "c2"}).agent_id == "li"


@pytest.mark.parametrize("effective", ["2027-01-01", 5, date(2027, 1, 1), datetime(2027, 1, 1)])  # noqa: DTZ001
def test_rules_come_into_force_at_an_instant(desk: OpenDesk, effective: object) -> None:
    with pytest.raises(ConfigurationError, match="an instant"):
        desk.publish(TO_EAST + "# anew", actor="a", reason="r", effective=effective)


# --- items and batches


@pytest.mark.parametrize("given", [None, 5, "c1", b"c1", {"id": "c1"}, Customer(id="c1")], ids=repr)
def test_a_batch_is_no_single_item(desk: OpenDesk, given: object) -> None:
    with pytest.raises(ConfigurationError, match="a batch is a list of items"):
        desk.assign_many(given)


@pytest.mark.parametrize("given", [Agent(id="c1"), Team(id="c1"), ("customers", Agent(id="c1"))], ids=repr)
def test_an_agent_is_no_customer(desk: OpenDesk, given: object) -> None:
    for ask in (desk.assign, desk.explain, desk.history, desk.complete):
        with pytest.raises(InvalidItemError, match="is not one of the customers"):
            ask(given)


@pytest.mark.parametrize("rules", [None, 5, b"rule", ["rule"]], ids=repr)
def test_rules_are_a_rule_set_or_a_text(desk: OpenDesk, rules: object) -> None:
    with pytest.raises(ConfigurationError, match="rules are given as a text"):
        desk.publish(rules, actor="a", reason="r")
    with pytest.raises(ConfigurationError, match="rules are given as a text"):
        desk.shadow(rules)


def test_subscribers_can_be_called(desk: OpenDesk) -> None:
    with pytest.raises(ConfigurationError, match="is a function"):
        desk.subscribe("me")


def test_progress_can_be_called(desk: OpenDesk) -> None:
    with pytest.raises(ConfigurationError, match="`progress` is a function"):
        desk.assign_many([{"id": "c1"}], progress=5)
    assert desk.history("c1") == []


@pytest.mark.parametrize("turn", ["x", None, 1.5, float("nan"), True, -1, Decimal(2)])
def test_a_turn_is_exact(desk: OpenDesk, turn: object) -> None:
    desk.assign({"id": "c1"})
    with pytest.raises(ConfigurationError, match="a turn is a number from 0"):
        desk.correct_rotation(desk.rotations()[0].name, "li", turn, actor="a", reason="r")


@pytest.mark.parametrize("offer", [None, [], True])
def test_an_offer_has_a_name(desk: OpenDesk, offer: object) -> None:
    with pytest.raises(ConfigurationError, match="`offer_id`"):
        desk.accept(offer, 1)
    with pytest.raises(ConfigurationError, match="`offer_id`"):
        desk.decline(offer, 1, "busy")


NO_INSTANTS = (None, "2027-01-01", 5, date(2027, 1, 1), datetime(2027, 1, 1))  # noqa: DTZ001


@pytest.mark.parametrize("at", NO_INSTANTS, ids=repr)
def test_the_past_is_asked_for_at_an_instant(desk: OpenDesk, at: object) -> None:
    desk.assign({"id": "c1"})
    asks = [lambda: desk.state_at(at), lambda: desk.holders_at(at), lambda: desk.holder_at("c1", at)]
    for ask in [*asks, *([] if at is None else [lambda: desk.history("c1", until=at)])]:
        with pytest.raises(ConfigurationError, match="is an instant"):
            ask()


# --- what a desk is made with


class _Naive:
    def now(self) -> datetime:
        return datetime(2027, 1, 1)  # noqa: DTZ001 - that is the point


@pytest.mark.parametrize(
    "given",
    [
        {"rules": None},
        {"rules": TO_EAST},
        {"store": 5},
        {"store": MemoryStore},
        {"clock": 5},
        {"clock": NOON},
        {"clock": ManualClock},
        {"clock": _Naive()},
        {"seed": None},
        {"seed": 1.5},
        {"seed": "\ud800"},
        {"zone": None},
        {"zone": 5},
        {"group_commit": "x"},
        {"group_commit": True},
        {"queue": 5},
    ],
)
def test_a_desk_is_made_with_what_it_needs(given: dict[str, object]) -> None:
    with pytest.raises(ConfigurationError):
        Desk(**{"rules": RuleSet.from_text(TO_EAST), **given})


@pytest.mark.parametrize("at", NO_INSTANTS, ids=repr)
def test_a_clock_is_set_to_an_instant(at: object) -> None:
    with pytest.raises(ConfigurationError, match="an aware instant"):
        ManualClock(at)


def test_a_seed_may_be_a_number(make: Make) -> None:
    decisions = [
        [Desk(RuleSet.from_text(TO_EAST), make(TO_EAST, east("li", "wang")).store, seed=seed).assign({"id": "c1"})]
        for seed in (7, "7")
    ]
    assert decisions[0][0].agent_id == decisions[1][0].agent_id


def test_a_batch_has_rows(desk: OpenDesk) -> None:
    rows = desk.assign_many([{"id": "c1"}, "unknown"]).to_rows()
    assert [(row["item_id"], row["outcome"]) for row in rows] == [("c1", "assigned"), ("unknown", "error")]


# --- fences, force, versions


NO_FENCES = ("1", 1.0, True, [], {}, ...)


class Cell:
    """A whole number of a table, of a class of its own, as those of numpy are."""

    def __init__(self, value: int) -> None:
        self.value = value

    def __index__(self) -> int:
        return self.value


def test_a_fence_may_come_from_a_table(desk: OpenDesk) -> None:
    fence: Any = Cell(desk.assign({"id": "c1"}).fence or 0)
    first = desk.release("c1", actor="boss", reason="r", fence=fence, key="k")
    assert first.agent_id is None
    assert desk.release("c1", actor="boss", reason="r", fence=fence, key="k") == first


@pytest.mark.parametrize("fence", NO_FENCES, ids=repr)
def test_a_fence_is_a_whole_number(desk: OpenDesk, fence: Any) -> None:  # noqa: ANN401 - whatever a caller gives
    desk.assign({"id": "c1"})
    (offer,) = desk.broadcast({"id": "c2"}, ["li"], within=timedelta(minutes=1))
    before = desk.store.history.since(0)
    for call in (
        lambda: desk.accept(offer.offer_id, fence),
        lambda: desk.decline(offer.offer_id, fence, "busy"),
        lambda: desk.reassign("c1", "wang", actor="boss", reason="r", fence=fence),
        lambda: desk.release("c1", actor="boss", reason="r", fence=fence),
        lambda: desk.complete("c1", fence=fence),
    ):
        with pytest.raises(ConfigurationError, match="`fence` is a whole number"):
            call()
    for answer in (lambda: desk.accept(offer.offer_id, None), lambda: desk.decline(offer.offer_id, None, "busy")):
        with pytest.raises(ConfigurationError, match="`fence` is missing"):
            answer()
    assert desk.store.history.since(0) == before


@pytest.mark.parametrize("force", ["false", "no", " ", 5, -1, float("nan"), [1], ...], ids=repr)
def test_what_only_looks_true_forces_nothing(desk: OpenDesk, force: Any) -> None:  # noqa: ANN401 - as above
    desk.assign({"id": "c1"})
    for call in (
        lambda: desk.assign("c1", force=force),
        lambda: desk.assign_many(["c1"], force=force),
        lambda: desk.reassign("c1", "wang", actor="boss", reason="r", force=force),
    ):
        with pytest.raises(ConfigurationError, match="`force` is True or False"):
            call()
    assert len(desk.history("c1")) == 1


@pytest.mark.parametrize("version", [None, 5, b"x", [], {}, ...], ids=repr)
def test_a_version_is_a_text(desk: OpenDesk, version: Any) -> None:  # noqa: ANN401 - as above
    for call in (
        lambda: desk.approve(version, actor="boss"),
        lambda: desk.withdraw(version, actor="boss", reason="r"),
        lambda: desk.rollback(version, actor="boss", reason="r"),
        lambda: desk.rules_of(version),
        lambda: desk.shadow_report(version),
    ):
        with pytest.raises(ConfigurationError, match="`version` is a text"):
            call()


@pytest.mark.parametrize("given", [None, [], {}, b"x", 1.5, "", " "], ids=repr)
def test_rotations_and_agents_have_names(make: Make, given: Any) -> None:  # noqa: ANN401 - as above
    desk = make(TO_EAST + " by round robin", east("li"))
    desk.assign({"id": "c1"})
    (rotation,) = desk.rotations()
    with pytest.raises(ConfigurationError, match="`name` is"):
        desk.correct_rotation(given, "li", 1, actor="boss", reason="r")
    with pytest.raises(ConfigurationError, match="`agent_id` is"):
        desk.correct_rotation(rotation.name, given, 1, actor="boss", reason="r")
    assert desk.rotations() == [rotation]


def test_whoever_leaves_a_name_out_is_told_of_names(desk: OpenDesk) -> None:
    for call in (
        lambda: desk.accept("", 1),
        lambda: desk.decline(" ", 1, "busy"),
        lambda: desk.correct_rotation("r", "", 1, actor="boss", reason="r"),
    ):
        with pytest.raises(ConfigurationError, match=r"^`\w+` is blank: what is meant has to be named$"):
            call()


def test_an_offer_ends_within_the_calendar(desk: OpenDesk) -> None:
    with pytest.raises(ConfigurationError, match="within the calendar"):
        desk.broadcast({"id": "c1"}, ["li"], within=timedelta.max)
    assert desk.customers.find("c1") is None


# --- files that are watched, lists, and what a desk is made with


def test_a_file_to_be_watched_is_said_as_such(desk: OpenDesk, tmp_path: Path) -> None:
    path: Any
    for path in (None, 5, b"x", [], "", " "):
        with pytest.raises(ConfigurationError, match="`path` is where the rules are"):
            desk.reload_from(path)
    seconds: Any
    for seconds in (0, -1, float("nan"), float("inf"), 10**400, "5", [], timedelta(1)):
        with pytest.raises(ConfigurationError, match="`every_seconds` is a number"):
            desk.reload_from(tmp_path / "x.rules", every_seconds=seconds)
    told: Any = "me"
    with pytest.raises(ConfigurationError, match="`on_reload` is a function"):
        desk.reload_from(tmp_path / "x.rules", on_reload=told)


@pytest.mark.parametrize("order", [None, 5, True, b"id", (1, 2), [None], {"id": 1}, ...], ids=repr)
@pytest.mark.parametrize("noun", NOUNS)
def test_an_order_names_fields(desk: OpenDesk, noun: str, order: object) -> None:
    with pytest.raises(ConfigurationError, match="an order is a field"):
        getattr(desk, noun).list(order=order)


class Column(str, Enum):  # noqa: UP042 - in which texts look like this, as they do in Django's choices
    """A field of agents."""

    NAME = "-id"


@pytest.mark.parametrize("order", [Column.NAME, [Column.NAME], UserList(["-id"])], ids=["one", "some", "of its own"])
def test_an_order_may_be_made_of_what_are_texts(desk: OpenDesk, order: Any) -> None:  # noqa: ANN401 - as above
    assert [agent.id for agent in desk.agents.list(order=order)] == ["wang", "li"]


@pytest.mark.parametrize("part", [None, "1", 1.5, float("nan"), []], ids=repr)
def test_a_page_has_whole_numbers(desk: OpenDesk, part: Any) -> None:  # noqa: ANN401 - as above
    for page in (Page(limit=part), Page(offset=part)):
        with pytest.raises(ConfigurationError, match="a page has a whole number"):
            desk.agents.list(page=page)


@pytest.mark.parametrize("given", [5, b"boss", {"boss": 1}, ..., 1.5], ids=repr)
def test_approvers_are_a_list(given: Any) -> None:  # noqa: ANN401 - as above
    with pytest.raises(ConfigurationError, match="approvers are a list of persons"):
        Desk(RuleSet.from_text(TO_EAST), approvers=given)


@pytest.mark.parametrize("zone", [None, [], {}, ("Asia", "Shanghai"), b"UTC"], ids=repr)
def test_a_zone_is_a_text(zone: Any) -> None:  # noqa: ANN401 - as above
    with pytest.raises(ConfigurationError, match="`zone` is a text"):
        Desk(RuleSet.from_text(TO_EAST), zone=zone)


def test_what_holds_itself_does_not_fit(desk: OpenDesk) -> None:
    ring: dict[str, Any] = {}
    ring["ring"] = ring
    deep: list[Any] = []
    for _ in range(3000):
        deep = [deep]
    for given in (ring, deep):
        with pytest.raises(InvalidItemError, match="nested 64 deep"):
            desk.assign({"id": "c1", "own": given})
        assert desk.assign_many([{"id": "c1", "own": given}])[0].outcome == "error"


def test_what_an_error_says_can_be_written_anywhere(desk: OpenDesk) -> None:
    with pytest.raises(InvalidItemError) as caught:
        desk.assign({"id": "\ud800"})
    for told in (str(caught.value), caught.value.told("zh")):
        assert "\\ud800" in told
        told.encode()
