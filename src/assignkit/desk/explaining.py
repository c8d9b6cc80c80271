"""Explaining: turns what a decision looked at into the explanation as data, when somebody asks.

The verdict holds frozen records and its own candidates, so that asking later gives the same bytes as asking at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from assignkit.desk.choosing import Search
from assignkit.desk.deciding import Attempt, Verdict
from assignkit.desk.filtering import Exclusion
from assignkit.desk.periods import period_end
from assignkit.desk.world import World
from assignkit.model.agent import Agent
from assignkit.model.explanation import CandidateView, Explanation, RuleTrial, StepTrial
from assignkit.rules.plan import Always
from assignkit.strategies.base import Candidate

_THROUGH_ALL = 0  # no rule is at this position


def explain_verdict(verdict: Verdict, *, seed: str, outcome: str | None = None) -> Explanation:
    """Return the full explanation of a verdict: rules tried, every candidate kept, runner-up and counterfactuals."""
    world = verdict.case.world
    zone = ZoneInfo(world.zone)
    return Explanation(
        kind=world.kind,
        item_id=verdict.case.item_id,
        at=world.now.astimezone(zone),
        outcome=outcome or verdict.outcome,
        agent_id=verdict.agent.id if verdict.agent else None,
        rule=verdict.rule.name if verdict.rule else None,
        step=verdict.step.number if verdict.step else None,
        pool=verdict.pool,
        queue=verdict.queue,
        next_retry_at=_local(verdict.next_retry_at, zone),
        reasons=verdict.reasons,
        rules=_rule_trials(verdict),
        steps=tuple(step_trial(attempt, verdict, private=False) for attempt in verdict.attempts),
        notes=tuple(_notes(verdict)),
        rules_version=world.rules.version,
        seed=seed,
    )


def history_facts(verdict: Verdict) -> dict[str, Any]:
    """Return what the history keeps of a verdict, JSON-ready: bounded, and free of personal data."""
    steps = [
        step_trial(attempt, verdict, private=True).model_dump(mode="json", exclude_defaults=True)
        for attempt in verdict.attempts
    ]
    return {"steps": steps, "rules_version": verdict.case.world.rules.version}


def step_trial(attempt: Attempt, verdict: Verdict, *, private: bool) -> StepTrial:
    """Return how one step fared; `private` leaves out the values that conditions read."""
    zone = ZoneInfo(verdict.case.world.zone)
    search = attempt.search
    trial = StepTrial(
        step=attempt.step.number,
        action=attempt.step.text,
        rule=attempt.rule.name,
        result=attempt.result,
        due_at=_local(attempt.due_at, zone),
        counts={attempt.absent: 1} if attempt.absent else {},
    )
    if search is None:
        return trial
    return trial.model_copy(
        update={
            "members": search.members,
            "examined": search.examined,
            "counts": {**trial.counts, **{code: search.counts[code] for code in sorted(search.counts)}},
            "candidates": tuple(_candidates(search, verdict, private=private)),
            "winner": search.winner.agent_id if search.winner else None,
            "runner_up": search.runner_up.agent_id if search.runner_up else None,
        }
    )


def exclusion_view(agent: Agent, exclusion: Exclusion, world: World, *, hint: str | None = None) -> CandidateView:
    """Return how an agent that was left out is shown, with the values that the condition read."""
    detail = dict(exclusion.detail)
    if exclusion.term is not None:
        values = world.values_read(exclusion.term, agent, exclusion.facts)
        detail["values"] = [value.model_dump(mode="json") for value in values]
    return CandidateView(agent_id=agent.id, code=exclusion.code, detail=_jsonable(detail), hint=hint)


def _rule_trials(verdict: Verdict) -> tuple[RuleTrial, ...]:
    world = verdict.case.world
    passed = {rule.position for rule in verdict.passed}
    trials = world.trials(until=verdict.rule.position if verdict.rule else _THROUGH_ALL)
    return tuple(
        trial.model_copy(update={"verdict": "passed over"}) if trial.position in passed else trial for trial in trials
    )


def _candidates(search: Search, verdict: Verdict, *, private: bool) -> Iterator[CandidateView]:
    world = verdict.case.world
    for rank, candidate in enumerate(search.ranked, start=1):
        yield CandidateView(agent_id=candidate.agent_id, rank=rank, key=_key(candidate, search))
    for candidate, exclusion in search.excluded:
        if private:
            detail = _jsonable(dict(exclusion.detail))
            yield CandidateView(agent_id=candidate.agent_id, code=exclusion.code, detail=detail)
        else:
            hint = _hint(candidate, exclusion, search, verdict)
            yield exclusion_view(candidate.agent, exclusion, world, hint=hint)


def _key(candidate: Candidate, search: Search) -> tuple[str, ...]:
    if search.chain is None or search.question is None:
        return ()
    return tuple(search.chain.describe(candidate, search.question))


def _hint(candidate: Candidate, exclusion: Exclusion, search: Search, verdict: Verdict) -> str | None:
    """Return what would have made the difference, as `code: value`, or None if no single measure would."""
    world = verdict.case.world
    if exclusion.code == "capacity":
        enough = exclusion.detail["capacity"] - exclusion.detail["effort"]
        if enough < 0:
            return None
        return f"{'would win' if _would_win(candidate, enough, search) else 'would be eligible'}: {enough}"
    if exclusion.code == "limit" and exclusion.detail["period"] is not None:
        zone = ZoneInfo(world.zone)
        at = period_end(world.now, exclusion.detail["period"], zone).astimezone(zone)
        return f"eligible from: {at.isoformat()}"
    return None


def _would_win(candidate: Candidate, load: Any, search: Search) -> bool:  # noqa: ANN401 - an exact number of any kind
    """Return whether the agent would be chosen if it carried just `load`, everything else being equal."""
    winner = search.winner
    if winner is None:
        return True
    if search.chain is None or search.question is None or search.chain.rotating:
        return False
    lighter = replace(candidate, load=load)
    return search.chain.rank([winner, lighter], search.question)[0] is lighter


def _notes(verdict: Verdict) -> Iterator[str]:
    world = verdict.case.world
    if "always" in verdict.reasons:
        for guard in world.rules.guards:
            if isinstance(guard, Always) and guard.kind == world.kind and world.holds(guard.item_term):
                yield f"this item must always be assigned: `{guard.text}`"
    for attempt in verdict.attempts:
        if attempt.absent == "no_members":
            yield f"{attempt.target} has no members"
        elif attempt.absent == "unknown_agent":
            yield f"{attempt.target} is not known to the desk"


def _local(at: datetime | None, zone: ZoneInfo) -> datetime | None:
    return at.astimezone(zone) if at is not None else None


def _jsonable(detail: dict[str, Any]) -> dict[str, Any]:
    return {key: value if isinstance(value, str | int | list | None) else str(value) for key, value in detail.items()}
