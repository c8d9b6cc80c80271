"""Explaining on a store: what stands there decides, and nothing is written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from zoneinfo import ZoneInfo

from assignkit.cli.assign_in_store import desk_on
from assignkit.cli.bootstrap import Inputs, Read, read_rules
from assignkit.cli.bringing import bring_agents, compare_agents, fields_of_stored, with_stored_agents
from assignkit.cli.exits import USAGE, fail
from assignkit.cli.explain import Asked, item_of
from assignkit.cli.stores import Place, opened
from assignkit.messages.text import say
from assignkit.model.agent import Agent
from assignkit.model.explanation import Explanation
from assignkit.model.record import Item
from assignkit.repositories.base import Page, Store
from assignkit.rules.naming import kind_told

_LOOKED_AT = 2_000  # stored items whose fields rules may speak of


class _TakenBackError(Exception):
    """Ends a unit of work of which nothing is to be kept."""


def explain_in_store(asked: Asked, inputs: Inputs, read: Read, place: Place) -> Explanation:
    """Return why the item is where it is, or what would become of it now; agents of a file count as if brought."""
    with opened(place) as store:
        known = with_stored_agents(read, compare_agents(store, read.agents).agents)
        sought = asked.sought
        item: Item | tuple[str, str]
        if sought.item is None or inputs.customers is not None or inputs.tasks is not None:
            item, known = item_of(sought, inputs, known)
        else:
            kind = sought.kind.value
            item, known = (kind, sought.item), _with_stored_items(known, store, kind, sought.item, place)
        rules = read_rules(asked.rules, known)
        desk = desk_on(store, rules, path=asked.rules, clock=asked.clock, seed=asked.seed, zone=inputs.zone)
        why = _as_if_brought(store, read.agents, lambda: desk.explain(item))
    local = why.at.astimezone(ZoneInfo(inputs.zone)) if why.at is not None else None
    return why.model_copy(update={"at": local})


def _with_stored_items(read: Read, store: Store, kind: str, item_id: str, place: Place) -> Read:
    """Return what is known with the fields of stored items, the one that is asked for first of all."""
    asked = store.items(kind).find(item_id)
    if asked is None:
        fail(say("cli.not_in_store", item=item_id, kind=kind_told(kind), place=place), USAGE)
    kinds = {kind, "customers"}  # rules about tasks may speak of their customers
    for each in sorted(kinds):
        samples = store.items(each).list(page=Page(limit=_LOOKED_AT))
        read = read.with_columns(each, fields_of_stored(each, [*samples, asked] if each == kind else samples))
    return read


def _as_if_brought(store: Store, agents: Sequence[Agent], ask: Callable[[], Explanation]) -> Explanation:
    if not agents:
        return ask()
    found: list[Explanation] = []
    with suppress(_TakenBackError), store.unit():
        bring_agents(store, agents)
        found.append(ask())
        raise _TakenBackError
    return found[0]
