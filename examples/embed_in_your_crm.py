"""A CRM with its own dataclasses lets assignkit decide who gets each lead: python examples/embed_in_your_crm.py."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime

from assignkit import Agent, Desk, Event, ManualClock, RuleSet, Schema

RULES = """
team "Enterprise" = agents where agent.seniority >= 3

rule "Big deals" for leads
  when lead.annual_revenue >= 1_000_000 and lead.state in ("CA", "NY")
  require agent.skills has "negotiation" at 2
  assign to team "Enterprise" by least loaded
  limit 10 open
  otherwise assign to team "Inside Sales"

rule "Everyone else" for leads
  assign to team "Inside Sales" by round robin

never assign leads where lead.on_hold = true to agents
"""


@dataclass
class Address:
    """Where a lead is, as this CRM keeps it."""

    state: str


@dataclass
class Lead:
    """A lead, as this CRM keeps it; assignkit reads it where it is and never copies or changes it."""

    id: int
    company: str
    annual_revenue: float | None
    address: Address
    on_hold: bool = False
    assigned_to: str | None = None


# What rules may say about a lead: names, types, and where a value lies deeper in the object.
SCHEMA = Schema(
    lead={"company": str, "annual_revenue": float, "on_hold": bool, "state": (str, "address.state")},
    agent={"seniority": int},
)


def main() -> list[Lead]:
    """Assign three leads, print who has them and why the first one went where it went."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    say = logging.getLogger("crm").info

    clock = ManualClock(datetime(2026, 11, 21, 9, tzinfo=UTC))  # leave it out to use the wall clock
    desk = Desk(RuleSet.from_text(RULES, schema=SCHEMA), clock=clock, seed="crm", zone="America/New_York")
    desk.agents.add(Agent(id="ada", teams={"Inside Sales"}, skills={"negotiation": 3}, seniority=4))
    desk.agents.add(Agent(id="bob", teams={"Inside Sales"}, seniority=1))

    leads = [
        Lead(1, "Acme", 2_500_000, Address("CA")),
        Lead(2, "Corner Shop", None, Address("TX")),
        Lead(3, "Frozen Foods", 90_000, Address("NY"), on_hold=True),
    ]

    # Committed changes come back as events: this is where the CRM writes to its own tables.
    by_id = {str(lead.id): lead for lead in leads}

    def write_back(event: Event) -> None:
        by_id[event.item_id].assigned_to = event.agent_id

    desk.subscribe(write_back)

    decisions = desk.assign_many(leads, kind="leads")
    for lead, decision in zip(leads, decisions, strict=True):
        say("%-12s %-9s %s", lead.company, decision.outcome, lead.assigned_to or "nobody")
    say("\n%s", decisions[0].explain())
    return leads


if __name__ == "__main__":
    main()
