"""How a syntax error is told: what was found, what could stand there, what may have been meant."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from assignkit.language import vocabulary
from assignkit.language.tokens import Token
from assignkit.language.vocabulary import (
    ACTION_WORDS,
    CLAUSE_WORDS,
    COMPARISON_WORDS,
    END,
    FUNCTION_WORDS,
    KEYWORDS,
    ORDER_WORDS,
    SPELLING,
    STATEMENT_TERMINALS,
    UNITS,
    VALUE_WORDS,
    WEEKDAYS,
    Keyword,
)

FOREIGN_WORDS: dict[str, tuple[str, ...]] = {
    "if": ("WHEN",),
    "where": ("WHEN",),
    "else": ("OTHERWISE",),
    "elif": ("OTHERWISE",),
    "elseif": ("OTHERWISE",),
    "equals": ("EQ",),
    "eq": ("EQ",),
    "matches": ("LIKE",),
    "regex": ("LIKE",),
    "includes": ("HAS", "CONTAINS"),
    "include": ("HAS", "CONTAINS"),
    "contain": ("CONTAINS",),
    "exists": ("IS",),
    "route": ("ASSIGN",),
    "give": ("ASSIGN",),
    "with": ("BY",),
    "via": ("BY",),
    "using": ("BY",),
    "monday": ("MON",),
    "tuesday": ("TUE",),
    "wednesday": ("WED",),
    "thursday": ("THU",),
    "friday": ("FRI",),
    "saturday": ("SAT",),
    "sunday": ("SUN",),
    "如果": ("WHEN",),
    "等于": ("EQ",),
    "并且": ("AND",),
    "或者": ("OR",),
}
"""Words of other languages, and what is meant by them here, the likeliest first."""

_LONGEST_SHOWN = 40


def _terminals(words: Iterable[Keyword]) -> frozenset[str]:
    return frozenset(word.terminal for word in words)


_GROUPS: tuple[tuple[frozenset[str], int, str], ...] = (
    (
        _terminals((*VALUE_WORDS, *FUNCTION_WORDS)) - {"NOT"}
        | {"NUMBER", "DATE", "INSTANT", "LPAR", "NAME", "TEXT", "DAY", "HOUR"},
        12,
        "a value",
    ),
    (
        frozenset({"EQ", "NE", "LT", "LE", "GT", "GE"}) | _terminals(COMPARISON_WORDS),
        8,
        "a comparison such as `=` or `in`",
    ),
    (frozenset({"NUMBER", "TEXT", "DATE", "INSTANT", "TRUE", "FALSE", "LPAR"}), 6, "a value"),
    (frozenset({"AND", "OR"}), 2, "`and` or `or`"),
    (_terminals(ORDER_WORDS) | {"ROUND"}, 8, "an order such as `round robin` or `least loaded`"),
    (_terminals(ACTION_WORDS) | _terminals(CLAUSE_WORDS), 15, "a clause of the rule"),
    (_terminals(ACTION_WORDS), 5, "an action such as `assign to` or `hold in pool`"),
    (frozenset({"TEAM", "AGENT", "OWNER", "MANAGER"}), 4, 'a target such as `team "…"`'),
    (_terminals(UNITS), 5, "a unit of time such as `minutes`"),
    (_terminals(WEEKDAYS), 7, "a weekday such as `mon`"),
    (STATEMENT_TERMINALS, 8, "a new statement"),
)
"""Terminals that are named together once so many of them could stand at a place."""

_ADVICE = {
    "THEN": "`then` only joins orders; begin the action on its own: `assign to …`",
    "DOT": "a field follows the dot at once: `customer.tier`",
}
_DEFINITION = frozenset({"EQ"})
_COMPARATORS = frozenset({"EQ", "NE", "LT", "LE", "GT", "GE"})
_CLAUSE_TERMINALS = _terminals(CLAUSE_WORDS) | _terminals(ACTION_WORDS)
_PREFIX_WORDS = frozenset({"NOT", "TRUE", "FALSE", "NOW"})
_UNTOLD = frozenset({"PLUS", "MINUS", "STAR", "SLASH", "NOT", "FIELD"})
_OF_A_CELL = frozenset({"ANY", "TEAM"})
_DESCRIBED = {
    vocabulary.NAME: "a name",
    vocabulary.TEXT: "text in double quotes",
    vocabulary.NUMBER: "a number",
    vocabulary.DATE: "a date such as `2026-01-31`",
    vocabulary.INSTANT: "an instant such as `2026-01-31T09:00+08:00`",
    vocabulary.TIME: "a time of day such as `09:00`",
    vocabulary.FIELD: "a dot and a field",
    vocabulary.ROW_START: "a row that begins with `|`",
    vocabulary.BAR: "`|`",
    vocabulary.ROW_END: "the end of the row",
    END: "the end of the file",
}


def expected(acceptable: frozenset[str]) -> str:
    """Return what could stand at a place, in words: `a value`, `text in double quotes or "by"`."""
    if acceptable >= _OF_A_CELL:
        return "a cell"
    left = set(acceptable - _UNTOLD or acceptable)
    told: list[str] = []
    for group, least, description in _GROUPS:
        if len(group & left) >= least:
            told.append(description)
            left -= group
    if told:
        left.discard(END)
    told += [
        _DESCRIBED.get(terminal) or f"`{SPELLING[terminal]}`" for terminal in vocabulary.TERMINALS if terminal in left
    ]
    if END in left and not told:
        told = [_DESCRIBED[END]]
    return told[0] if len(told) == 1 else f"{', '.join(told[:-1])} or {told[-1]}"


def found(token: Token, written: str) -> str:
    """Return what stands there, in words; `written` is its source text."""
    if token.type == END:
        return "the end of the file"
    if token.type == vocabulary.ROW_START:
        return "a row of a table"
    if token.type == vocabulary.ROW_END:
        return "the end of the row"
    return f"`{shown(written)}`"


def meant(word: str, acceptable: Collection[str]) -> tuple[str, str] | None:
    """Return the terminal and the spelling that `word` was probably meant to be, of those that could stand there."""
    for terminal in FOREIGN_WORDS.get(word.lower(), ()):
        if terminal in acceptable:
            return terminal, _like(word, terminal)
    if word in vocabulary.SINGLE:
        return None
    spellings = {s: w.terminal for w in KEYWORDS if w.terminal in acceptable for s in (*w.english, *w.chinese)}
    near = nearest(word, spellings)
    return (spellings[near], near) if near else None


def advice(token: Token, previous: Token | None, acceptable: Collection[str]) -> str | None:
    """Return what would mend the error at `token`, where it is one that people often make."""
    if previous is not None and previous.type == vocabulary.NAME:
        help = _advice_after_name(token, previous)
        if help is not None:
            return help
    if "ANY" in acceptable and token.type in {vocabulary.BAR, vocabulary.ROW_END}:
        return "a cell may not be empty: write `any` where it has no condition"
    if vocabulary.TEXT in acceptable and vocabulary.NUMBER not in acceptable and token.type == vocabulary.NAME:
        return f'put it in double quotes: "{shown(token.value)}"'
    if token.type in _COMPARATORS and "AND" in acceptable:
        return "join two comparisons with `and`: `a < b and b < c`"
    if token.type in _CLAUSE_TERMINALS and "LET" in acceptable:
        return f"`{SPELLING[token.type]}` is a clause: it stands below a `rule`"
    if acceptable == STATEMENT_TERMINALS | {END}:
        return "a statement begins with `rule`, `let`, `team`, `table`, `pool`, `calendar`, …"
    if acceptable == _DEFINITION and previous is not None and previous.type == vocabulary.TEXT:
        return 'a team is defined by `team "…" = agents …`; in a `given`, a comma stands before a field `team`'
    return _ADVICE.get(token.type)


def _advice_after_name(token: Token, name: Token) -> str | None:
    """Return what would mend an error behind a word that was read as a name, but was perhaps not meant as one."""
    word = name.value
    near = meant(word, _PREFIX_WORDS | (vocabulary.LINE_TERMINALS if name.begins_line else frozenset()))
    if near is None and token.type == "LPAR":
        near = meant(word, _terminals(FUNCTION_WORDS))
    if near is not None:
        return f"did you mean `{near[1]}` instead of `{word}`?"
    if vocabulary.SINGLE.get(word) in _terminals(COMPARISON_WORDS):
        return f"`{word}` is read as a name here; it needs no `is` before it"
    return None


def shown(word: str) -> str:
    """Return a word as messages show it: cut where it is very long."""
    return word if len(word) <= _LONGEST_SHOWN else f"{word[:_LONGEST_SHOWN]}…"


def _like(word: str, terminal: str) -> str:
    """Return the spelling of a terminal in the language of `word`."""
    chinese = next((each.chinese for each in KEYWORDS if each.terminal == terminal), ())
    return chinese[0] if chinese and not word.isascii() else SPELLING[terminal]


def nearest(word: str, candidates: Iterable[str]) -> str | None:
    """Return the candidate that `word` is a likely misspelling of, or None; letter case does not matter."""
    folded = word.lower()
    longest_distance = 0 if len(word) < 3 else 1 if len(word) < 5 else 2  # noqa: PLR2004 - short words are near to many
    best: tuple[int, str] | None = None
    for candidate in candidates:
        if abs(len(candidate) - len(word)) <= longest_distance:
            distance = _distance(folded, candidate)
            if distance <= longest_distance and (best is None or distance < best[0]):
                best = distance, candidate
    return best[1] if best else None


def _distance(one: str, other: str) -> int:
    """Return the optimal string alignment distance: insertions, deletions, changes, swaps of neighbours."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, c in enumerate(one, 1):
        before, last, row = row, before, [i]
        for j, d in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (c != d))
            if i > 1 and j > 1 and c == other[j - 2] and d == one[i - 2]:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return row[-1]
