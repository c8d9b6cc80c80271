"""Asking why: before a decision (dry run), about one agent, and after, from the history."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from assignkit.desk.assigning import dry_run, owner_to_adopt
from assignkit.desk.deciding.deciding import Attempt, Verdict
from assignkit.desk.deciding.explaining import explain_verdict
from assignkit.desk.receiving import Received
from assignkit.desk.session import Session
from assignkit.desk.waiting.draining import Queue
from assignkit.desk.waiting.queues import place_in_line
from assignkit.model.agent import Agent
from assignkit.model.explanation import CandidateView, Explanation, StepTrial
from assignkit.model.wording import moment_told


def explain_now(session: Session, received: Received, queue: Queue) -> Explanation:
    """Return what would become of the item now, every candidate looked at; for a held one, how it got there.

    Of one that waits, also where it is in line.
    """
    placement = session.placement(received)
    if placement.revision == 0 and (owner := owner_to_adopt(session, received)) is not None:
        return _adopted(session, received, owner)
    if not placement.taken:
        _, verdict = dry_run(session, received)
        why = explain_verdict(verdict, seed=session.seed, dry_run=True)
        return why.model_copy(update={"notes": (*why.notes, *_in_line(session, received, queue))})
    events = session.unit.history.of_item(received.kind, received.item_id)
    last = next(event for event in reversed(events) if event.type not in ("corrected", "accepted")).explanation()
    zone = ZoneInfo(session.zone)
    since = moment_told(placement.since.astimezone(zone))
    note = f"{placement.agent_id} holds it since {since}; no rule is run for a held item"
    held = {"outcome": "kept", "agent_id": placement.agent_id, "reasons": ("held",), "notes": (*last.notes, note)}
    return last.model_copy(update={"at": last.at and last.at.astimezone(zone), **held})


def _in_line(session: Session, received: Received, queue: Queue) -> Iterator[str]:
    found = place_in_line(session, queue, (received.kind, received.item_id))
    if found is not None:
        view, count = found
        yield f"in line, of {count}: {view.to_text()}"


def _adopted(session: Session, received: Received, owner: Agent) -> Explanation:
    return Explanation(
        kind=received.kind,
        item_id=received.item_id,
        at=session.now.astimezone(ZoneInfo(session.zone)),
        outcome="kept",
        dry_run=True,
        agent_id=owner.id,
        reasons=("held",),
        notes=(f"it comes with {owner.id} as its owner; no rule is run for a held item",),
        rules_version=session.rules.version,
        seed=session.seed,
    )


def explain_why_not(session: Session, agent: Agent, received: Received) -> Explanation:
    """Return why the agent does not get the item now: which step it would have to come through, and what stops it."""
    placement = session.placement(received)
    _, verdict = dry_run(session, received)
    why = explain_verdict(verdict, seed=session.seed, dry_run=True)
    steps = [
        _about(agent, attempt, trial)
        for attempt, trial in zip(verdict.attempts, why.steps, strict=True)
        if attempt.search is not None or attempt.absent is not None
    ]
    notes = list(_summary(agent, verdict, steps))
    if placement.taken:
        notes.insert(0, f"{placement.agent_id} holds it; no rule is run for a held item")
    elif placement.revision == 0 and (owner := owner_to_adopt(session, received)) is not None:
        notes.insert(0, f"it comes with {owner.id} as its owner; no rule is run for a held item")
    return why.model_copy(update={"steps": tuple(steps), "notes": (*notes, *why.notes)})


def _about(agent: Agent, attempt: Attempt, trial: StepTrial) -> StepTrial:
    """Return the step with this agent and the winner only."""
    kept = [view for view in trial.candidates if view.agent_id in (agent.id, trial.winner)]
    if all(view.agent_id != agent.id for view in kept):
        kept.append(CandidateView(agent_id=agent.id, code="not_member", detail={"target": attempt.target}))
    return trial.model_copy(update={"candidates": tuple(kept), "counts": {}})


def _summary(agent: Agent, verdict: Verdict, steps: list[StepTrial]) -> Iterator[str]:
    if verdict.rule is None:
        yield "no rule matches this item"
    elif verdict.agent is not None and verdict.agent.id == agent.id:
        yield f"{agent.id} would be chosen"
    elif not steps:
        yield f'rule "{verdict.rule.name}" gives it to no agent: {verdict.attempts[-1].step.text}'
    for step in steps:
        for view in step.candidates:
            if view.agent_id == agent.id and view.code is None and step.winner != agent.id:
                yield f"{agent.id} is eligible, and is number {view.rank} in line behind {step.winner}"
