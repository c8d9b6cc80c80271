"""`backtest`: recorded decisions against what other rules would have decided, agent by agent and rule by rule."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from assignkit.model.agent import Agent
from assignkit.reporting.fairness import gini, jain
from assignkit.reporting.off_policy import Logged, OffPolicy, off_policy
from assignkit.rules.ruleset import RuleSet
from assignkit.simulation.histories import Recorded, win_rate
from assignkit.simulation.replaying import WITH_AGENT, Progress, Replayed, check_agents, replay

# What the recorded decision would have broken under the new rules; being further down a list breaks nothing.
BREACHES = frozenset({"inactive", "on_leave", "off_shift", "away", "excluded", "require", "guard", "capacity", "limit"})


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentChange:
    """One agent: what it had on record, and what it would have had. `win_rate` is won / (won + lost) on record."""

    agent_id: str
    recorded: int
    replayed: int
    kept: int
    won: int
    lost: int
    win_rate: float

    @property
    def change(self) -> int:
        """How many items more it would have had."""
        return self.replayed - self.recorded


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleChange:
    """One rule: how many items it decides, how many of them move, and how those it decides fared on record."""

    rule: str | None
    items: int
    moved: int
    win_rate: float


@dataclass(frozen=True)
class Backtest:
    """What the rules would have done with the recorded items: the items that `moved` changed hands, or lost them."""

    replayed: Sequence[Replayed]
    agent_ids: tuple[str, ...]
    rule_names: tuple[str, ...]
    against: str = "the record"

    @cached_property
    def moved(self) -> list[Replayed]:
        """The items that somebody else has, or nobody."""
        return [one for one in self.replayed if one.moved]

    @property
    def moved_part(self) -> float:
        """The part of all items that move; 0 for an empty history."""
        return len(self.moved) / len(self.replayed) if self.replayed else 0.0

    @cached_property
    def unassigned(self) -> list[Replayed]:
        """The items that nobody has under the rules."""
        return [one for one in self.replayed if one.outcome not in WITH_AGENT]

    @property
    def unassigned_part(self) -> float:
        """The part of all items that nobody has."""
        return len(self.unassigned) / len(self.replayed) if self.replayed else 0.0

    @property
    def dead_rules(self) -> list[str]:
        """The rules that decided nothing, in their order."""
        alive = {one.rule for one in self.replayed}
        return [name for name in self.rule_names if name not in alive]

    @property
    def breaches(self) -> dict[str, int]:
        """How many recorded decisions the rules would not have allowed, by reason."""
        return {code: count for code, count in self.reasons.items() if code in BREACHES}

    @property
    def reasons(self) -> dict[str, int]:
        """Why recorded agents do not have their items, the commonest first."""
        return dict(Counter(one.why_not for one in self.replayed if one.why_not is not None).most_common())

    @cached_property
    def agents(self) -> list[AgentChange]:
        """Each agent's change, those with nothing included, who gains most first."""
        had = Counter(one.record.agent_id for one in self.replayed)
        has = Counter(one.agent_id for one in self.replayed)
        kept = Counter(one.agent_id for one in self.replayed if not one.moved)
        records: dict[str | None, list[Recorded]] = {}
        for one in self.replayed:
            records.setdefault(one.record.agent_id, []).append(one.record)
        known = {*self.agent_ids, *had, *has} - {None}
        found = [
            AgentChange(
                agent_id=str(agent),
                recorded=had[agent],
                replayed=has[agent],
                kept=kept[agent],
                won=sum(record.won is True for record in records.get(agent, ())),
                lost=sum(record.won is False for record in records.get(agent, ())),
                win_rate=win_rate(records.get(agent, ())),
            )
            for agent in known
        ]
        return sorted(found, key=lambda change: (-change.change, change.agent_id))

    @cached_property
    def rules(self) -> list[RuleChange]:
        """Each rule's items, in the order of the rules; rules that are dead with 0, items without a rule last."""
        by_rule: dict[str | None, list[Replayed]] = {name: [] for name in self.rule_names}
        for one in self.replayed:
            by_rule.setdefault(one.rule, []).append(one)
        return [
            RuleChange(
                rule=rule,
                items=len(items),
                moved=sum(one.moved for one in items),
                win_rate=win_rate([one.record for one in items]),
            )
            for rule, items in by_rule.items()
        ]

    @property
    def win_rate(self) -> float:
        """The part of the items with a final outcome that was won, on record; NaN if none has one."""
        return win_rate([one.record for one in self.replayed])

    @property
    def fairness(self) -> dict[str, float]:
        """Jain's index and the Gini coefficient before and after, all agents counted."""
        before, after = ([getattr(one, side) for one in self.agents] for side in ("recorded", "replayed"))
        return {
            "jain_recorded": jain(before),
            "jain_replayed": jain(after),
            "gini_recorded": gini(before),
            "gini_replayed": gini(after),
        }

    def estimate(self, *, confidence: float = 0.95) -> OffPolicy:
        """Return what the rules would have been worth, from items that were decided by chance; see `off_policy`."""
        logged = [
            Logged(
                agent_id=one.record.agent_id,
                reward=one.record.value,
                propensity=one.record.propensity,
                chances=one.chances,
                group=one.rule,
            )
            for one in self.replayed
            if one.record.agent_id is not None and one.record.value is not None
        ]
        return off_policy(logged, confidence=confidence)

    def to_rows(self) -> list[dict[str, Any]]:
        """Return one row per item: who had it, who would have it, by which rule, and why not the first."""
        return [
            {
                "item_id": one.record.item_id,
                "at": one.record.at,
                "recorded": one.record.agent_id,
                "replayed": one.agent_id,
                "outcome": one.outcome,
                "rule": one.rule,
                "moved": one.moved,
                "why_not": one.why_not,
            }
            for one in self.replayed
        ]

    def to_data(self) -> dict[str, Any]:
        """Return the findings as JSON-ready data; what cannot be told is None."""
        estimate = self.estimate()
        found: dict[str, Any] = _plain(
            {
                "items": len(self.replayed),
                "against": self.against,
                "moved": len(self.moved),
                "moved_part": self.moved_part,
                "unassigned": len(self.unassigned),
                "unassigned_part": self.unassigned_part,
                "dead_rules": self.dead_rules,
                "breaches": self.breaches,
                "reasons": self.reasons,
                "win_rate": self.win_rate,
                "fairness": self.fairness,
                "agents": [{**asdict(change), "change": change.change} for change in self.agents],
                "rules": [asdict(change) for change in self.rules],
                "estimates": asdict(estimate),
            }
        )
        return found


def backtest(
    rules: RuleSet,
    agents: Sequence[Agent],
    records: Sequence[Recorded],
    *,
    baseline: RuleSet | None = None,
    seed: str = "",
    kind: str = "customers",
    zone: str = "UTC",
    progress: Progress | None = None,
) -> Backtest:
    """Return what the rules would have done with recorded items, against the record, or against other rules.

    With a `baseline` both rule sets are replayed, and an item has moved where they differ; outcomes on record are then
    those of other decisions, and estimates say so. Raises `ConfigurationError` if the history names none of the agents.
    """
    check_agents(records, agents)
    against = "the record"
    if baseline is not None:
        before = replay(baseline, agents, records, seed=seed, kind=kind, zone=zone)
        records = [_decided_by(one) for one in before]
        against = "the baseline"
    found = replay(rules, agents, records, seed=seed, kind=kind, zone=zone, progress=progress)
    names = tuple(rule.name for rule in rules.rules if rule.kind == kind)
    return Backtest(found, tuple(agent.id for agent in agents), names, against)


def _decided_by(one: Replayed) -> Recorded:
    """Return the record as if the baseline had made it; what came of another agent's work is not known."""
    record = one.record
    same = not one.moved
    return Recorded(
        item_id=record.item_id,
        at=record.at,
        agent_id=one.agent_id,
        outcome=record.outcome if same else None,
        won=record.won if same else None,
        reward=record.reward if same else None,
        closed_at=record.closed_at,
        propensity=record.propensity if same else None,
        fields=record.fields,
    )


def _plain(value: Any) -> Any:  # noqa: ANN401 - JSON-ready data of any shape
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value
