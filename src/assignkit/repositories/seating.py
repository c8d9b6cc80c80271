"""Seating, one agent after the other: what every store's own way of reading seats and loads has to come to."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from assignkit.repositories.base import Seated, Unit


def seated_one_by_one(unit: Unit, wanted: Mapping[str, Collection[str]]) -> Iterator[Seated]:
    """Yield what a unit's repositories have of these agents, by rotation."""
    for rotation, agent_ids in wanted.items():
        for agent_id, loads in unit.loads.of_agents(agent_ids).items():
            yield Seated(rotation, agent_id, unit.rotations.seat(rotation, agent_id), loads)
