"""assignkit decides who gets this customer, and who does this task: by rules that a sales manager can read."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from assignkit.clock import Clock, ManualClock, SystemClock
from assignkit.desk.async_desk import AsyncDesk, AsyncRecords
from assignkit.desk.desk import Desk
from assignkit.diagnostics import Diagnostic, Location, Severity
from assignkit.errors import (
    AlreadyExistsError,
    AssignkitError,
    AssignmentError,
    BackendError,
    ConfigurationError,
    ConflictError,
    IdempotencyError,
    InfeasibleError,
    InUseError,
    InvalidItemError,
    InvalidTransitionError,
    MissingExtraError,
    NotEligibleError,
    NotFoundError,
    PublishingError,
    RepositoryError,
    RuleCheckError,
    RuleError,
    RuleSyntaxError,
    UnknownStrategyError,
    UnreadableError,
)
from assignkit.language.limits import Limits
from assignkit.model.agent import Agent
from assignkit.model.assignment import Assignment, Event
from assignkit.model.batch import BatchReport, Decisions
from assignkit.model.contact import Comment, Contact
from assignkit.model.customer import Customer
from assignkit.model.decision import Decision
from assignkit.model.explanation import Explanation
from assignkit.model.offers import Offers
from assignkit.model.publication import Publication
from assignkit.model.record import Item
from assignkit.model.task import Task
from assignkit.model.team import Category, Pool, Team
from assignkit.model.waiting import WaitingView
from assignkit.optimise.at_desk import Optimiser
from assignkit.repositories.base import Page, Repository, Store
from assignkit.repositories.memory import MemoryStore
from assignkit.rules.calendars import WorkingTime
from assignkit.rules.field_types import Field
from assignkit.rules.ruleset import Match, RuleSet
from assignkit.rules.schema import Schema
from assignkit.strategies.base import Candidate, Order, Question
from assignkit.strategies.registry import register_order
from assignkit.strategies.waiting import QueuePolicy

if TYPE_CHECKING:
    from assignkit.language.formatter import format_rules
    from assignkit.proving.examples import ExampleReport, run_examples
    from assignkit.rules.checking import check

__all__ = [
    "Agent",
    "AlreadyExistsError",
    "AssignkitError",
    "Assignment",
    "AssignmentError",
    "AsyncDesk",
    "AsyncRecords",
    "BackendError",
    "BatchReport",
    "Candidate",
    "Category",
    "Clock",
    "Comment",
    "ConfigurationError",
    "ConflictError",
    "Contact",
    "Customer",
    "Decision",
    "Decisions",
    "Desk",
    "Diagnostic",
    "Event",
    "ExampleReport",
    "Explanation",
    "Field",
    "IdempotencyError",
    "InUseError",
    "InfeasibleError",
    "InvalidItemError",
    "InvalidTransitionError",
    "Item",
    "Limits",
    "Location",
    "ManualClock",
    "Match",
    "MemoryStore",
    "MissingExtraError",
    "NotEligibleError",
    "NotFoundError",
    "Offers",
    "Optimiser",
    "Order",
    "Page",
    "Pool",
    "Publication",
    "PublishingError",
    "Question",
    "QueuePolicy",
    "Repository",
    "RepositoryError",
    "RuleCheckError",
    "RuleError",
    "RuleSet",
    "RuleSyntaxError",
    "Schema",
    "Severity",
    "Store",
    "SystemClock",
    "Task",
    "Team",
    "UnknownStrategyError",
    "UnreadableError",
    "WaitingView",
    "WorkingTime",
    "check",
    "format_rules",
    "register_order",
    "run_examples",
]

# What reads the language of rules is a quarter of the import: it is loaded with the first text, or when asked for.
_WITH_THE_LANGUAGE = {
    "ExampleReport": "assignkit.proving.examples",
    "check": "assignkit.rules.checking",
    "format_rules": "assignkit.language.formatter",
    "run_examples": "assignkit.proving.examples",
}


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


if not TYPE_CHECKING:  # where types are checked, a name that is not there is to be told

    def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever has the name
        if name not in _WITH_THE_LANGUAGE:
            msg = f"module {__name__!r} has no attribute {name!r}"
            raise AttributeError(msg)
        found = globals()[name] = getattr(import_module(_WITH_THE_LANGUAGE[name]), name)
        return found
