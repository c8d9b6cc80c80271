"""A small family of rule books as plain data, and the text that says the same to the desk."""

from __future__ import annotations

from typing import Any, NamedTuple

from hypothesis import strategies as st


class Step(NamedTuple):
    """What to try: ("team", name, order), ("agent", id), ("queue", team), ("pool", name), ("reject", why), or to go on.

    `after` so many minutes.
    """

    action: tuple[str, ...]
    after: int | None = None


class Rule(NamedTuple):
    """One rule. Requires are (skill or None for a level, how much, minutes until it is dropped or None)."""

    name: str
    steps: tuple[Step, ...]
    least_score: int | None = None
    priority: int = 0
    requires: tuple[tuple[str | None, int, int | None], ...] = ()
    limits: tuple[tuple[int, str | None], ...] = ()
    accept: int | None = None
    urgent: bool = False


class Book(NamedTuple):
    """Rules in the order in which they are written; `guarded`: hard items never go to agents below level 2."""

    rules: tuple[Rule, ...]
    guarded: bool = False

    @property
    def text(self) -> str:
        """The rules as the desk reads them."""
        lines = ['team "Senior" = agents where agent.level >= 2', 'pool "P"']
        for rule in self.rules:
            lines += _lines(rule)
        if self.guarded:
            lines.append('never assign customers where customer.tags has "hard" to agents where agent.level < 2')
        return "\n".join(lines)


def _lines(rule: Rule) -> list[str]:
    lines = [f'rule "{rule.name}"']
    if rule.least_score is not None:
        lines.append(f"  when customer.score >= {rule.least_score}")
    lines.append(f"  priority {rule.priority}")
    for skill, level, minutes in rule.requires:
        what = f"agent.level >= {level}" if skill is None else f'agent.skills has "{skill}" at {level}'
        lines.append(f"  require {what}{f' for {minutes} minutes' if minutes else ''}")
    if rule.urgent:
        lines.append("  urgency customer.score")
    for place, step in enumerate(rule.steps):
        otherwise = "otherwise " if place else ""
        after = f"after {step.after} minutes " if step.after is not None else ""
        lines.append(f"  {otherwise}{after}{_said(step.action)}")
    for count, period in rule.limits:
        lines.append(f"  limit {count} {f'per {period}' if period else 'open'}")
    if rule.accept is not None:
        lines.append(f"  accept within {rule.accept} minutes")
    return lines


def _said(action: tuple[str, ...]) -> str:
    what, *details = action
    if what == "team":
        return f'assign to team "{details[0]}" by {details[1]}'
    return {
        "agent": 'assign to agent "{}"',
        "queue": 'hold in team "{}"',
        "pool": 'hold in pool "{}"',
        "reject": 'reject "{}"',
        "continue": "continue",
    }[what].format(*details)


ORDERS = (
    "round robin",
    "weighted round robin",
    "fair share",
    "least loaded",
    "longest idle",
    "lowest agent.received",
    "round robin then least loaded",
)
_teams = st.tuples(st.just("team"), st.sampled_from(["East", "East", "West", "Senior"]), st.sampled_from(ORDERS))
_agents = st.tuples(st.just("agent"), st.sampled_from(["a", "nobody"]))
_ends: list[tuple[str, ...]] = [("pool", "P"), ("reject", "no"), ("continue",), ("queue", "East")]


@st.composite
def _rules(draw: st.DrawFn, name: str) -> Rule:
    steps = [Step(draw(_teams))]
    if draw(st.booleans()):
        steps.append(Step(draw(_teams | _agents), draw(st.sampled_from([None, 10, 45]))))
    if draw(st.integers(0, 3)) == 0:
        steps.append(Step(draw(st.sampled_from(_ends)), draw(st.sampled_from([None, 30]))))
    requires = st.tuples(st.sampled_from([None, "law"]), st.integers(1, 2), st.sampled_from([None, 20]))
    limits: Any = st.tuples(st.integers(1, 4), st.sampled_from([None, "hour", "day"]))
    return Rule(
        name,
        tuple(steps),
        draw(st.sampled_from([None, None, 3, 6])),
        draw(st.sampled_from([0, 0, 5])),
        tuple(draw(st.lists(requires, max_size=1))),
        tuple(draw(st.lists(limits, max_size=2))),
        draw(st.sampled_from([None, 5, 15])),
        draw(st.booleans()),
    )


@st.composite
def books(draw: st.DrawFn) -> Book:
    """Return a book of one to three rules."""
    names = ["One", "Two", "Three"][: draw(st.integers(1, 3))]
    return Book(tuple(draw(_rules(name)) for name in names), draw(st.booleans()))
