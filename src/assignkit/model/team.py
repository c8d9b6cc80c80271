"""Teams, pools and categories: where items and agents belong."""

from __future__ import annotations

from assignkit.model.record import Identity, Record


class Team(Record):
    """A team; `id` is the name that rules use. Agents say which teams they are in."""

    name: str | None = None
    parent: Identity | None = None
    manager: Identity | None = None


class Pool(Record):
    """A public pool of items that nobody holds; `id` is the name that rules use."""

    name: str | None = None


class Category(Record):
    """A named group of items; `id` is its path, such as `Size/Large`."""

    kind: str = "customers"
    name: str | None = None
