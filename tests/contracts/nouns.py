"""The nouns that every store keeps, and what their records are."""

from __future__ import annotations

from assignkit.model.agent import Agent
from assignkit.model.customer import Customer
from assignkit.model.record import Record
from assignkit.model.task import Task
from assignkit.model.team import Category, Pool, Team

MODELS: dict[str, type[Record]] = {
    "customers": Customer,
    "tasks": Task,
    "agents": Agent,
    "teams": Team,
    "pools": Pool,
    "categories": Category,
}
