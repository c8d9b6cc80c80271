"""Handing out, one grant after the other: what every store's own way of doing it has to come to."""

from __future__ import annotations

from assignkit.model.grant import HandOut
from assignkit.repositories.base import Unit


def hand_out_one_by_one(unit: Unit, out: HandOut, *, told: bool) -> None:
    """Write grants by what a unit can do besides; raises what that raises.

    `ConflictError` for an item that is here already, or for a load beyond its bounds, `AlreadyExistsError` for a record
    or an event that is here already.
    """
    for grant in out.grants:
        unit.rely_on(grant.agent)
        unit.placements.put(grant.placement(), expected_fence=None)
        unit.assignments.add(grant.assignment())
        unit.items(grant.kind).add(grant.record())
    write_totals(unit, out)
    for grant in out.grants:
        unit.record(grant, told=told)


def write_totals(unit: Unit, out: HandOut) -> None:
    """Write what all grants together did to loads and rotations."""
    for load in out.loads:
        unit.loads.put(load)
    for rotation, seats in out.turns.values():
        unit.rotations.put(rotation)
        for seat in seats:
            unit.rotations.put_seat(rotation.name, seat)
