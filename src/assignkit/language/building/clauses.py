# ruff: noqa: D102 - each method bears the name of a rule of the grammar, and returns what that rule stands for
"""Builds actions, orders and the clauses of a rule."""

from __future__ import annotations

from typing import Literal

from assignkit.language.building.expressions import ExpressionBuilder
from assignkit.language.building.parts import Parts, cover, every, terminals, the
from assignkit.language.syntax import (
    AcceptClause,
    ActionClause,
    ActiveClause,
    AgentsWhereTarget,
    AgentTarget,
    AssignAction,
    ContinueAction,
    DueClause,
    DurationLiteral,
    EscalateClause,
    HoldInPoolAction,
    HoldInTeamAction,
    KeepOwnerAction,
    LimitClause,
    LimitTerm,
    ManagerTarget,
    NotifyClause,
    OrderTerm,
    OtherwiseClause,
    OwnerTarget,
    Period,
    PreferClause,
    PriorityClause,
    RecycleClause,
    RejectAction,
    RemindClause,
    RequireClause,
    SplitAction,
    SplitPart,
    TeamTarget,
    UrgencyClause,
    WhenClause,
)
from assignkit.language.vocabulary import SPELLING

PERIODS: dict[str, Period] = {"HOUR": "hour", "DAY": "day", "WEEK": "week", "MONTH": "month"}


class ClauseBuilder(ExpressionBuilder):
    """One method per rule of the grammar for actions and clauses."""

    # --- targets, orders, actions

    def team_target(self, parts: Parts) -> TeamTarget:
        return TeamTarget(parts[1], span=cover(parts))

    def agent_target(self, parts: Parts) -> AgentTarget:
        return AgentTarget(parts[1], span=cover(parts))

    def agents_where(self, parts: Parts) -> AgentsWhereTarget:
        return AgentsWhereTarget(parts[2], span=cover(parts))

    def owner_target(self, parts: Parts) -> OwnerTarget:
        return OwnerTarget(span=cover(parts))

    def manager_target(self, parts: Parts) -> ManagerTarget:
        return ManagerTarget(span=cover(parts))

    def hosted_order(self, parts: Parts) -> OrderTerm:
        return OrderTerm(parts[0].value, hosted=True, span=cover(parts))

    def named_order(self, parts: Parts) -> OrderTerm:
        return OrderTerm(" ".join(SPELLING[word.type] for word in parts), span=cover(parts))

    def measured_order(self, parts: Parts) -> OrderTerm:
        return OrderTerm(SPELLING[parts[0].type], parts[1], span=cover(parts))

    def by(self, parts: Parts) -> tuple[OrderTerm, ...]:
        return every(OrderTerm, parts)

    def assign(self, parts: Parts) -> AssignAction:
        _, _, target, orders = parts
        last = orders[-1] if orders else target
        return AssignAction(target, orders or (), span=cover([parts[0], last]))

    def split_part(self, parts: Parts) -> SplitPart:
        return SplitPart(parts[0], parts[1], span=cover(parts))

    def split(self, parts: Parts) -> SplitAction:
        shares, orders = every(SplitPart, parts), parts[-1] or ()
        return SplitAction(shares, orders, span=cover([parts[0], (orders or shares)[-1]]))

    def keep(self, parts: Parts) -> KeepOwnerAction:
        return KeepOwnerAction(even_if_full="FULL" in terminals(parts), span=cover(parts))

    def hold_in_pool(self, parts: Parts) -> HoldInPoolAction:
        return HoldInPoolAction(parts[3], span=cover(parts))

    def hold_in_team(self, parts: Parts) -> HoldInTeamAction:
        return HoldInTeamAction(parts[3], span=cover(parts))

    def reject(self, parts: Parts) -> RejectAction:
        return RejectAction(parts[1], span=cover(parts))

    def continue_on(self, parts: Parts) -> ContinueAction:
        return ContinueAction(span=cover(parts))

    # --- clauses

    def active(self, parts: Parts) -> ActiveClause:
        return ActiveClause(parts[2], parts[-1], span=cover(parts))

    def priority(self, parts: Parts) -> PriorityClause:
        return PriorityClause(parts[1], span=cover(parts))

    def when(self, parts: Parts) -> WhenClause:
        return WhenClause(parts[1], span=cover(parts))

    def require(self, parts: Parts) -> RequireClause:
        return RequireClause(parts[1], parts[3], span=cover(parts))

    def urgency(self, parts: Parts) -> UrgencyClause:
        return UrgencyClause(parts[1], span=cover(parts))

    def prefer(self, parts: Parts) -> PreferClause:
        return PreferClause(parts[1], parts[3], span=cover(parts))

    def action_clause(self, parts: Parts) -> ActionClause:
        return ActionClause(parts[0], span=cover(parts))

    def otherwise(self, parts: Parts) -> OtherwiseClause:
        _, _, after, action = parts
        return OtherwiseClause(action, after, span=cover(parts))

    def limit_open(self, parts: Parts) -> LimitTerm:
        return LimitTerm(parts[0], span=cover(parts))

    def limit_period(self, parts: Parts) -> LimitTerm:
        return LimitTerm(parts[0], PERIODS[parts[2].type], span=cover(parts))

    def limit_period_first(self, parts: Parts) -> LimitTerm:
        return LimitTerm(parts[2], PERIODS[parts[1].type], span=cover(parts))

    def limit(self, parts: Parts) -> LimitClause:
        return LimitClause(every(LimitTerm, parts), span=cover(parts))

    def accept(self, parts: Parts) -> AcceptClause:
        return AcceptClause(parts[2], span=cover(parts))

    def due(self, parts: Parts) -> DueClause:
        milestone: Literal["respond", "finish"] = "respond" if parts[0].type == "RESPOND" else "finish"
        return DueClause(milestone, parts[2], parts[5], span=cover(parts))

    def remind_before(self, parts: Parts) -> RemindClause:
        return RemindClause(_duration(parts), "before", span=cover(parts))

    def remind_overdue(self, parts: Parts) -> RemindClause:
        return RemindClause(_duration(parts), "overdue", span=cover(parts))

    def escalate(self, parts: Parts) -> EscalateClause:
        return EscalateClause(parts[2], the(DurationLiteral, parts), span=cover(parts))

    def recycle(self, parts: Parts) -> RecycleClause:
        without: Literal["contact", "deal"] = "contact" if parts[7].type == "CONTACT" else "deal"
        return RecycleClause(parts[3], parts[5], without, span=cover(parts))

    def notify(self, parts: Parts) -> NotifyClause:
        channels = tuple(token.value for token in parts[3::2])
        return NotifyClause(_ADDRESSEES[parts[1].type], channels, span=cover(parts))


_ADDRESSEES: dict[str, Literal["agent", "manager", "team", "owner"]] = {
    "AGENT": "agent",
    "MANAGER": "manager",
    "TEAM": "team",
    "OWNER": "owner",
}


def _duration(parts: Parts) -> DurationLiteral:
    return next(part for part in parts if isinstance(part, DurationLiteral))
