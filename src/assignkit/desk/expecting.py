"""Expecting: says beforehand which rotations and items a unit on a shared store is going to need.

Items are matched before anything is locked, and again when they are decided, which is what counts: an item that changed
in between is decided rightly, and merely locks a rotation later than others do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from assignkit.desk.deciding.world import World
from assignkit.desk.receiving import Received, owner_of
from assignkit.desk.session import Session
from assignkit.errors import AssignkitError
from assignkit.rules.plan import AgentsWhere, AssignTo, Continue, Rule, Split, TeamTarget


def foreseen_nothing(record: object) -> None:
    """Return None: nothing was matched before."""


def expect(
    session: Session, items: Iterable[Received | None], *, foreseen: Callable[[object], Rule | None] = foreseen_nothing
) -> None:
    """Lock, in the global order, what deciding the items may need, and bring the directory up to date.

    `foreseen` gives the one rule that matches a record, where that is known already.
    """
    expected = [received for received in items if received is not None]
    keys = {(received.kind, received.item_id) for received in expected}
    rotations: set[str] = set()
    if session.unit.alone:  # nothing has to be locked in order; what is foreseen is read together
        rules = {rule.position: rule for received in expected if (rule := foreseen(received.record)) is not None}
        for rule in rules.values() if session.directory.is_shared else ():
            rotations.update(_of_rule(session, rule))
    else:
        for received in expected:
            rule = foreseen(received.record)
            if rule is None or not _settles(rule):
                rotations.update(_rotations(session, received))
            else:
                rotations.update(_of_rule(session, rule))
    session.directory.expect(session.unit, sorted(rotations), sorted(keys))


def _rotations(session: Session, received: Received) -> Iterator[str]:
    record = received.record
    # Who holds the item, or a task's customer, is not asked: that would lock before the rotations are.
    owner = session.directory.agent(owner_of(record))
    world = World(session.rules, received.kind, record, owner, None, session.now, session.zone)
    try:
        for rule in world.matches():
            yield from _of_rule(session, rule)
            if _settles(rule):
                return
    except AssignkitError:
        return  # it is raised again, and told, when the item is decided


def _settles(rule: Rule) -> bool:
    return not any(isinstance(step.action, Continue) for step in rule.steps)


def _of_rule(session: Session, rule: Rule) -> Iterator[str]:
    for step in rule.steps:
        action = step.action
        if isinstance(action, AssignTo | Split):
            chain = session.chains.chain(action.orders)
            targets = (action.target,) if isinstance(action, AssignTo) else (part.target for part in action.parts)
            yield from (chain.rotation(t.label) for t in targets if isinstance(t, TeamTarget | AgentsWhere))
