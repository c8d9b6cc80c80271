"""The passes over a draft, in the order in which they run; `lint` comes after them, where somebody wants to know."""

from __future__ import annotations

from collections.abc import Callable

from assignkit.rules.draft import Draft
from assignkit.rules.passes.resolve import resolve
from assignkit.rules.passes.tables import tables
from assignkit.rules.passes.typecheck import typecheck

PASSES: tuple[Callable[[Draft], None], ...] = (tables, resolve, typecheck)
