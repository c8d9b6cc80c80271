"""The store that lives in memory: one file per kind of book, all of them undone together."""

from assignkit.repositories.memory.store import MemoryStore

__all__ = ["MemoryStore"]
