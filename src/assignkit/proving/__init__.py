"""Proving rules before they are used: their examples run on a real desk, and what these cover."""
