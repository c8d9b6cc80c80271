"""What is opened to be read: files, pipes somebody writes to, and nothing that would be waited for or read for ever."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from assignkit import RuleSet, RuleSyntaxError, opening
from assignkit.opening import is_stream, open_to_read


def read(path: Path) -> bytes:
    with open_to_read(path) as file:
        return file.read()


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    os.mkfifo(tmp_path / "pipe")
    return tmp_path / "pipe"


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "_PATIENCE_SECONDS", 0.02)


@pytest.mark.usefixtures("impatient")
def test_a_pipe_that_nobody_writes_to_is_not_waited_for(pipe: Path) -> None:
    with pytest.raises(TimeoutError, match="a pipe that nobody writes to"):
        read(pipe)
    with pytest.raises(RuleSyntaxError, match="a pipe that nobody writes to"):
        RuleSet.load(pipe)


@pytest.mark.usefixtures("impatient")
def test_somebody_who_has_begun_may_take_their_time(pipe: Path) -> None:
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)  # so that a writer need not wait for us
    writer = os.open(pipe, os.O_WRONLY)
    os.close(reader)
    late = threading.Timer(0.1, lambda: (os.write(writer, b"late"), os.close(writer)))
    late.start()
    assert read(pipe) == b"late"
    late.join()


@pytest.mark.parametrize("size", [0, 1, 200_000])  # more than a pipe holds
def test_what_is_written_is_read_whole(pipe: Path, size: int) -> None:
    writing = threading.Thread(target=pipe.write_bytes, args=(b"x" * size,))
    writing.start()
    assert read(pipe) == b"x" * size
    writing.join()


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/full", "/dev/urandom"])
def test_no_device_is_read_for_ever(device: str) -> None:
    with pytest.raises(OSError, match="a device, and no file"):
        read(Path(device))


def test_what_ends_by_itself_is_read(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"text")
    assert (read(tmp_path / "file"), read(Path(os.devnull))) == (b"text", b"")


@pytest.mark.parametrize(
    ("make", "expected"),
    [(Path.touch, False), (Path.mkdir, False), (os.mkfifo, True), (lambda _: None, False)],
    ids=["file", "directory", "pipe", "nothing"],
)
def test_streams_are_told_apart(tmp_path: Path, make: Callable[[Path], None], expected: bool) -> None:
    make(tmp_path / "it")
    assert is_stream(tmp_path / "it") is expected
    assert not is_stream(Path("\0"))
