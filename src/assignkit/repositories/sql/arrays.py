"""Columns of values as PostgreSQL's arrays, in its own spelling: many rows are one parameter for each column."""

from __future__ import annotations

from collections.abc import Iterable

_APART = "\0"  # no text that PostgreSQL can keep holds it


def array_of(values: Iterable[object]) -> str:
    r"""Return texts, numbers and None as the text of an array.

    >>> print(array_of(['a "b"', None, "c\\d"]), array_of([1, None, 25]))
    {"a \"b\"",NULL,"c\\d"} {1,NULL,25}
    """
    listed = list(values)
    if listed and all(type(one) is str for one in listed):
        joined = _escaped(_APART.join(listed))  # type: ignore[arg-type]  # all of them are texts
        if joined.count(_APART) == len(listed) - 1:
            return '{"' + joined.replace(_APART, '","') + '"}'
    return f"{{{','.join(map(_told, listed))}}}"  # one with a NUL goes as it is, for the driver to refuse


def _told(value: object) -> str:
    if value is None:
        return "NULL"
    return f'"{_escaped(value)}"' if isinstance(value, str) else str(value)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
