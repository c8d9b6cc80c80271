"""New inputs from old ones, without any knowledge of what they lead to: for where there is no atheris."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

from assignkit.language.vocabulary import COMPOUNDS, KEYWORDS, SIGNS

ROOT = Path(__file__).parents[2]
LITERALS = (
    '"a"', "5", "0.25", "20%", "500万", "2026-01-31", "2026-01-31T09:00Z", "09:00-12:00", "customer.tier",
    "agent.level", "task.customer.tier", "owner.level", "now", "(", ")", '("a", "b")', "| any |", "\n",
    "# ok: AK305 why\n", "\x00",
    "\u202e", "“上海”", "客户。等级", "9" * 40, "(" * 70, "not " * 70, "-" * 70, "let x = x\n", "let x = y let y = x\n",
)  # fmt: skip


def dictionary() -> list[str]:
    """Return the words, signs and literals that inputs are made of."""
    words = [spelling for word in KEYWORDS for spelling in (*word.english, *word.chinese)]
    return [*dict.fromkeys([*words, *COMPOUNDS, *SIGNS, *LITERALS])]


def corpus() -> list[bytes]:
    """Return texts to begin with: samples, examples, and what the golden cases are about."""
    files = [*(ROOT / "tests/unit/language/samples").glob("*.rules"), *(ROOT / "examples").rglob("*.rules")]
    cases = [path.read_bytes().partition(b"\n---\n")[0] for path in sorted((ROOT / "tests/golden").rglob("*.case"))]
    return [path.read_bytes() for path in sorted(files)] + cases


class Mutations:
    """Makes inputs out of a corpus; the same seed makes the same ones."""

    def __init__(self, seed: int, texts: Sequence[bytes] | None = None) -> None:
        self._random = Random(seed)  # noqa: S311 - inputs of a test
        self._texts = list(corpus() if texts is None else texts)
        self._words = [word.encode("utf-8", "surrogatepass") for word in dictionary()]

    def next(self) -> bytes:
        """Return a new input."""
        data = self._random.choice(self._texts)
        for _ in range(self._random.choice((1, 1, 2, 3, 8))):
            data = self._random.choice(_OPERATIONS)(self, data)
        return data[:20_000]

    def _span(self, data: bytes) -> tuple[int, int]:
        start = self._random.randint(0, len(data))
        return start, min(len(data), start + self._random.choice((0, 1, 4, 20, 100)))

    def _word(self, data: bytes) -> bytes:
        start, end = self._span(data)
        return data[:start] + b" " + self._random.choice(self._words) + b" " + data[end:]

    def _deleted(self, data: bytes) -> bytes:
        start, end = self._span(data)
        return data[:start] + data[end:]

    def _repeated(self, data: bytes) -> bytes:
        start, end = self._span(data)
        return data[:start] + data[start:end] * self._random.choice((2, 3, 40)) + data[end:]

    def _byte(self, data: bytes) -> bytes:
        at = self._random.randint(0, len(data))
        return data[:at] + bytes([self._random.randrange(256)]) + data[at + 1 :]

    def _spliced(self, data: bytes) -> bytes:
        other = self._random.choice(self._texts)
        return data[: self._span(data)[0]] + other[self._span(other)[0] :]

    def _moved(self, data: bytes) -> bytes:
        start, end = self._span(data)
        rest = data[:start] + data[end:]
        at = self._random.randint(0, len(rest))
        return rest[:at] + data[start:end] + rest[at:]


_OPERATIONS: tuple[Callable[[Mutations, bytes], bytes], ...] = (
    Mutations._word,
    Mutations._word,
    Mutations._deleted,
    Mutations._repeated,
    Mutations._byte,
    Mutations._spliced,
    Mutations._moved,
)
