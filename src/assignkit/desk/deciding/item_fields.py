"""What orders and queues read of an item beside its rules: its category, its place."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from assignkit.desk.deciding.world import World
from assignkit.rules.facts import find


def category_of(world: World) -> str | None:
    """Return the item's category: the first of the rules' that it meets, else what its field `category` says."""
    for category in world.rules.categories:
        if category.kind == world.kind and world.holds(category.term):
            return category.name
    told = field_of(world, "category")
    return None if told is None else str(told)


def field_of(world: World, name: str) -> Any:  # noqa: ANN401 - whatever the host keeps there
    """Return a field of the item, or of the customer that a task is for; a mapping of the host's is read too."""
    value = None
    for record in (world.record, world.customer):
        with suppress(Exception):  # a host's property may raise anything; there is then nothing to go by
            value = find(record, (name,)) if record is not None else None
        if value is not None:
            return value
    return None
