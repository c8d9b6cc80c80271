"""Waiting: items nobody has yet, in which order they are tried again, and when."""
