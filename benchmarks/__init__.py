"""Measurements against the promised figures: each module with a `run` is one benchmark, named after its file."""
