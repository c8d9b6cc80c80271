"""A host's own repositories in the units of a SQL store: what is handed over, lent to, and guarded."""
