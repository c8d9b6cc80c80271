"""The sample desk that comes with the program: where it is, and how it is laid into a folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from assignkit.errors import ConfigurationError
from assignkit.messages.text import say

RULES, AGENTS, CUSTOMERS = "sales.rules", "agents.csv", "customers.csv"
FILES = (RULES, AGENTS, CUSTOMERS, "README.md")

# The wheel carries the example inside the package; a checkout has it where people look for examples.
_PLACES = (Path(__file__).parent / "sales_desk", Path(__file__).parents[3] / "examples" / "sales_desk")


def sample_folder() -> Path:
    """Return the folder with the sample. Raises `ConfigurationError` if it was not installed."""
    for place in _PLACES:
        if (place / RULES).is_file():
            return place
    msg = say("cli.sample_missing")
    raise ConfigurationError(msg)


def lay_out(folder: Path) -> None:
    """Copy the sample into `folder`, made if need be. A file there that differs is somebody's work: nothing is written.

    Raises `ConfigurationError` that names such files.
    """
    contents = {folder / name: (sample_folder() / name).read_bytes() for name in FILES}
    changed = [path for path, content in contents.items() if path.exists() and not _holds(path, content)]
    if changed:
        msg = say("cli.sample_changed", files=tuple(map(str, changed)))
        raise ConfigurationError(msg)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        msg = say("cli.no_folder", folder=folder)
        raise ConfigurationError(msg) from None
    for path in _absent(contents):
        path.write_bytes(contents[path])


def _holds(path: Path, content: bytes) -> bool:
    return path.is_file() and path.read_bytes() == content


def _absent(contents: dict[Path, bytes]) -> Iterator[Path]:
    return (path for path in contents if not path.exists())
