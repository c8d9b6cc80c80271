"""Which Chinese encoding a file is in that is not UTF-8, where there is no doubt about it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import islice

_PAIR = re.compile(rb"[\x81-\xfe][\x40-\xfe]")
_SAMPLE = 20_000  # characters that are looked at
_FEWEST = 4  # with fewer nothing can be said
_COMMON = 0.9  # the part of all characters that the encoding has to have in its common part
_MOST = 0.75  # the part of characters that are in the first level of GB2312: names of people have others too
_SOME = 0.1  # the part that only this encoding has: of Chinese texts it is a third and more

# First bytes, second bytes
_GB_SIGNS, _GB_COMMON, _GB_ALL, _GB_SECOND = range(0xA1, 0xA4), range(0xB0, 0xD8), range(0xB0, 0xF8), range(0xA1, 0xFF)
_GB_LATE = range(0xC9, 0xD8)  # common characters from S to Z, where Korean has no syllables
_BIG5_COMMON, _BIG5_LOW = range(0xA1, 0xC7), range(0x40, 0x7F)  # GB2312 has no such second bytes


def chinese_encoding(data: bytes) -> str | None:
    r"""Return `gb18030` (which GBK and GB2312 are parts of) or `big5`; None if it is neither, or may be something else.

    Both put common characters where others have rare ones or none: GB2312 has its first level, sorted by sound, at
    B0–D7 with second bytes from A1 on; Big5 its first level at A4–C6 with second bytes of all kinds. In scripts of
    single bytes, sooner or later a letter stands where no second byte can.

    >>> chinese_encoding("编号,姓名\n1,王小明\n".encode("gbk"))
    'gb18030'
    >>> chinese_encoding("編號,姓名\n1,王小明\n".encode("big5"))
    'big5'
    >>> chinese_encoding("Müller, Café, Ångström, Señor".encode("cp1252")) is None
    True
    """
    pairs = [match[0] for match in islice(_PAIR.finditer(data), _SAMPLE)]
    if len(pairs) < _FEWEST:
        return None
    found = (name for name, is_it in (("gb18030", _is_gb), ("big5", _is_big5)) if is_it(pairs) and _decodes(data, name))
    return next(found, None)


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _part(pairs: Sequence[bytes], is_such: Callable[[int, int], bool]) -> float:
    return sum(is_such(*pair) for pair in pairs) / len(pairs)


def _is_gb(pairs: Sequence[bytes]) -> bool:
    known = _part(pairs, lambda one, two: two in _GB_SECOND and (one in _GB_SIGNS or one in _GB_ALL))
    common = _part(pairs, lambda one, _: one in _GB_SIGNS or one in _GB_COMMON)
    late = _part(pairs, lambda one, _: one in _GB_LATE)
    return known >= _COMMON and common >= _MOST and late >= _SOME


def _is_big5(pairs: Sequence[bytes]) -> bool:
    common = _part(pairs, lambda one, _: one in _BIG5_COMMON)
    return common >= _COMMON and _part(pairs, lambda _, two: two in _BIG5_LOW) >= _SOME
