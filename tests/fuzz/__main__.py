"""`python -m tests.fuzz --seconds N --seed N`: hostile inputs for rules, by atheris where it is installed.

Without it, or with `--plain`, by mutations of a corpus. An input that breaks a promise is kept in a file, which
`--play FILE` tries again. Ends with 1 if there was one.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
import traceback
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path


def main() -> int:
    """Search for so many seconds; return 1 if an input broke a promise."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seed", type=int, default=0, help="repeats the inputs of a run")
    parser.add_argument("--seconds", type=float, default=60, help="how long to search")
    parser.add_argument("--plain", action="store_true", help="search by mutations, also where atheris is installed")
    parser.add_argument("--play", type=Path, metavar="FILE", help="try one input again")
    asked = parser.parse_args()
    if asked.play is not None:
        return int(not _holds(asked.play.read_bytes()))
    if asked.plain or find_spec("atheris") is None:
        return mutate(asked.seed, asked.seconds)
    return _guided(asked.seed, asked.seconds)


def mutate(seed: int, seconds: float) -> int:
    """Try mutations of the corpus until the time is over or one breaks a promise; return 1 if one did."""
    from tests.fuzz.mutating import Mutations  # noqa: PLC0415 - atheris wants to see assignkit being imported

    mutations, end, tried = Mutations(seed), time.monotonic() + seconds, 0
    while time.monotonic() < end:
        tried += 1
        if not _holds(mutations.next()):
            return 1
    sys.stdout.write(f"{tried} inputs by mutation gave rules or located errors\n")
    return 0


def _holds(data: bytes) -> bool:
    from tests.fuzz.target import one_input  # noqa: PLC0415 - as above

    try:
        one_input(data)
    except Exception:  # noqa: BLE001 - whatever it is, it is the finding
        kept = Path(tempfile.mkstemp(suffix=".rules")[1])
        kept.write_bytes(data)
        sys.stdout.write(f"{traceback.format_exc()}python -m tests.fuzz --play {kept}\n")
        return False
    return True


def _guided(seed: int, seconds: float) -> int:
    """Search by what inputs lead to; atheris ends the process itself, with another code than 0 for a finding."""
    atheris = import_module("atheris")
    with atheris.instrument_imports(include=["assignkit.language", "assignkit.rules"]):
        from tests.fuzz.mutating import corpus, dictionary  # noqa: PLC0415
        from tests.fuzz.target import one_input  # noqa: PLC0415
    folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
    (folder / "corpus").mkdir()
    for number, text in enumerate(corpus()):
        (folder / "corpus" / f"{number}.rules").write_bytes(text)
    words = [word.encode("utf-8", "surrogatepass") for word in dictionary()]
    lines = ['"' + "".join(f"\\x{byte:02X}" for byte in word) + '"' for word in words]
    (folder / "words.dict").write_text("\n".join(lines), encoding="ascii")
    bounds = [f"-max_total_time={int(seconds)}", f"-seed={seed or 1}", "-timeout=10", "-max_len=20000"]
    names = [f"-dict={folder / 'words.dict'}", f"-artifact_prefix={folder}/", str(folder / "corpus")]
    sys.stdout.write(f"an input that breaks a promise is kept in {folder}: python -m tests.fuzz --play FILE\n")
    sys.stdout.flush()
    atheris.Setup([sys.argv[0], "-verbosity=0", "-print_final_stats=1", *bounds, *names], one_input)
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main())
