"""assignkit decides who gets this customer, and who does this task: by rules that a sales manager can read."""

from __future__ import annotations

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
from assignkit.language.formatter import format_rules
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
from assignkit.proving.examples import ExampleReport, run_examples
from assignkit.repositories.base import Page, Repository, Store
from assignkit.repositories.memory import MemoryStore
from assignkit.rules.calendars import WorkingTime
from assignkit.rules.checking import check
from assignkit.rules.field_types import Field
from assignkit.rules.ruleset import Match, RuleSet
from assignkit.rules.schema import Schema
from assignkit.strategies.base import Candidate, Order, Question
from assignkit.strategies.registry import register_order
from assignkit.strategies.waiting import QueuePolicy

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
