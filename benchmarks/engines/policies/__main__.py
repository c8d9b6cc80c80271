"""`python -m engines.policies POLICY WORKLOAD`, with the folder above as the current one.

Decides the workload's records, and prints as JSON the seconds of processor time that deciding took, and who got each
record: the agents' ids in turn. What a policy has to prepare for the rules is off the clock.
"""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from time import process_time

from engines.policies.workload import Workload


def main() -> None:
    """Decide by one policy, and print how long it took."""
    name, path = sys.argv[1], sys.argv[2]
    decide = importlib.import_module(f"{__package__}.{name}").prepare(Workload.read(Path(path)))
    began = process_time()
    agents = decide()
    print(json.dumps({"seconds": process_time() - began, "agents": agents}))


if __name__ == "__main__":
    main()
