"""`python -m engines.columns ENGINE WORKLOAD ROWS CHECKED`, with the folder above as the current one.

Repeats the workload's records up to so many rows, makes a table of them, and prints as JSON the seconds that matching
took by the wall clock, on as many cores as the engine takes, with the answers for the first rows.
"""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from time import perf_counter


def main() -> None:
    """Match with one engine, and print how long it took."""
    import pyarrow as pa  # noqa: PLC0415 - there only in its own environment

    name, path, rows, checked = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    workload = json.loads(Path(path).read_text(encoding="utf-8"))
    rules = [[tuple(condition) for condition in rule] for rule in workload["rules"]]
    few = pa.Table.from_pylist(workload["records"])
    table = pa.concat_tables([few] * -(-rows // len(few))).slice(0, rows).combine_chunks()
    table = table.append_column("row", pa.array(range(rows)))
    match = importlib.import_module(f"{__package__}.{name}").prepare(rules, table)
    began = perf_counter()
    numbers, found = match()
    seconds = perf_counter() - began
    answers = found if numbers is None else found[numbers.argsort()]
    print(json.dumps({"seconds": seconds, "answers": [int(answer) for answer in answers[:checked]]}))


if __name__ == "__main__":
    main()
