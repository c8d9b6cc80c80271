"""Availability: who says that they are there, and whose work on an item is over."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from assignkit.desk.committing.committing import Why
from assignkit.desk.said import is_span
from assignkit.desk.session import Session
from assignkit.errors import (
    AlreadyExistsError,
    ConfigurationError,
    ConflictError,
    InvalidTransitionError,
    NotFoundError,
)
from assignkit.model.agent import Agent
from assignkit.model.assignment import Event
from assignkit.model.availability import present
from assignkit.model.decision import Decision

PRESENCES = ("online", "away", "offline")


def set_presence(session: Session, agent_id: str, state: str, *, ttl: timedelta | None, actor: str | None) -> Agent:
    """Write what an agent says of its presence; who comes back is signed on from now."""
    if state not in PRESENCES:
        msg = f"presence is {', '.join(PRESENCES[:-1])} or {PRESENCES[-1]}, not `{state}`"
        raise ConfigurationError(msg)
    if ttl is not None and not is_span(ttl):
        msg = f"presence needs time to live, a timedelta above 0: ttl={ttl!r}"
        raise ConfigurationError(msg)
    agent = session.unit.agents.get(agent_id)
    was_there = agent.presence is not None and present(agent, session.now)
    told = {
        "presence": state,
        "presence_at": session.now,
        "presence_seconds": _seconds(ttl) if ttl is not None else None,
    }
    if state == "online" and not was_there:
        told["signed_on_at"] = session.now
    saved = session.unit.agents.save(agent.model_copy(update=told))
    if agent.presence != state or was_there != (state == "online"):
        facts = {"presence": state, "before": agent.presence}
        _record(session, saved, facts, actor)
    return saved


def complete(
    session: Session, kind: str, item_id: str, *, fence: int | None, actor: str | None, reason: str | None
) -> Decision:
    """Take the item off its holder's hands as done; its load is free again at once."""
    placement = session.unit.placements.find(kind, item_id)
    if placement is None:
        raise NotFoundError(noun=session.rules.schema.items[kind].root, key=item_id)
    if fence is not None and fence != placement.fence:
        raise ConflictError(what=f"the fence of {kind} `{item_id}`", expected=fence, found=placement.fence)
    if placement.state != "held":
        raise InvalidTransitionError(item_id=item_id, state=placement.state, attempted="complete it")
    why = Why(origin="person", rule=placement.rule, actor=actor or placement.agent_id, reason=reason)
    after = session.committer.put_down(placement, "done", because="completed")
    event = session.committer.record("completed", after, facts={"from": placement.agent_id}, why=why)
    decision = Decision(
        kind=kind,
        item_id=item_id,
        outcome="done",
        fence=after.fence,
        reasons=("completed",),
        rules_version=session.rules.version,
        at=session.now,
    )
    return decision.explained_by(event.explanation)


def _seconds(ttl: timedelta) -> int | float:
    seconds = ttl.total_seconds()
    return int(seconds) if seconds.is_integer() else seconds


def _record(session: Session, agent: Agent, facts: Mapping[str, object], actor: str | None) -> None:
    event = Event(
        id=f"agents:{agent.id}:{agent.version}",
        type="presence",
        at=session.now,
        kind="agents",
        item_id=agent.id,
        agent_id=agent.id,
        actor=actor,
        facts=dict(facts),
    )
    try:
        session.tell(event)
    except AlreadyExistsError:  # somebody of this id was here before, was removed, and had this version too
        number = len(session.unit.history.of_item("agents", agent.id)) + 1
        session.tell(event.model_copy(update={"id": f"agents:{agent.id}:again:{number}"}))
