"""Ratings in sum: what is kept of many evaluations."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from assignkit.model.record import Units


class Ratings(BaseModel):
    """How many ratings there are, and their sum: exact, and easy to add to."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    count: Annotated[int, Field(ge=0)]
    total: Units

    def plus(self, rating: Decimal | float) -> Ratings:
        """Return the ratings with one more."""
        return Ratings.model_validate({"count": self.count + 1, "total": self.total + _units(rating)})


def _units(rating: Decimal | float) -> int | Decimal:
    return Decimal(repr(rating)) if isinstance(rating, float) else rating
