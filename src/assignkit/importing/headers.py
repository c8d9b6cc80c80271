"""From headers, as people write them, to names of fields."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import count

_NOT_IN_NAMES = re.compile(r"[\W_]+")


def field_name(header: str) -> str:
    """Return the field that a header stands for; empty if it has no letter or digit.

    >>> field_name(" Lead Source"), field_name("Revenue (CNY)"), field_name("省份"), field_name("①")
    ('lead_source', 'revenue_cny', '省份', '1')
    """
    return _NOT_IN_NAMES.sub("_", unicodedata.normalize("NFKC", header).lower()).strip("_")


def field_names(headers: Iterable[str]) -> list[str]:
    """Return one name per header, all different: later twins are numbered, nameless ones called `column_N`.

    >>> field_names(["Name", "name", "", "?"])
    ['name', 'name_2', 'column_3', 'column_4']
    """
    wanted = [field_name(header) or f"column_{place}" for place, header in enumerate(headers, start=1)]
    spoken_for = set(wanted)
    numbers: dict[str, Iterator[int]] = {}
    names = []
    for name in wanted:
        if name in numbers:
            twin = next(twin for n in numbers[name] if (twin := f"{name}_{n}") not in spoken_for)
            spoken_for.add(twin)
            names.append(twin)
        else:
            numbers[name] = count(2)
            names.append(name)
    return names
