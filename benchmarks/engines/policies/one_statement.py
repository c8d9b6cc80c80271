"""The database decides: one statement in SQLite, in memory, inserts who gets each record into a table.

A running number within each team stands for the least load, as long as nobody carries anything before, and all have
room.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from engines.policies.workload import Workload

_FIELDS = ("country", "industry", "employees")
_TABLES = """
CREATE TABLE records (number INTEGER PRIMARY KEY, country TEXT, industry TEXT, employees INTEGER);
CREATE TABLE rules (number INTEGER PRIMARY KEY, country TEXT, industry TEXT, employees INTEGER, team TEXT);
CREATE INDEX rules_of_place ON rules (country, industry, number);
CREATE TABLE agents (team TEXT, place INTEGER, id TEXT, PRIMARY KEY (team, place));
CREATE TABLE assignments (record INTEGER PRIMARY KEY, agent TEXT, team TEXT);
"""
_DECIDE = """
WITH matched AS (
  SELECT c.number, coalesce((
    SELECT r.team FROM rules r WHERE r.country = c.country AND r.industry = c.industry AND c.employees >= r.employees
    ORDER BY r.number LIMIT 1), ?) AS team
  FROM records c),
placed AS (SELECT number, team, row_number() OVER (PARTITION BY team ORDER BY number) - 1 AS place FROM matched),
sizes AS (SELECT team, count(*) AS size FROM agents GROUP BY team)
INSERT INTO assignments
SELECT p.number, a.id, p.team FROM placed p JOIN sizes s ON s.team = p.team
JOIN agents a ON a.team = p.team AND a.place = p.place % s.size
"""


def prepare(workload: Workload) -> Callable[[], list[str]]:
    """Return what decides all records."""
    database = sqlite3.connect(":memory:", isolation_level=None)
    database.executescript(_TABLES)
    rows = [(row, *(record[name] for name in _FIELDS)) for row, record in enumerate(workload.records)]
    database.executemany("INSERT INTO records VALUES (?, ?, ?, ?)", rows)
    told = [{field: value for field, _, value in rule} for rule in workload.rules]
    given = [(number, *(rule[name] for name in _FIELDS), workload.teams[number]) for number, rule in enumerate(told)]
    database.executemany("INSERT INTO rules VALUES (?, ?, ?, ?, ?)", given)
    placed = [(team, *each) for team, members in workload.agents.items() for each in enumerate(sorted(members))]
    database.executemany("INSERT INTO agents VALUES (?, ?, ?)", placed)

    def decide() -> list[str]:
        database.execute(_DECIDE, (workload.teams[-1],))
        return [agent for (agent,) in database.execute("SELECT agent FROM assignments ORDER BY record")]

    return decide
