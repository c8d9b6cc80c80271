"""How actions, orders and the clauses of a rule are written."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from assignkit.language import syntax
from assignkit.language.formatting.expressions import EXPRESSIONS, ExpressionWriting
from assignkit.language.formatting.literals import composed
from assignkit.language.formatting.pieces import COMMA, Break, Item
from assignkit.language.formatting.quoting import quoted
from assignkit.language.syntax import Node

_PLAIN_CHANNEL = re.compile(r"[^\W\d_]\w*")


class ClauseWriting(ExpressionWriting):
    """Says of each action and clause what it is written as."""

    # --- targets, orders, actions

    def _team(self, node: syntax.TeamTarget) -> list[Item]:
        return [self.say("team"), node.name]

    def _agent(self, node: syntax.AgentTarget) -> list[Item]:
        return [self.say("agent"), node.agent]

    def _agents_where(self, node: syntax.AgentsWhereTarget) -> list[Item]:
        return [self.say("agents"), self.say("where"), node.condition]

    def _owner(self, node: syntax.OwnerTarget) -> list[Item]:  # noqa: ARG002 - as every node is written
        return [self.say("owner")]

    def _manager(self, node: syntax.ManagerTarget) -> list[Item]:  # noqa: ARG002
        return [self.say("manager")]

    def _order(self, node: syntax.OrderTerm) -> list[Item]:
        name = quoted(node.name) if node.hosted else self.say(node.name)
        return [name] if node.expression is None else [name, node.expression]

    def orders(self, nodes: tuple[syntax.OrderTerm, ...]) -> list[Item]:
        """Return a chain of orders, with `then` between them."""
        written: list[Item] = []
        for node in nodes:
            written += [Break.PART, self.say("then"), node] if written else [node]
        return written

    def _by(self, nodes: tuple[syntax.OrderTerm, ...]) -> list[Item]:
        return [Break.PART, self.say("by"), *self.orders(nodes)] if nodes else []

    def _assign(self, node: syntax.AssignAction) -> list[Item]:
        return [self.say("assign to"), node.target, *self._by(node.orders)]

    def _split(self, node: syntax.SplitAction) -> list[Item]:
        written: list[Item] = []
        for part in node.parts:
            written += [COMMA, Break.COMMA] if written else []
            written += [part.share, part.target]
        return [self.say("split"), *written, *self._by(node.orders)]

    def _keep(self, node: syntax.KeepOwnerAction) -> list[Item]:
        return [self.say("keep owner"), *([self.say("even if full")] if node.even_if_full else [])]

    def _hold_in_pool(self, node: syntax.HoldInPoolAction) -> list[Item]:
        return [self.say("hold in"), self.say("pool"), node.pool]

    def _hold_in_team(self, node: syntax.HoldInTeamAction) -> list[Item]:
        return [self.say("hold in"), self.say("team"), node.team]

    def _reject(self, node: syntax.RejectAction) -> list[Item]:
        return [self.say("reject"), node.reason]

    def _continue(self, node: syntax.ContinueAction) -> list[Item]:  # noqa: ARG002
        return [self.say("continue")]

    # --- clauses

    def _active(self, node: syntax.ActiveClause) -> list[Item]:
        end: list[Item] = [] if node.end is None else [self.say("until"), node.end]
        return [self.say("active from"), node.start, *end]

    def _priority(self, node: syntax.PriorityClause) -> list[Item]:
        return [self.say("priority"), node.value]

    def _when(self, node: syntax.WhenClause) -> list[Item]:
        return [self.say("when"), node.condition]

    def _require(self, node: syntax.RequireClause) -> list[Item]:
        relaxed = node.relax_after
        rest: list[Item] = [] if relaxed is None else [Break.PART, self.say("for", "限时"), relaxed]
        return [self.say("require"), node.condition, *rest]

    def _urgency(self, node: syntax.UrgencyClause) -> list[Item]:
        return [self.say("urgency"), node.value]

    def _prefer(self, node: syntax.PreferClause) -> list[Item]:
        rest: list[Item] = [] if node.weight is None else [Break.PART, self.say("weight"), node.weight]
        return [self.say("prefer"), node.condition, *rest]

    def _action(self, node: syntax.ActionClause) -> list[Item]:
        return [node.action]

    def _otherwise(self, node: syntax.OtherwiseClause) -> list[Item]:
        after: list[Item] = [] if node.after is None else [self.say("after"), node.after]
        return [self.say("otherwise"), *after, node.action]

    def _limit(self, node: syntax.LimitClause) -> list[Item]:
        written: list[Item] = []
        for term in node.terms:
            written += [COMMA, Break.COMMA] if written else []
            written += [term.count, self.say("open")] if term.period is None else self.per(term.count, term.period)
        return [self.say("limit"), *written]

    def per(self, count: syntax.NumberLiteral, period: syntax.Period) -> list[Item]:
        """Return `5 per day`, `每天 5`."""
        words: list[Item] = [count, self.say(f"per {period}")]
        return words[::-1] if self.say.is_chinese else words

    def _accept(self, node: syntax.AcceptClause) -> list[Item]:
        return [self.say("accept within"), node.within]

    def _due(self, node: syntax.DueClause) -> list[Item]:
        calendar: list[Item] = [] if node.calendar is None else [self.say("in calendar"), node.calendar]
        return [self.say(f"{node.milestone} within"), node.within, *calendar]

    def _remind(self, node: syntax.RemindClause) -> list[Item]:
        if self.say.is_chinese:
            words: list[Item] = ["到期", "前", node.interval] if node.when == "before" else ["每", node.interval]
            return ["提醒", *words, *([] if node.when == "before" else ["逾期", "时"])]
        if node.when == "before":
            return ["remind", node.interval, "before", "due"]
        return ["remind", "every", node.interval, "when", "overdue"]

    def _escalate(self, node: syntax.EscalateClause) -> list[Item]:
        head: list[Item] = [self.say("escalate to"), node.target]
        late: list[Item] = [] if node.overdue_by is None else [self.say("by", "超过"), node.overdue_by]
        return [*head, "逾期", *late, "时"] if self.say.is_chinese else [*head, "when", "overdue", *late]

    def _recycle(self, node: syntax.RecycleClause) -> list[Item]:
        since: list[Item] = [self.say("after"), node.after, self.say("without"), self.say(node.without)]
        return [self.say("recycle to"), self.say("pool"), node.pool, *since]

    def _notify(self, node: syntax.NotifyClause) -> list[Item]:
        written: list[Item] = []
        for channel in node.channels:
            written += [COMMA, Break.COMMA] if written else []
            plain = _PLAIN_CHANNEL.fullmatch(channel) and composed(channel) == channel
            written.append(channel if plain else quoted(channel))
        return [self.say("notify"), self.say(node.who), self.say("by", "通过"), *written]


CLAUSES: Mapping[type[Node], Callable[[ClauseWriting, Any], list[Item]]] = {
    **EXPRESSIONS,
    syntax.TeamTarget: ClauseWriting._team,  # noqa: SLF001 - the table of this class's own methods
    syntax.AgentTarget: ClauseWriting._agent,  # noqa: SLF001
    syntax.AgentsWhereTarget: ClauseWriting._agents_where,  # noqa: SLF001
    syntax.OwnerTarget: ClauseWriting._owner,  # noqa: SLF001
    syntax.ManagerTarget: ClauseWriting._manager,  # noqa: SLF001
    syntax.OrderTerm: ClauseWriting._order,  # noqa: SLF001
    syntax.AssignAction: ClauseWriting._assign,  # noqa: SLF001
    syntax.SplitAction: ClauseWriting._split,  # noqa: SLF001
    syntax.KeepOwnerAction: ClauseWriting._keep,  # noqa: SLF001
    syntax.HoldInPoolAction: ClauseWriting._hold_in_pool,  # noqa: SLF001
    syntax.HoldInTeamAction: ClauseWriting._hold_in_team,  # noqa: SLF001
    syntax.RejectAction: ClauseWriting._reject,  # noqa: SLF001
    syntax.ContinueAction: ClauseWriting._continue,  # noqa: SLF001
    syntax.ActiveClause: ClauseWriting._active,  # noqa: SLF001
    syntax.PriorityClause: ClauseWriting._priority,  # noqa: SLF001
    syntax.WhenClause: ClauseWriting._when,  # noqa: SLF001
    syntax.RequireClause: ClauseWriting._require,  # noqa: SLF001
    syntax.UrgencyClause: ClauseWriting._urgency,  # noqa: SLF001
    syntax.PreferClause: ClauseWriting._prefer,  # noqa: SLF001
    syntax.ActionClause: ClauseWriting._action,  # noqa: SLF001
    syntax.OtherwiseClause: ClauseWriting._otherwise,  # noqa: SLF001
    syntax.LimitClause: ClauseWriting._limit,  # noqa: SLF001
    syntax.AcceptClause: ClauseWriting._accept,  # noqa: SLF001
    syntax.DueClause: ClauseWriting._due,  # noqa: SLF001
    syntax.RemindClause: ClauseWriting._remind,  # noqa: SLF001
    syntax.EscalateClause: ClauseWriting._escalate,  # noqa: SLF001
    syntax.RecycleClause: ClauseWriting._recycle,  # noqa: SLF001
    syntax.NotifyClause: ClauseWriting._notify,  # noqa: SLF001
}
