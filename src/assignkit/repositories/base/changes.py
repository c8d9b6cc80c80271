"""What changed since somebody looked."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Changes:
    """Which agents changed (record, load or seat) since a cursor; `cursor` is where to ask from next time.

    `agent_ids` is None when the store cannot tell any more: read everything again. `records` are those among them whose
    record may have changed, None where that may be any of them. `of_one_unit`: all of it is known to be of one unit of
    this process, and of one caller in it.
    """

    cursor: int
    agent_ids: frozenset[str] | None
    records: frozenset[str] | None = None
    of_one_unit: bool = False
