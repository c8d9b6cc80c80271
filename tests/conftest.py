"""Settings for all tests."""

from __future__ import annotations

from hypothesis import settings

# A busy machine must not fail a test, and a failure must be replayable from what was printed. The examples are the same
# each time, so that a change is judged by what it changes; `make soak` searches for new ones.
settings.register_profile("assignkit", deadline=None, print_blob=True, derandomize=True)
settings.register_profile("soak", deadline=None, print_blob=True, max_examples=5_000)
settings.load_profile("assignkit")
