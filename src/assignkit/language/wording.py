"""How a syntax error is told: what was found, what could stand there, what may have been meant."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from assignkit.language import vocabulary
from assignkit.language.tokens import Token
from assignkit.language.vocabulary import (
    ACTION_WORDS,
    CLAUSE_WORDS,
    COMPARISON_WORDS,
    COMPOUNDS,
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
from assignkit.messages.text import Text, has, say

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
    "s": ("SECOND",),
    "sec": ("SECOND",),
    "secs": ("SECOND",),
    "m": ("MINUTE",),
    "min": ("MINUTE",),
    "mins": ("MINUTE",),
    "h": ("HOUR",),
    "hr": ("HOUR",),
    "hrs": ("HOUR",),
    "d": ("DAY",),
    "w": ("WEEK",),
    "monday": ("MON",),
    "tuesday": ("TUE",),
    "wednesday": ("WED",),
    "thursday": ("THU",),
    "friday": ("FRI",),
    "saturday": ("SAT",),
    "sunday": ("SUN",),
    "如果": ("WHEN",),
    "若": ("WHEN",),
    "等于": ("EQ",),
    "不等于": ("NE",),
    "大于": ("GT",),
    "大于等于": ("GE",),
    "不小于": ("GE",),
    "小于": ("LT",),
    "小于等于": ("LE",),
    "不大于": ("LE",),
    "包括": ("HAS", "CONTAINS"),
    "分": ("MINUTE",),
    "并且": ("AND",),
    "或者": ("OR",),
}
"""Words of other languages, and what is meant by them here, the likeliest first."""

_LONGEST_SHOWN = 40
_IN_CHINESE = {
    **{word.terminal: word.chinese[0] for word in KEYWORDS if word.chinese},
    "PER": "每天",
    "MOST": "最多",
    "NO": "无规则",
}
"""How messages in Chinese show a terminal; what is only a part of a Chinese word is told by that word."""


def _terminals(words: Iterable[Keyword]) -> frozenset[str]:
    return frozenset(word.terminal for word in words)


_GROUPS: tuple[tuple[frozenset[str], int, str], ...] = (
    (
        _terminals((*VALUE_WORDS, *FUNCTION_WORDS)) - {"NOT"}
        | {"NUMBER", "DATE", "INSTANT", "LPAR", "NAME", "TEXT", "DAY", "HOUR"},
        12,
        "value",
    ),
    (
        frozenset({"EQ", "NE", "LT", "LE", "GT", "GE"}) | _terminals(COMPARISON_WORDS),
        8,
        "comparison",
    ),
    (frozenset({"NUMBER", "TEXT", "DATE", "INSTANT", "TRUE", "FALSE", "LPAR"}), 6, "value"),
    (frozenset({"AND", "OR"}), 2, "and_or"),
    (_terminals(ORDER_WORDS) | {"ROUND"}, 8, "order"),
    (_terminals(ACTION_WORDS) | _terminals(CLAUSE_WORDS), 15, "clause"),
    (_terminals(ACTION_WORDS), 5, "action"),
    (frozenset({"TEAM", "AGENT", "OWNER", "MANAGER"}), 4, "target"),
    (_terminals(UNITS), 5, "unit"),
    (_terminals(WEEKDAYS), 7, "weekday"),
    (STATEMENT_TERMINALS, 8, "statement"),
)
"""Terminals that are named together once so many of them could stand at a place."""

_ADVICE = {
    "THEN": "then_joins_orders",
    "DOT": "field_after_dot",
}
_DEFINITION = frozenset({"EQ"})
_TARGETS = frozenset({"TEAM", "AGENT", "MANAGER"})
_MAGNITUDES = frozenset({"k", "K", "M", "mn", "Mio", "B", "bn"})
_COMPARATORS = frozenset({"EQ", "NE", "LT", "LE", "GT", "GE"})
_CLAUSE_TERMINALS = _terminals(CLAUSE_WORDS) | _terminals(ACTION_WORDS)
_PREFIX_WORDS = frozenset({"NOT", "TRUE", "FALSE", "NOW"})
_UNTOLD = frozenset({"PLUS", "MINUS", "STAR", "SLASH", "NOT", "FIELD"})
_OF_A_CELL = frozenset({"ANY", "TEAM"})
_BEFORE_MOST = frozenset({"AT"})  # where `at` can only be that of `at most`
_DESCRIBED = {
    vocabulary.NAME: "name",
    vocabulary.TEXT: "text",
    vocabulary.NUMBER: "number",
    vocabulary.DATE: "date",
    vocabulary.INSTANT: "instant",
    vocabulary.TIME: "time",
    vocabulary.FIELD: "field",
    vocabulary.ROW_START: "row_start",
    vocabulary.BAR: "bar",
    vocabulary.ROW_END: "end_of_row",
    END: "end_of_file",
}


def expected(acceptable: frozenset[str]) -> Text:
    """Return what could stand at a place, in words: `a value`, `text in double quotes or "by"`."""
    if acceptable >= _OF_A_CELL:
        return say("form.cell")
    if acceptable == _BEFORE_MOST:
        return say("form.word", english="at", chinese="最多")
    left = set(acceptable - _UNTOLD or acceptable)
    told: list[Text] = []
    for group, least, described in _GROUPS:
        if len(group & left) >= least:
            told.append(say(f"form.{described}"))
            left -= group
    if told:
        left.discard(END)
    if "AND" in left and "OR" not in left:  # that of `between … and`
        told.append(say("form.word", english="and", chinese="与"))
        left.discard("AND")
    told += [_described(terminal) for terminal in vocabulary.TERMINALS if terminal in left]
    if END in left and not told:
        told = [_described(END)]
    return told[0] if len(told) == 1 else say("form.or", most=tuple(told[:-1]), last=told[-1])


def _described(terminal: str) -> Text:
    if terminal in _DESCRIBED:
        return say(f"form.{_DESCRIBED[terminal]}")
    return say("form.word", english=SPELLING[terminal], chinese=_IN_CHINESE.get(terminal, SPELLING[terminal]))


def found(token: Token, written: str) -> Text:
    """Return what stands there, in words; `written` is its source text."""
    if token.type == END:
        return say("form.end_of_file")
    if token.type == vocabulary.ROW_START:
        return say("form.row")
    if token.type == vocabulary.ROW_END:
        return say("form.end_of_row")
    return say("form.quoted", written=shown(written))


def meant(word: str, acceptable: Collection[str]) -> tuple[str, str] | None:
    """Return the terminal and the spelling that `word` was probably meant to be, of those that could stand there."""
    if word in _MAGNITUDES:
        return None
    for terminal in FOREIGN_WORDS.get(word.lower(), ()):
        if terminal in acceptable:
            return terminal, _like(word, terminal)
    if word in vocabulary.SINGLE:
        return None
    spellings = {s: w.terminal for w in KEYWORDS if w.terminal in acceptable for s in (*w.english, *w.chinese)}
    near = nearest(word, spellings)
    return (spellings[near], near) if near else None


def advice(token: Token, previous: Token | None, acceptable: Collection[str]) -> Text | None:
    """Return what would mend the error at `token`, where it is one that people often make."""
    before = previous if previous is not None and previous.type == vocabulary.NAME else None
    help = _advice_after_name(token, before) if before is not None else None
    help = help or _meant_compound(token, acceptable)
    if help is None and previous is not None:
        help = _advice_after(previous, token, acceptable)
    if help is not None:
        return help
    if "ANY" in acceptable and token.type in {vocabulary.BAR, vocabulary.ROW_END}:
        return say("form.empty_cell")
    if vocabulary.TEXT in acceptable and vocabulary.NUMBER not in acceptable and token.type == vocabulary.NAME:
        return say("form.quote_it", word=shown(token.value))
    if token.type in _COMPARATORS and "AND" in acceptable:
        return say("form.join_comparisons")
    if token.type in _CLAUSE_TERMINALS and "LET" in acceptable:
        return say("form.clause_below_rule", word=_described(token.type))
    if acceptable == STATEMENT_TERMINALS | {END}:
        return say("form.statement_words")
    if acceptable == _DEFINITION and previous is not None and previous.type == vocabulary.TEXT:
        return say("form.team_definition")
    return say(f"form.{_ADVICE[token.type]}") if token.type in _ADVICE else None


def _advice_after(previous: Token, token: Token, acceptable: Collection[str]) -> Text | None:
    """Return what would mend an error that the word before it explains."""
    if previous.type == vocabulary.NUMBER and token.value in _MAGNITUDES:
        return say("form.write_out")
    if set(acceptable) >= _TARGETS and token.type in {vocabulary.NAME, vocabulary.TEXT}:
        return say("form.say_which_target", name=shown(token.value))
    if token.type == "MINUS" and len(acceptable) == 1 and previous.type in SPELLING:
        (wanted,) = acceptable
        return (
            say("form.did_you_mean", name=f"{SPELLING[previous.type]} {SPELLING[wanted]}")
            if wanted in SPELLING
            else None
        )
    return None


def _meant_compound(token: Token, acceptable: Collection[str]) -> Text | None:
    """Return the Chinese word for several English ones, such as `轮询`, that was probably meant."""
    if token.type != vocabulary.NAME or token.value.isascii():
        return None
    near = nearest(token.value, [word for word, reading in COMPOUNDS.items() if reading[0] in acceptable])
    return say("form.did_you_mean", name=near) if near else None


def _advice_after_name(token: Token, name: Token) -> Text | None:
    """Return what would mend an error behind a word that was read as a name, but was perhaps not meant as one."""
    word = name.value
    near = meant(word, _PREFIX_WORDS | (vocabulary.LINE_TERMINALS if name.begins_line else frozenset()))
    if near is None and token.type == "LPAR":
        near = meant(word, _terminals(FUNCTION_WORDS))
    if near is not None:
        return say("form.meant_instead", meant=near[1], written=word)
    if vocabulary.SINGLE.get(word) in _terminals(COMPARISON_WORDS):
        return say("form.read_as_name", word=word)
    return None


def scripts_told(scripts: Sequence[str]) -> Text:
    """Return the names of several scripts in words."""
    names = [say(f"form.script_{script}") if has(f"form.script_{script}") else script for script in scripts]
    return say("form.both", most=tuple(names[:-1]), last=names[-1])


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
    if not word.isascii():
        return _nearest_chinese(word, candidates)
    longest_distance = 0 if len(word) < 3 else 1 if len(word) < 5 else 2  # noqa: PLR2004 - short words are near to many
    best: tuple[int, str] | None = None
    for candidate in candidates:
        if abs(len(candidate) - len(word)) <= longest_distance:
            distance = _distance(folded, candidate)
            if distance <= longest_distance and (best is None or distance < best[0]):
                best = distance, candidate
    return best[1] if best else None


def _nearest_chinese(word: str, candidates: Iterable[str]) -> str | None:
    """Return the first candidate with one other sign than `word`, which has two signs or more: words are that short."""
    alike = (each for each in candidates if len(each) == len(word) >= 2)  # noqa: PLR2004 - of one sign nothing is left
    return next((each for each in alike if sum(a != b for a, b in zip(each, word, strict=True)) == 1), None)


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
