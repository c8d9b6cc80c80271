"""Explaining: turns what a decision looked at into the explanation as data, when somebody asks.

The verdict holds frozen records and its own candidates, so that asking later gives the same bytes as asking at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from assignkit.desk.deciding.choosing import Search
from assignkit.desk.deciding.deciding import Attempt, Verdict
from assignkit.desk.deciding.filtering import Exclusion
from assignkit.desk.deciding.periods import period_end
from assignkit.model.availability import available_from
from assignkit.model.explanation import Explanation, RuleTrial, StepTrial
from assignkit.model.frozen import FrozenDict, FrozenList, freeze
from assignkit.model.happening import Facts
from assignkit.rules.plan import Always
from assignkit.strategies.base import Candidate, Question
from assignkit.strategies.chain import OrderChain

_THROUGH_ALL = 0  # no rule is at this position


@dataclass(frozen=True, slots=True)
class Told:
    """An explanation that is ready."""

    why: Explanation

    def __call__(self) -> Explanation:
        """Return it."""
        return self.why


@dataclass(slots=True)
class Untold:
    """An explanation that is worked out when somebody asks; other processes get it ready, without the verdict."""

    verdict: Verdict
    seed: str

    def __call__(self) -> Explanation:
        """Return it."""
        return explain_verdict(self.verdict, seed=self.seed)

    def __reduce__(self) -> tuple[type[Told], tuple[Explanation]]:
        return Told, (self(),)


def explain_verdict(verdict: Verdict, *, seed: str, dry_run: bool = False) -> Explanation:
    """Return the full explanation of a verdict: rules tried, every candidate kept, runner-up and counterfactuals."""
    world = verdict.case.world
    zone = ZoneInfo(world.zone)
    return Explanation(
        kind=world.kind,
        item_id=verdict.case.item_id,
        at=world.now.astimezone(zone),
        outcome=verdict.outcome,
        dry_run=dry_run,
        agent_id=verdict.agent.id if verdict.agent else verdict.holder_id,
        rule=verdict.rule.name if verdict.rule else None,
        step=verdict.step.number if verdict.step else None,
        pool=verdict.pool,
        queue=verdict.queue,
        next_retry_at=_local(verdict.next_retry_at, zone),
        reasons=verdict.reasons,
        rules=_rule_trials(verdict),
        steps=tuple(
            StepTrial.model_validate(_step_facts(attempt, world.zone, verdict)) for attempt in verdict.attempts
        ),
        notes=tuple(_notes(verdict)),
        together=verdict.together,
        rules_version=world.rules.version,
        seed=seed,
    )


def history_facts(verdict: Verdict) -> Facts:
    """Return what gives what the history keeps of a verdict, JSON-ready: bounded, and free of personal data.

    It is put into words when the history is read: most of it never is.
    """
    world, attempts = verdict.case.world, verdict.attempts
    facts = Said(attempts, world.zone, world.rules.version, verdict.together)
    for attempt in attempts:
        search = attempt.search
        if search is not None and search.chain is not None and search.chain.hosted:
            said = facts()  # a host's order may say something else later, or fail
            return lambda: said
    return facts


@dataclass(slots=True)
class Said:
    """What the history keeps of some attempts, when it is read."""

    attempts: Sequence[Attempt]
    zone: str
    version: str
    together: Mapping[str, Any] | None

    def __call__(self) -> dict[str, Any]:
        """Return it, JSON-ready."""
        steps = FrozenList([_step_facts(attempt, self.zone) for attempt in self.attempts])
        told = {"steps": steps, "rules_version": self.version}
        return told if self.together is None else {**told, "together": freeze(self.together)}


def _step_facts(attempt: Attempt, zone: str, verdict: Verdict | None = None) -> FrozenDict:
    """Return the fields of a `StepTrial`, JSON-ready; without the verdict, also without what conditions read.

    Only what differs from the defaults is there.
    """
    facts: dict[str, Any] = {
        "step": attempt.step.number,
        "action": attempt.step.text,
        "rule": attempt.rule.name,
        "result": attempt.result,
    }
    if attempt.due_at is not None:
        facts["due_at"] = attempt.due_at.astimezone(ZoneInfo(zone)).isoformat()
    counts = {attempt.absent: 1} if attempt.absent else {}
    search = attempt.search
    if search is not None:
        counts |= {code: search.counts[code] for code in sorted(search.counts)}
        facts["members"], facts["examined"] = search.members, search.examined
        facts["candidates"] = FrozenList(_candidates(search, verdict))
        if search.winner is not None:
            facts["winner"] = search.winner.agent_id
        if search.runner_up is not None:
            facts["runner_up"] = search.runner_up.agent_id
    if counts:
        facts["counts"] = FrozenDict(counts)
    return FrozenDict(facts)


def _excluded(candidate: Candidate, exclusion: Exclusion, search: Search, verdict: Verdict | None) -> FrozenDict:
    """Return the fields of a `CandidateView` of an agent that was left out."""
    facts: dict[str, Any] = {"agent_id": candidate.agent_id, "code": exclusion.code}
    detail = _jsonable(exclusion.detail)
    if verdict is not None:
        world = verdict.case.world
        hint = _hint(candidate, exclusion, search, verdict)
        if hint is not None:
            facts["hint"] = hint
        values = world.values_read(exclusion.terms, candidate.agent, exclusion.facts)
        if values:
            detail["values"] = [value.model_dump(mode="json") for value in values]
    if detail:
        facts["detail"] = freeze(detail)
    return FrozenDict(facts)


def _rule_trials(verdict: Verdict) -> tuple[RuleTrial, ...]:
    world = verdict.case.world
    passed = {rule.position for rule in verdict.passed}
    trials = world.trials(until=verdict.rule.position if verdict.rule else _THROUGH_ALL)
    return tuple(
        trial.model_copy(update={"verdict": "passed over"}) if trial.position in passed else trial for trial in trials
    )


def _candidates(search: Search, verdict: Verdict | None) -> Iterator[FrozenDict]:
    for rank, candidate in enumerate(search.ranked, start=1):
        facts: dict[str, Any] = {"agent_id": candidate.agent_id, "rank": rank, "key": words_for(candidate, search)}
        if search.chances is not None:
            facts["chance"] = float(search.chances[candidate.agent_id])
        yield FrozenDict(facts)
    for candidate, exclusion in search.excluded:
        yield _excluded(candidate, exclusion, search, verdict)


def words_for(candidate: Candidate, search: Search) -> tuple[str, ...]:
    """Return the candidate's keys in words."""
    if search.chain is None or search.question is None:
        return ()
    return in_words(candidate, search.chain, search.question)


def in_words(candidate: Candidate, chain: OrderChain, question: Question) -> tuple[str, ...]:
    """Return the candidate's keys in words, each once: `skill match` ends in the words of `least loaded`."""
    said = chain.describe(candidate, question)
    return said if len(said) == 1 else tuple(dict.fromkeys(said))


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
    if exclusion.absent is not None:
        back = back_from(exclusion, world.now, world.zone)
        return f"eligible from: {back.isoformat()}" if back is not None else None
    if exclusion.code == "excluded":
        until = _excluded_until(verdict)
        return f"eligible from: {until.isoformat()}" if until is not None else "until all declined"
    return None


def back_from(exclusion: Exclusion, now: datetime, zone: str) -> datetime | None:
    """Return when an absent agent is there again, in `zone`; None for never, or for who may come at any time."""
    if exclusion.absent is None:
        return None
    return _local(available_from(exclusion.absent, now, zone=zone), ZoneInfo(zone))


def _excluded_until(verdict: Verdict) -> datetime | None:
    placement = verdict.case.placement
    until = verdict.excluded_until or (placement.excluded_until if placement is not None else None)
    return _local(until, ZoneInfo(verdict.case.world.zone))


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


def _jsonable(detail: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value if isinstance(value, str | int | list | None) else str(value) for key, value in detail.items()}
