"""The functions of the language: what they take and what they give."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from assignkit.rules.field_types import ValueType

_TEXT, _NUMBER, _INSTANT = ValueType.TEXT, ValueType.NUMBER, ValueType.INSTANT
_DAY = (ValueType.DATE, _INSTANT)


@dataclass(frozen=True, slots=True)
class Signature:
    """The types that each argument may have (the last one's repeat when `many`), and the type of the result."""

    takes: tuple[tuple[ValueType, ...], ...]
    gives: ValueType = _NUMBER
    many: bool = False


FUNCTIONS: Mapping[str, Signature] = {
    "lower": Signature(((_TEXT,),), _TEXT),
    "upper": Signature(((_TEXT,),), _TEXT),
    "trim": Signature(((_TEXT,),), _TEXT),
    "length": Signature(((_TEXT, ValueType.TEXTS, ValueType.LEVELS),)),
    "abs": Signature(((_NUMBER,),)),
    "round": Signature(((_NUMBER,),)),
    "min": Signature(((_NUMBER,),), many=True),
    "max": Signature(((_NUMBER,),), many=True),
    "days since": Signature((_DAY,)),
    "hour": Signature(((_INSTANT,),)),
    "weekday": Signature((_DAY,)),
    "distance km": Signature(((ValueType.LOCATION,), (ValueType.LOCATION,))),
    "bucket": Signature(((_TEXT,), (_NUMBER,))),
}
