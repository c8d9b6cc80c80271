"""Deciding: which rule takes the item, which step finds somebody, what becomes of the item. Writes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal
from zoneinfo import ZoneInfo

from assignkit.desk.deciding.chains import Chains
from assignkit.desk.deciding.choosing import Chooser, Search
from assignkit.desk.deciding.directory import Directory
from assignkit.desk.deciding.filtering import CODES, Demand, Filters
from assignkit.desk.deciding.periods import period_end
from assignkit.desk.deciding.world import World
from assignkit.hashing import stable_hash
from assignkit.model.agent import Agent
from assignkit.model.availability import available_from
from assignkit.model.decision import Outcome
from assignkit.model.placement import Placement, new_rotation
from assignkit.repositories.base import Unit
from assignkit.rules.plan import (
    AgentTarget,
    Always,
    AssignTo,
    Continue,
    HoldInPool,
    HoldInTeam,
    KeepOwner,
    ManagerTarget,
    OrderBy,
    OwnerTarget,
    Reject,
    Rule,
    Split,
    Step,
    Target,
)

_HASH_RANGE = 2**60
EXCLUSION_REST = timedelta(minutes=5)  # after which everybody is asked again, where the rule sets no time to accept


@dataclass(slots=True)
class Case:
    """One item on its way to a decision: what is known of it before any rule is read.

    `limits_count`: the limits of rules hold; somebody who forces a decision lifts them.
    """

    item_id: str
    world: World
    effort: int | Decimal
    placement: Placement | None
    received_at: datetime
    limits_count: bool = True

    @property
    def waited(self) -> timedelta:
        """How long the item has waited since the desk first saw it."""
        return self.world.now - self.received_at

    def filters(self, unit: Unit, directory: Directory, demand: Demand) -> Filters:
        """Return what says who may have the item, by what is asked of an agent."""
        return Filters(
            unit.assignments,
            directory,
            self.world,
            demand,
            effort=self.effort,
            placement=self.placement,
            waited=self.waited,
        )


@dataclass(slots=True)
class Attempt:
    """How one step fared. `absent` says why there was nobody to look at: `no_owner`, `unknown_agent`, ….

    `target` is what assignments through this step are counted under.
    """

    rule: Rule
    step: Step
    result: Literal["chosen", "nobody", "not due", "done"]
    due_at: datetime | None = None
    search: Search | None = None
    absent: str | None = None
    target: str | None = None


@dataclass(slots=True)
class Verdict:
    """What is to become of an item, with every step that was tried on the way, in order."""

    case: Case
    outcome: Outcome
    rule: Rule | None = None
    step: Step | None = None
    agent: Agent | None = None
    holder_id: str | None = None
    target: str | None = None
    pool: str | None = None
    queue: str | None = None
    urgency: Any = 0
    reasons: tuple[str, ...] = ()
    next_retry_at: datetime | None = None
    excluded_until: datetime | None = None
    offer_until: datetime | None = None
    attempts: Sequence[Attempt] = ()
    passed: Sequence[Rule] = ()
    together: Mapping[str, Any] | None = None  # what a batch that chose for many items at once says of this choice

    @property
    def search(self) -> Search | None:
        """The search that found the agent, if one did."""
        return self.attempts[-1].search if self.attempts else None

    def stays_with(self, agent_id: str | None) -> None:
        """Note that the item stays with its holder, or on offer to several, because the rules found nobody else."""
        self.outcome, self.holder_id = ("kept" if agent_id is not None else "offered"), agent_id
        stays = "held" if agent_id is not None else "pending"
        self.reasons = (stays, *(reason for reason in self.reasons if reason != "always"))

    def capture(self) -> None:
        """Keep what an explanation reads of a host's records, so that it stays true when they change."""
        last = self.rule.position if self.rule is not None else None
        world = self.case.world.captured(through=last)
        if world is not self.case.world:
            self.case = replace(self.case, world=world)


@dataclass(slots=True)
class _Trial:
    """One step of a rule being tried on one case."""

    case: Case
    rule: Rule
    step: Step

    def demand(self, target: str) -> Demand:
        return Demand(self.rule.requires, self.rule.limits if self.case.limits_count else (), target)

    def attempt(self, search: Search | None, *, absent: str | None, target: str | None) -> Attempt:
        found = search is not None and search.winner is not None
        result: Literal["chosen", "nobody"] = "chosen" if found else "nobody"
        return Attempt(self.rule, self.step, result, search=search, absent=absent, target=target)


@dataclass(slots=True)
class Decider:
    """Decides cases within one unit of work. `full` looks at every member of every target tried, for a dry run.

    `wanted` is the one agent to look at, where it has been chosen already.
    """

    unit: Unit
    directory: Directory
    chains: Chains
    seed: str
    full: bool = False
    wanted: str | None = None

    def decide(self, case: Case) -> Verdict:
        """Return what the rules make of the case."""
        attempts: list[Attempt] = []
        passed: tuple[Rule, ...] = ()
        rule = case.world.first_match()
        rest: Iterator[Rule] | None = None
        while rule is not None:
            verdict = self._follow(case, rule, attempts)
            if verdict is not None:
                verdict.passed = passed
                return self._guarded(verdict)
            passed = (*passed, rule)
            if rest is None:  # few rules hand items on, so that the others are looked for only now
                rest = case.world.matches()
                next(rest)
            rule = next(rest, None)
        unmatched = Verdict(case, "unmatched", reasons=("no_rule",), attempts=attempts, passed=passed)
        return self._guarded(unmatched)

    def options(self, case: Case) -> Iterator[Attempt]:
        """Yield the due steps that find somebody, in the order in which they are tried; the last may need nobody."""
        for rule in case.world.matches():
            for step in rule.steps:
                if step.after is not None and case.world.now < case.received_at + step.after:
                    return
                attempt = self._try(case, rule, step)
                if attempt.result == "done" and isinstance(step.action, Continue):
                    break
                if attempt.result != "nobody":
                    yield attempt
                if attempt.result == "done":
                    return
            else:
                return

    def giving(self, case: Case, rule: Rule, step: Step, agent_id: str) -> Attempt:
        """Return how a step fares that is to find one agent who has been chosen already."""
        return replace(self, wanted=agent_id)._try(case, rule, step)  # noqa: SLF001 - one of our own

    def taking(self, case: Case, attempt: Attempt) -> Verdict:
        """Return the verdict of an option that was taken."""
        return self._guarded(self._found(case, attempt, [attempt]))

    def _follow(self, case: Case, rule: Rule, attempts: list[Attempt]) -> Verdict | None:
        """Return the verdict of a rule that matched, or None if it hands the item on to the next."""
        tried: list[Attempt] = []
        for step in rule.steps:
            due_at = case.received_at + step.after if step.after is not None else None
            if due_at is not None and case.world.now < due_at:
                tried.append(Attempt(rule, step, "not due", due_at=due_at))
                break  # it holds back the steps behind it
            attempt = self._try(case, rule, step)
            tried.append(attempt)
            if attempt.result == "nobody":
                continue
            if isinstance(step.action, HoldInTeam):
                break
            attempts += tried
            return None if isinstance(step.action, Continue) else self._found(case, attempt, attempts)
        attempts += tried
        return self._waiting(case, rule, tried, attempts)

    def _try(self, case: Case, rule: Rule, step: Step) -> Attempt:
        action = step.action
        trial = _Trial(case, rule, step)
        if isinstance(action, AssignTo):
            return self._assign(trial, action.target, action.orders)
        if isinstance(action, Split):
            return self._assign(trial, part_of(action, rule, self.seed, case.item_id), action.orders)
        if isinstance(action, KeepOwner):
            return self._keep(trial, action)
        return Attempt(rule, step, "done")

    def _assign(self, trial: _Trial, target: Target, orders: tuple[OrderBy, ...]) -> Attempt:
        if isinstance(target, OwnerTarget | ManagerTarget | AgentTarget):
            agent, absent = self._named(trial.case, target)
            return self._one(trial, agent, absent or "", trial.demand(target.label))
        chain = self.chains.chain(orders)
        name = chain.rotation(target.label)
        rotation = self.unit.rotations.find(name) or new_rotation(name=name)
        self.directory.locked(self.unit, name)
        roster = self.directory.roster(target, trial.case.world)
        filters = trial.case.filters(self.unit, self.directory, trial.demand(roster.label))
        chooser = Chooser(self.unit, self.directory, trial.case.world, self.seed, trial.rule.prefers, full=self.full)
        if self.wanted is None:
            search = chooser.choose(roster, chain, rotation, trial.case.item_id, filters)
        else:
            search = chooser.one_of(roster, chain, rotation, trial.case.item_id, filters, agent_id=self.wanted)
        absent = None if search.members else "no_members"
        return trial.attempt(search, absent=absent, target=roster.label)

    def _named(self, case: Case, target: OwnerTarget | ManagerTarget | AgentTarget) -> tuple[Agent | None, str | None]:
        """Return the one agent that a target names, or why there is none."""
        if isinstance(target, AgentTarget):
            agent = self.directory.agent(target.agent_id)
            return agent, None if agent else "unknown_agent"
        owner = case.world.owner
        if owner is None:
            return None, "no_owner"
        if isinstance(target, OwnerTarget):
            return owner, None
        manager = self.directory.agent(owner.manager)
        return manager, None if manager else "no_manager"

    def _keep(self, trial: _Trial, action: KeepOwner) -> Attempt:
        if action.even_if_full:
            demand = Demand(trial.rule.requires, target="owner", capacity_counts=False)
        else:
            demand = trial.demand("owner")
        return self._one(trial, trial.case.world.owner, "no_owner", demand)

    def _one(self, trial: _Trial, agent: Agent | None, absent: str, demand: Demand) -> Attempt:
        """Return how the step fares whose target is one agent; `absent` says why there may be none."""
        if agent is None:
            return trial.attempt(None, absent=absent, target=demand.target)
        chooser = Chooser(self.unit, self.directory, trial.case.world, self.seed, full=self.full)
        search = chooser.single(agent, trial.case.filters(self.unit, self.directory, demand))
        return trial.attempt(search, absent=None, target=demand.target)

    def _found(self, case: Case, attempt: Attempt, attempts: list[Attempt]) -> Verdict:
        """Return the verdict of a step that settles the item."""
        rule, step, action = attempt.rule, attempt.step, attempt.step.action
        verdict = Verdict(case, "assigned", rule=rule, step=step, target=attempt.target, attempts=attempts)
        if attempt.search is not None and attempt.search.winner is not None:
            verdict.agent = attempt.search.winner.agent
            held = case.placement is not None and case.placement.agent_id == verdict.agent.id
            verdict.outcome = "kept" if held or isinstance(action, KeepOwner) else "assigned"
            if verdict.outcome == "assigned" and rule.accept_within is not None:
                verdict.outcome, verdict.offer_until = "offered", case.world.now + rule.accept_within
        elif isinstance(action, HoldInPool):
            verdict.outcome, verdict.pool = "pooled", action.pool
        elif isinstance(action, Reject):
            verdict.outcome, verdict.reasons = "rejected", (action.reason,)
        return verdict

    def _waiting(self, case: Case, rule: Rule, tried: list[Attempt], attempts: list[Attempt]) -> Verdict:
        """Return that the item waits, for what has been tried so far: in the queue of its rule, or of a team."""
        reasons = dict.fromkeys(code for attempt in tried for code in _codes(attempt))
        next_retry_at = _next_retry(case, rule, tried)
        excluded_until = _end_before(case)
        if excluded_until is None and _excludes_somebody(case) and tried[-1].result != "not due":
            excluded_until = _end_of_exclusion(case, rule, next_retry_at)
        if excluded_until is not None:
            next_retry_at = min(excluded_until, next_retry_at or excluded_until)
        return Verdict(
            case,
            "waiting",
            rule=rule,
            step=tried[-1].step,
            queue=_queue(rule, tried[-1].step),
            urgency=self._urgency(case, rule),
            reasons=tuple(reasons),
            next_retry_at=next_retry_at,
            excluded_until=excluded_until,
            attempts=attempts,
        )

    def _urgency(self, case: Case, rule: Rule) -> Any:  # noqa: ANN401 - an exact number of any kind
        value = case.world.value(rule.urgency) if rule.urgency is not None else None
        return 0 if value is None else value

    def _guarded(self, verdict: Verdict) -> Verdict:
        """Add the reason `always` where the item has nobody although a guard says that it always must."""
        if verdict.agent is not None:
            return verdict
        world = verdict.case.world
        if any(
            isinstance(guard, Always) and guard.kind == world.kind and world.holds(guard.item_term)
            for guard in world.rules.guards
        ):
            verdict.reasons = (*verdict.reasons, "always")
        return verdict


def _queue(rule: Rule, step: Step) -> str:
    return f'team "{step.action.team}"' if isinstance(step.action, HoldInTeam) else f'rule "{rule.name}"'


def part_of(action: Split, rule: Rule, seed: str, item_id: str) -> Target:
    """Return the part of a split that the item falls into: stable by item id, exact in its shares."""
    point = Fraction(stable_hash(seed, rule.name, item_id), _HASH_RANGE)
    reached = Fraction(0)
    for part in action.parts:
        reached += Fraction(part.share)
        if point < reached:
            return part.target
    return action.parts[-1].target


def _codes(attempt: Attempt) -> Iterable[str]:
    if attempt.result == "not due":
        return ("not_due",)
    if attempt.absent is not None:
        return (attempt.absent,)
    return sorted(attempt.search.counts, key=CODES.index) if attempt.search is not None else ()


def _next_retry(case: Case, rule: Rule, tried: list[Attempt]) -> datetime | None:
    """Return the first instant at which time alone may change the outcome, or None if it never will."""
    now = case.world.now
    instants = [attempt.due_at for attempt in tried if attempt.due_at is not None]
    codes = {code for attempt in tried for code in _codes(attempt)}
    if "require" in codes:
        instants += [case.received_at + r.relax_after for r in rule.requires if r.relax_after is not None]
    if "limit" in codes:
        zone = ZoneInfo(case.world.zone)
        instants += [period_end(now, limit.period, zone) for limit in rule.limits if limit.period is not None]
    absent = {agent.id: agent for attempt in tried if attempt.search for agent in attempt.search.absent}
    returns = (available_from(agent, now, zone=case.world.zone) for agent in absent.values())
    instants += [at for at in returns if at is not None]
    ahead = [at for at in instants if at > now]
    return min(ahead) if ahead else None


def _excludes_somebody(case: Case) -> bool:
    """Return whether somebody declined the item and is not asked again yet, whatever else keeps them from it now."""
    return case.placement is not None and bool(case.placement.excluded_at(case.world.now))


def _end_before(case: Case) -> datetime | None:
    """Return when those who declined are asked again, if that is set and still ahead: it stays, whoever is away now."""
    set_before = case.placement.excluded_until if case.placement is not None else None
    return set_before if set_before is not None and set_before > case.world.now else None


def _end_of_exclusion(case: Case, rule: Rule, next_retry_at: datetime | None) -> datetime:
    """Return when those who declined are asked again, now that no step is left."""
    rest = case.world.now + (rule.accept_within or EXCLUSION_REST)
    return rest if next_retry_at is None else min(rest, next_retry_at)
