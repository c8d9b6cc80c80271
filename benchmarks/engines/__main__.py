"""`python -m engines ENGINE WORKLOAD CORES`, with the folder above as the current one: match the workload's records.

Reads the workload as JSON, prints as JSON the seconds of processor time that preparing and matching took, and the
answers. An engine that works on several cores at once is counted as if they all had been its own.
"""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from time import process_time


def main() -> None:
    """Match with one engine, and print how long it took."""
    name, path, cores = sys.argv[1], sys.argv[2], int(sys.argv[3])
    workload = json.loads(Path(path).read_text(encoding="utf-8"))
    rules = [[tuple(condition) for condition in rule] for rule in workload["rules"]]
    module, _, form = name.partition(":")
    began = process_time()
    prepare = importlib.import_module(f"{__package__}.{module}")
    match = getattr(prepare, form or "prepare")(rules)
    match(workload["records"][:10])
    prepared = process_time()
    answers = match(workload["records"])
    seconds = (process_time() - prepared) / cores
    print(json.dumps({"preparing": prepared - began, "seconds": seconds, "answers": answers}))


if __name__ == "__main__":
    main()
