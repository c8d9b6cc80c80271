"""The characters of a rule file: which are read as others, which are refused, which scripts may stand in one name."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_PUNCTUATION = "!#%()*+,-./:<=>?_|"
_ASCII_TWINS = {
    **{ord(c) + 0xFEE0: c for c in _PUNCTUATION + "0123456789"},  # full-width forms stand in ASCII order
    0xFF5E: "~",
    0x3001: ",",
    0x3002: ".",
    0x300A: "<",
    0x300B: ">",
    0x3000: " ",
    0x00A0: " ",
    0x2212: "-",
}


def with_ascii_signs(text: str) -> str:
    """Return `text` with full-width signs, digits and spaces as their ASCII twins; every offset stays what it was."""
    plain = text if text.isascii() else text.translate(_ASCII_TWINS)
    return " " + plain[1:] if plain.startswith("\ufeff") else plain


_FORBIDDEN_IN_TEXT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_FORBIDDEN = re.compile(  # controls, formats, line separators, and letters and marks that cannot be seen
    r"[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef"
    r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    r"\ud800-\udfff\U000e0000-\U000e007f]"
)


def first_forbidden(text: str, *, quoted: bool) -> re.Match[str] | None:
    """Return the first character that may not stand outside texts, or between quotes (`quoted`)."""
    if text.isascii() and text.isprintable():
        return None
    return (_FORBIDDEN_IN_TEXT if quoted else _FORBIDDEN).search(text)


def is_invisible(character: str) -> bool:
    """Return whether a character cannot be seen: controls, formats, surrogates, separators."""
    return unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"}


def described(character: str) -> str:
    """Return how a message names a character: visible ones as they are, the others by code point and name."""
    code = f"U+{ord(character):04X}"
    name = unicodedata.name(character, _CONTROL_NAMES.get(character, ""))
    label = f"{code} {name}".strip()
    if is_invisible(character):
        return label
    return f"`{character}`" if character.isascii() else f"`{character}` ({label})"


_CONTROL_NAMES = {"\0": "NULL", "\x1b": "ESCAPE", "\x7f": "DELETE", "\x08": "BACKSPACE", "\x0c": "FORM FEED"}

_TOGETHER = (
    frozenset({"LATIN", "CJK", "HIRAGANA", "KATAKANA"}),
    frozenset({"LATIN", "CJK", "BOPOMOFO"}),
    frozenset({"LATIN", "CJK", "HANGUL"}),
)
"""Scripts that may stand in one name: the "highly restrictive" profile of Unicode's security mechanisms (UTS 39)."""


@lru_cache(maxsize=4096)
def mixed_scripts(name: str) -> tuple[str, ...]:
    """Return the scripts of a name when they may not stand together; empty when they may."""
    if name.isascii():
        return ()
    scripts = {_script(c) for c in name if c.isalpha()}
    allowed = len(scripts) < 2 or any(scripts <= together for together in _TOGETHER)  # noqa: PLR2004 - one script
    return () if allowed else tuple(sorted(script.capitalize() for script in scripts))


def _script(letter: str) -> str:
    first = unicodedata.name(letter, "UNKNOWN").split(" ", 1)[0]
    return "LATIN" if first in {"FULLWIDTH", "MODIFIER"} else first


@lru_cache(maxsize=1)
def combining_marks() -> str:
    """Return the combining marks as the inside of a regular expression's character class."""
    marks = [i for i in range(0x300, 0x20000) if unicodedata.category(chr(i)) in {"Mn", "Mc"}]
    ranges: list[list[int]] = []
    for mark in marks:
        if ranges and ranges[-1][1] == mark - 1:
            ranges[-1][1] = mark
        else:
            ranges.append([mark, mark])
    return "".join(f"\\U{low:08x}-\\U{high:08x}" for low, high in ranges)
