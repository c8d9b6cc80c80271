"""Committing: what was decided is written, kept in mind, and can be replayed from the events alone."""
