"""Finds chains and lists with more members than the limit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from assignkit.language import codes
from assignkit.language.limits import Limits
from assignkit.language.reporting import Findings
from assignkit.language.syntax import (
    AndExpression,
    Arithmetic,
    Call,
    ListLiteral,
    MapLiteral,
    Node,
    OrExpression,
    Statement,
    TeamStatement,
)
from assignkit.language.walking import walk
from assignkit.messages.text import say


def refuse_long_chains(statements: Iterable[Statement], *, limits: Limits, findings: Findings) -> None:
    """Tell of each chain, list or sum of more than `limits.operands` members, at the first member too many."""
    inner_sums: set[int] = set()
    for statement in statements:
        for node in walk(statement):
            members = _members(node, inner_sums)
            if len(members) > limits.operands:
                message = say("form.chain_too_long", members=len(members), most=limits.operands)
                help = say("form.split_into_lets")
                findings.add(codes.CHAIN_TOO_LONG, message, members[limits.operands].span, help=help)


def _members(node: Node, inner_sums: set[int]) -> Sequence[Node]:
    match node:
        case AndExpression(operands=members) | OrExpression(operands=members):
            return members
        case ListLiteral(items=members) | Call(arguments=members) | TeamStatement(members=members):
            return members
        case MapLiteral(entries=entries):
            return [key for key, _ in entries]
        case Arithmetic() if id(node) not in inner_sums:
            return _terms(node, inner_sums)
        case _:
            return ()


def _terms(node: Arithmetic, inner_sums: set[int]) -> Sequence[Node]:
    terms: list[Node] = []
    current: Node = node
    while isinstance(current, Arithmetic):
        terms.append(current.right)
        current = current.left
        inner_sums.add(id(current))
    return [current, *reversed(terms)]
