"""The example on web leads: 9,240 of them, whether the real ones or a twin that is generated here.

The real data is public but not ours to ship (examples/leads/README.md says where it is from). Where it stands beside
the checkout it is used as well; where not, the names of the tests say so.
"""

from __future__ import annotations

import csv
import io
import os
import random
import subprocess
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from assignkit.importing.agents import read_agents
from assignkit.importing.items import read_items
from tests.programs import Programs

ROOT = Path(__file__).parents[2]
RULES = ROOT / "examples" / "leads" / "leads.rules"
SHARED = ROOT.parent / "shared" / "data"
REAL_LEADS = SHARED / "leads_xeducation" / "Leads.csv"
REAL_AGENTS = SHARED / "crm_maven" / "sales_teams.csv"
IS_REAL_HERE = REAL_LEADS.exists() and REAL_AGENTS.exists()
DATA = ["generated", "real"] if IS_REAL_HERE else ["generated-as-the-real-data-is-not-beside-the-checkout"]

LEADS = 9_240
COLUMNS = {
    "Lead Origin": ["API", "Landing Page Submission", "Lead Add Form"],
    "Lead Source": ["Google", "google", "Direct Traffic", "Olark Chat", "Organic Search", "Reference", "Facebook", ""],
    "Do Not Email": ["No", "No", "No", "Yes"],
    "Do Not Call": ["No", "No", "No", "No", "Yes"],
    "TotalVisits": ["0", "2", "3", "5", ""],
    "Total Time Spent on Website": ["0", "60", "674", "1200"],
    "Page Views Per Visit": ["0", "2.5", "1.33", ""],
    "Country": ["India", "India", "India", "", "United States", "unknown"],
    "Specialization": ["Select", "", "Finance Management", "Banking, Investment And Insurance"],
    "What is your current occupation": ["Unemployed", "", "Working Professional", "Businessman"],
    "Tags": ["", "Ringing", "Already a student", "invalid number", "Interested  in full time MBA"],
    "Lead Quality": ["", "Might be", "High in Relevance"],
    "City": ["Mumbai", "Select", "", "Thane & Outskirts", "Other Cities"],
    "Magazine": ["No"],
}


@dataclass(frozen=True)
class Data:
    leads: Path
    agents: Path


def generate(folder: Path) -> Data:
    """Write leads that look like the real ones: Windows line ends, a column without a name, `Select` for no answer."""
    chance = random.Random(9_240)  # noqa: S311 - no secret
    leads = [[f"{chance.getrandbits(128):032x}", *map(chance.choice, COLUMNS.values()), ""] for _ in range(LEADS)]
    with (folder / "Leads.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\r\n").writerows([["Prospect ID", *COLUMNS, ""], *leads])
    offices = ["Central"] * 11 + ["East"] * 12 + ["West"] * 12
    agents = [f"Agent {number},Manager {number % 6},{office}" for number, office in enumerate(offices)]
    (folder / "teams.csv").write_text("\n".join(["sales_agent,manager,regional_office", *agents]), encoding="utf-8")
    return Data(folder / "Leads.csv", folder / "teams.csv")


@pytest.fixture(scope="module", params=DATA)
def data(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Data:
    if request.param == "real":
        return Data(REAL_LEADS, REAL_AGENTS)
    return generate(tmp_path_factory.mktemp("leads"))


@pytest.fixture(scope="module")
def command(data: Data) -> list[str]:
    """Return the command line that assigns the leads."""
    options = ["--agent-id", "sales_agent", "--agent-team", "regional_office", "--id", "Prospect ID"]
    options += ["--agents", str(data.agents), "--customers", str(data.leads), "--now", "2026-11-21T09:00"]
    return ["assign", str(RULES), *options, "--seed", "desk-1"]


@pytest.fixture(scope="module")
def decisions(command: list[str], programs: Programs) -> bytes:
    done = programs.run(command, folder=ROOT, environment=os.environ)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


@pytest.fixture(scope="module")
def rows(decisions: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(decisions.decode())))


def test_every_lead_has_one_outcome_in_the_order_of_the_file(data: Data, rows: list[dict[str, str]]) -> None:
    leads = read_items(data.leads, id_column="Prospect ID").records

    assert len(rows) == LEADS
    assert [row["item_id"] for row in rows] == [lead.id for lead in leads]
    assert {row["outcome"] for row in rows} == {"assigned", "pooled", "rejected"}
    assert all(row["rule"] for row in rows)
    assert all(bool(row["agent_id"]) == (row["outcome"] == "assigned") for row in rows)


def test_within_each_team_the_counts_differ_by_at_most_one(data: Data, rows: list[dict[str, str]]) -> None:
    counts = Counter(row["agent_id"] for row in rows)
    agents = read_agents(data.agents, id_column="sales_agent", team_column="regional_office").records

    assert len(agents) == 35
    for team in ("Central", "East", "West"):
        loads = [counts[agent.id] for agent in agents if team in agent.teams]
        assert max(loads) > 0
        assert max(loads) - min(loads) <= 1


def test_rules_do_with_the_leads_what_they_say(data: Data, rows: list[dict[str, str]]) -> None:
    leads = read_items(data.leads, id_column="Prospect ID").records
    teams = {
        agent.id: agent.teams
        for agent in read_agents(data.agents, id_column="sales_agent", team_column="regional_office").records
    }
    seen = Counter[str]()
    for lead, row in zip(leads, rows, strict=True):
        fields = lead.model_dump()
        seen[row["rule"].split()[0]] += 1
        if "invalid number" in fields["tags"]:
            assert (row["outcome"], row["reason"]) == ("rejected", "cannot be reached")
        elif "Already a student" in fields["tags"]:
            assert row["outcome"] == "rejected"
        elif row["rule"] == "Abroad":
            assert fields["country"] not in (None, "India", "unknown")
            assert "East" in teams[row["agent_id"]]
        elif row["rule"].startswith("Subjects"):
            assert fields["specialization"] not in (None, "Select")
    assert min(seen["Abroad"], seen["Subjects"]) > 10


def test_the_same_seed_and_time_give_the_same_bytes(decisions: bytes, command: list[str], program: list[str]) -> None:
    assert subprocess.run([*program, *command], capture_output=True, check=True).stdout == decisions


def test_the_rules_give_no_cause_for_complaint(data: Data, programs: Programs) -> None:
    options = ["--customers", str(data.leads), "--id", "Prospect ID", "--agents", str(data.agents)]
    options += ["--agent-id", "sales_agent", "--agent-team", "regional_office", "--strict"]

    done = programs.run(["check", str(RULES), *options], folder=ROOT, environment=os.environ)

    told = done.stdout.decode()
    assert done.returncode == 0, told
    assert "warning[" not in told
    assert "error[" not in told
