"""The same bytes in every process, whatever its hash seed."""

from __future__ import annotations

import os
import subprocess
import sys

SCRIPT = """
import hashlib
from datetime import UTC, datetime
from assignkit import Agent, Customer, Desk, ManualClock, MemoryStore, RuleSet
from tests.unit.desk.test_explaining import AGENTS, ITEMS, RULES
desk = Desk(RuleSet.from_text(RULES), MemoryStore(), clock=ManualClock(datetime(2026, 11, 21, tzinfo=UTC)), seed="s")
for agent in AGENTS:
    desk.agents.add(agent)
for number in range(20):
    desk.agents.add(Agent(id=f"a{number}", teams={"East", "West", "North"}, skills={"b": 1, "a": 2}, languages=["fr"]))
told = hashlib.sha256()
for number, fields in enumerate(ITEMS * 6):
    decision = desk.assign({"id": number, **fields, "tags": {"x", "y", "z", *fields.get("tags", ())}})
    for text in (decision.model_dump_json(), decision.explain(), decision.explain(format="json")):
        told.update(text.encode())
    told.update(desk.explain({"id": f"dry{number}", **fields}).to_json().encode())
for event in desk._store.history.since(0):
    told.update(event.model_dump_json().encode())
print(told.hexdigest())
"""


def test_the_hash_seed_makes_no_difference() -> None:
    told = {
        subprocess.run(  # the script is ours
            [sys.executable, "-c", SCRIPT],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(["src", "."])},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("0", "1", "4242")
    }
    assert len(told) == 1
