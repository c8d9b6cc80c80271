"""A pytest plugin for tests of a copy: they must import the copy, and need not find the smallest example."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import Phase, settings

settings.register_profile(
    "mutants", deadline=None, derandomize=True, database=None, phases=[Phase.explicit, Phase.generate]
)


def pytest_sessionstart() -> None:
    """Refuse to test another assignkit than that of the copy: every mutant would survive."""
    import assignkit  # noqa: PLC0415 - here, so that a mutant that cannot be imported fails in its tests

    if not Path(assignkit.__file__).is_relative_to(Path.cwd()):
        pytest.exit(f"{assignkit.__file__} is not within {Path.cwd()}", returncode=pytest.ExitCode.USAGE_ERROR)
