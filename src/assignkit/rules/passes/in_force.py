"""What is read and checked, but has no effect yet: each such clause gets a note, so that nobody relies on it."""

from __future__ import annotations

from collections.abc import Mapping

from assignkit.diagnostics import Severity, Source
from assignkit.language import syntax
from assignkit.language.formatting.spelling import phrase
from assignkit.messages.text import say
from assignkit.rules import codes
from assignkit.rules.draft import Draft, walk

# What each construct is called, and whether it is in force. Whoever brings one into force changes its line here.
IN_FORCE: Mapping[str, bool] = {
    "accept within": True,
    "respond within": False,
    "finish within": False,
    "remind": False,
    "escalate": False,
    "recycle": False,
    "notify": False,
    "category": True,
    "claim at most": False,
    "hold at most": False,
    "cooldown": False,
    "when": True,
    "active": True,
    "priority": True,
    "require": True,
    "prefer": True,
    "urgency": True,
    "limit": True,
    "assign to": True,
    "split": True,
    "keep owner": True,
    "hold in pool": True,
    "hold in team": True,
    "reject": True,
    "continue": True,
    "otherwise": True,
    "never": True,
    "example": True,
    "table from": True,
    "always": True,
    "during calendar": True,
    "holidays": True,
    "order round robin": True,
    "order weighted round robin": True,
    "order weighted balance": True,
    "order least loaded": True,
    "order skill match": True,
    "order longest idle": True,
    "order priority queue": True,
    "order random": True,
    "order fair share": True,
    "order quota": True,
    "order best rated": True,
    "order nearest": True,
    "order lowest": True,
    "order highest": True,
}

_CLAUSES: Mapping[type[syntax.Node], str] = {
    syntax.AcceptClause: "accept within",
    syntax.RemindClause: "remind",
    syntax.EscalateClause: "escalate",
    syntax.RecycleClause: "recycle",
    syntax.NotifyClause: "notify",
    syntax.ExampleStatement: "example",
    syntax.CategoryStatement: "category",
    syntax.ClaimLimit: "claim at most",
}


def in_force(draft: Draft) -> None:
    """Note each clause that has no effect yet."""
    for source, statement in draft.statements():
        for node in walk(statement):
            for construct, marked in _constructs(node):
                if not IN_FORCE[construct]:
                    _note(draft, source, construct, marked)


def _constructs(node: syntax.Node) -> list[tuple[str, syntax.Node]]:
    """Return which constructs a node is, each with the node to mark."""
    plain = _CLAUSES.get(type(node))
    if plain is not None:
        return [(plain, node)]
    if isinstance(node, syntax.DueClause):
        return [(f"{node.milestone} within", node)]
    if isinstance(node, syntax.PoolStatement):
        pool = (("hold at most", node.hold), ("cooldown", node.cooldown))
        return [(construct, part) for construct, part in pool if part is not None]
    return []


def _note(draft: Draft, source: Source, construct: str, node: syntax.Node) -> None:
    message = say("meaning.no_effect_yet", construct=phrase(construct))
    draft.report(codes.LATER, message, source, node.span, severity=Severity.NOTE)
