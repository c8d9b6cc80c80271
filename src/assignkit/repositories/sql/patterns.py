"""How grants along the same terms are spelled: once with blanks, which are then filled in for each of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from assignkit.model.building import altered
from assignkit.model.grant import Grant, Path
from assignkit.repositories.sql.mapping import event_data_of, happening_data, model_data, placement_data
from assignkit.repositories.sql.spelling import Blank, filled_in, is_sound, spell_all

_KEPT_AS = "patterns of SQL stores"

_BY_ALL = 4  # the first values of every grant: its id, its instant, the item's id, the agent's

Fill = Callable[[Sequence[str]], str]


@dataclass(frozen=True, slots=True)
class Patterns:
    """The documents of grants along the same terms, but for what differs."""

    placement: Fill  # of id, instant, instant
    assignment: Fill  # of id, item id, agent's id, instant
    event: Fill | None  # of `Grant.values`


class Spelled(NamedTuple):
    """The documents of one grant: of its placement, its assignment and its event."""

    placement: str
    assignment: str
    event: str


def spelled(grant: Grant) -> Spelled:
    """Return what a grant's rows keep, the same as if each were spelled by itself."""
    patterns: Patterns | None = grant.terms.kept.get(_KEPT_AS)
    if patterns is None:
        patterns = grant.terms.kept[_KEPT_AS] = _patterns_for(grant)
    event = None
    if patterns.event is not None:
        values = spell_all(grant.values())
        id, at, item_id, agent_id = values[:_BY_ALL]
        event = patterns.event(values)
    else:
        id, at, item_id, agent_id = spell_all((grant.id, grant.at, grant.item_id, grant.agent.id))
    return Spelled(
        patterns.placement((id, at, at)),
        patterns.assignment((id, item_id, agent_id, at)),
        event if event is not None and is_sound(event) else happening_data(grant),
    )


def _patterns_for(grant: Grant) -> Patterns:
    in_place: dict[str, Any] = {"assignment_id": Blank(0), "received_at": Blank(1), "since": Blank(2)}
    in_assignment = {"id": Blank(0), "item_id": Blank(1), "agent_id": Blank(2), "assigned_at": Blank(3)}
    event = None
    if grant.terms.varying is not None:
        fields: Any = grant.fields()
        for number, paths in enumerate(grant.terms.varying):
            for path in paths:
                fields = _with_blank(fields, path, number)
        event = filled_in(event_data_of(fields, id=grant.id))
    return Patterns(
        filled_in(placement_data(replace(grant.placement(), **in_place))),
        filled_in(model_data(altered(grant.assignment(), in_assignment), of=grant.id)),
        event,
    )


def _with_blank(node: Any, path: Path, number: int) -> Any:  # noqa: ANN401 - fields, facts, or what stands in them
    if not path:
        return Blank(number)
    first, *rest = path
    if isinstance(node, Mapping):
        return {name: _with_blank(one, tuple(rest), number) if name == first else one for name, one in node.items()}
    return [_with_blank(one, tuple(rest), number) if place == first else one for place, one in enumerate(node)]
