"""The contract of a store: one small repository protocol per noun, bundled by a unit of work.

Everything that a repository returns is immutable. `get` raises `NotFoundError`, `find` returns None, `list` has a
stated order, `add` refuses a duplicate with `AlreadyExistsError`, `save` checks the version. The suites in
`assignkit.testing` prove an implementation.
"""

from __future__ import annotations

from assignkit.repositories.base.answers import Answer, IdempotencyRepository
from assignkit.repositories.base.assignments import AssignmentRepository
from assignkit.repositories.base.changes import Changes
from assignkit.repositories.base.history import HistoryRepository
from assignkit.repositories.base.loads import LoadRepository
from assignkit.repositories.base.outbox import OutboxRepository
from assignkit.repositories.base.placements import PlacementRepository
from assignkit.repositories.base.publications import PublicationRepository
from assignkit.repositories.base.records import Page, Repository
from assignkit.repositories.base.rotations import RotationRepository, Seated
from assignkit.repositories.base.store import Store
from assignkit.repositories.base.work import Repositories, Unit

__all__ = [
    "Answer",
    "AssignmentRepository",
    "Changes",
    "HistoryRepository",
    "IdempotencyRepository",
    "LoadRepository",
    "OutboxRepository",
    "Page",
    "PlacementRepository",
    "PublicationRepository",
    "Repositories",
    "Repository",
    "RotationRepository",
    "Seated",
    "Store",
    "Unit",
]
