"""Settings for all tests, and the databases that several of their rooms use."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp

import pytest
from hypothesis import settings

from tests.leftovers import folder_in_memory, gone_at_the_end
from tests.postgres import Server, running_server
from tests.programs import Programs

# A busy machine must not fail a test, and a failure must be replayable from what was printed. The examples are the same
# each time, so that a change is judged by what it changes; `make soak` searches for new ones.
settings.register_profile("assignkit", deadline=None, print_blob=True, derandomize=True, max_examples=75)
settings.register_profile("soak", deadline=None, print_blob=True, max_examples=5_000)
settings.load_profile("assignkit")

os.environ["LC_ALL"] = "C.UTF-8"  # the program speaks English to tests, whatever is spoken on their machine


def pytest_addoption(parser: pytest.Parser) -> None:
    kinds = ("memory", "sqlite", "postgresql")
    parser.addoption("--desk-on", choices=kinds, default="memory", help="the kind of store that tests/unit/desk uses")


def pytest_configure() -> None:
    # Thousands of tests are held, and looked through for garbage again and again: a sixth of the time.
    gc.set_threshold(50_000, 20, 20)


def pytest_collection_finish() -> None:
    gc.freeze()  # without looking through it first: hardly anything of it is garbage


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A server of this worker's own."""
    with running_server() as server:
        yield server


@pytest.fixture(scope="session")
def quick_folder() -> Iterator[Path]:
    """A folder in memory where there is one: a thousand tests need not wait for a disk each time they commit."""
    folder = Path(mkdtemp(dir=folder_in_memory()))
    with gone_at_the_end(folder):
        yield folder


@pytest.fixture(scope="session")
def programs() -> Iterator[Programs]:
    """Yield what runs the program quickly."""
    runner = Programs()
    yield runner
    runner.close()
