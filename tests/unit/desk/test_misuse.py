"""What a caller should not have handed in: told in one sentence of the library's own, with nothing changed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pydantic import ValidationError

from assignkit import Agent, ConfigurationError, Customer, NotFoundError, Page, Team
from tests.unit.desk.making import TO_EAST, OpenDesk, east

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
