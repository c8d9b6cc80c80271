"""Settings for all tests."""

from __future__ import annotations

from hypothesis import settings

# A busy machine must not fail a test, and a failure must be replayable from what was printed.
settings.register_profile("assignkit", deadline=None, print_blob=True)
settings.register_profile("soak", deadline=None, print_blob=True, max_examples=5_000)
settings.load_profile("assignkit")
