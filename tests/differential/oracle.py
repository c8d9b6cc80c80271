# What the desk counts in is exact numbers of any kind: Any. A refusal is told by the name of the desk's error.
# ruff: noqa: ANN401, EM101
"""The desk once more, in the plainest way: dicts, lists and scans, from what the documentation says of decisions.

It shares nothing with the library, and is as slow as it looks. There is one kind of item, the customers. Loads,
ceilings and counts are added up anew whenever they are asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from tests.differential.book import Book, Rule, Step
from tests.differential.taking_turns import Rotation, ranked

CODES = ["inactive", "on_leave", "off_shift", "away", "excluded", "require", "guard", "capacity", "limit"]
REST = timedelta(minutes=5)
LOOKED_AHEAD = 4 * 24 * 60  # minutes


class RefusedError(Exception):
    """What the desk refuses, by the name of its error; and for whom somebody is not eligible, the code."""

    def __init__(self, name: str, code: str = "") -> None:
        super().__init__(f"{name} {code}".strip())


@dataclass
class Holding:
    """One entry of the log: who was given what, when, through which target, and how it ended."""

    agent: str
    item: str
    target: str | None
    at: datetime
    fence: int
    offer: bool = False
    ended: str | None = None


@dataclass
class Item:
    """What is known of one item."""

    facts: dict[str, Any]
    received_at: datetime
    state: str = "free"
    agent: str | None = None
    fence: int = 0
    effort: Any = 1
    holding: Holding | None = None
    until: datetime | None = None
    invited: list[str] = field(default_factory=list)
    excluded: dict[str, str] = field(default_factory=dict)
    excluded_until: datetime | None = None
    give_back: Callable[[], None] | None = None
    rule: str | None = None
    step: int | None = None
    urgency: Any = 0
    pool: str | None = None
    known: bool = False

    @property
    def taken(self) -> bool:
        return self.state in ("held", "offered")


@dataclass
class Answer:
    """What a call answers."""

    item: str
    outcome: str
    agent: str | None = None
    fence: int | None = None
    rule: str | None = None
    step: int | None = None
    reasons: list[str] = field(default_factory=list)
    until: datetime | None = None
    pool: str | None = None
    retry: datetime | None = None


@dataclass
class Trial:
    """One rule at work on one item: whom time keeps away, and what is due later, on the way."""

    id: str
    item: Item
    rule: Rule
    how: str
    reasons: dict[str, None] = field(default_factory=dict)
    absent: list[str] = field(default_factory=list)
    instants: list[datetime] = field(default_factory=list)


class Oracle:
    """What the desk should do."""

    def __init__(self, book: Book, now: datetime, *, zone: str, seed: str) -> None:
        self.rules = sorted(book.rules, key=lambda rule: -rule.priority)
        self.guarded = book.guarded
        self.now = now
        self.zone = zone
        self.seed = seed
        self.agents: dict[str, dict[str, Any]] = {}
        self.items: dict[str, Item] = {}
        self.log: list[Holding] = []
        self.busy: dict[str, datetime] = {}
        self.rotations: dict[str, Rotation] = {}

    # --- what adds up

    def load(self, agent: str) -> Any:
        return sum(item.effort for item in self.items.values() if item.taken and item.agent == agent)

    def ceiling(self, agent: str) -> Any:
        capacity = self.agents[agent]["capacity"]
        return None if capacity is None else max(capacity, self.load(agent))

    def received(self, agent: str) -> int:
        return sum(one.agent == agent and one.ended != "rescinded" for one in self.log)

    def idle_since(self, agent: str) -> datetime | None:
        told = [at for at in (self.agents[agent]["signed_on"], self.busy.get(agent)) if at is not None]
        return max(told) if told else None

    def count(self, agent: str, target: str, period: str | None) -> int:
        through = [one for one in self.log if one.agent == agent and one.target == target]
        if period is None:
            return sum(one.ended is None for one in through)
        counted = [one for one in through if one.ended not in ("declined", "expired", "rescinded")]
        return sum(self.period(one.at, period) == self.period(self.now, period) for one in counted)

    def period(self, at: datetime, period: str) -> tuple[Any, ...]:
        local = at.astimezone(ZoneInfo(self.zone))
        return (local.date(),) if period == "day" else (local.date(), local.hour, local.utcoffset())

    # --- who may have it

    def members(self, team: str) -> list[str]:
        def belongs(facts: dict[str, Any]) -> bool:
            if team == "Senior":
                return facts["level"] is not None and facts["level"] >= 2
            return team in facts["teams"]

        return sorted(id for id, facts in self.agents.items() if belongs(facts))

    def absent(self, agent: str, at: datetime) -> str | None:
        facts = self.agents[agent]
        leave, shift = facts["leave"], facts["shift"]
        if leave is not None and leave[0] <= at < leave[1]:
            return "on_leave"
        if shift is not None:
            local = at.astimezone(ZoneInfo(facts["zone"] or self.zone))
            clock, (start, end) = f"{local:%H:%M}", shift
            on = start <= clock < end if start < end else clock >= start or clock < end
            if not on:
                return "off_shift"
        return None

    def there(self, agent: str) -> bool:
        facts = self.agents[agent]
        gone = facts["gone_at"]
        return facts["presence"] is None or (facts["presence"] == "online" and (gone is None or self.now < gone))

    def guards(self, agent: str, item: Item) -> bool:
        level = self.agents[agent]["level"]
        return self.guarded and "hard" in item.facts.get("tags", []) and (level is None or level < 2)

    def exclusion(self, agent: str, item: Item, rule: Rule | None, target: str | None, how: str) -> str | None:
        """Return the first reason against the agent. `how`: by a rule, forced, by hand, or to be invited."""
        reasons = (
            self.is_away(agent, item, how)
            or self.is_unfit(agent, item, rule)
            or ("guard" if self.guards(agent, item) else None)
        )
        has_it = item.taken and item.agent == agent
        return reasons or (None if has_it else self.has_no_room(agent, item, rule, target, how))

    def is_away(self, agent: str, item: Item, how: str) -> str | None:
        if not self.agents[agent]["active"]:
            return "inactive"
        if how == "by hand":
            return None
        away = self.absent(agent, self.now) or (None if self.there(agent) else "away")
        return away or ("excluded" if agent in self.excluded(item) else None)

    def is_unfit(self, agent: str, item: Item, rule: Rule | None) -> str | None:
        facts = self.agents[agent]
        for skill, level, minutes in rule.requires if rule is not None else ():
            if minutes is not None and self.now - item.received_at >= timedelta(minutes=minutes):
                continue
            has = facts["level"] if skill is None else facts["skills"].get(skill)
            if has is None or has < level:
                return "require"
        return None

    def has_no_room(self, agent: str, item: Item, rule: Rule | None, target: str | None, how: str) -> str | None:
        capacity = self.agents[agent]["capacity"]
        if capacity is not None and self.load(agent) + item.effort > capacity:
            return "capacity"
        for most, period in rule.limits if rule is not None and how != "forced" else ():
            if target is not None and self.count(agent, target, period) >= most:
                return "limit"
        return None

    def excluded(self, item: Item) -> dict[str, str]:
        over = item.excluded_until is not None and item.excluded_until <= self.now
        return {} if over else item.excluded

    # --- deciding

    def decide(self, id: str, *, force: bool = False) -> Answer:
        item = self.items[id]
        for rule in self.rules:
            score = item.facts.get("score")
            if rule.least_score is not None and (score is None or score < rule.least_score):
                continue
            answer = self.follow(id, item, rule, "forced" if force else "rule")
            if answer is not None:
                return answer
        if item.taken or item.invited:
            return self.stays(id, item, None, None, ["no_rule"])
        self.put_down(item, "unmatched")
        return Answer(id, "unmatched", fence=item.fence, reasons=["no_rule"])

    def follow(self, id: str, item: Item, rule: Rule, how: str) -> Answer | None:
        """Return what the rule makes of the item; None to go on with the next one."""
        trial = Trial(id, item, rule, how)
        number = 0
        for number, step in enumerate(rule.steps, start=1):
            due_at = item.received_at + timedelta(minutes=step.after or 0)
            if self.now < due_at:
                trial.reasons["not_due"] = None
                trial.instants.append(due_at)
                return self.wait(trial, number, last_is_due=False)
            if step.action[0] == "continue":
                return None
            if step.action[0] == "queue":
                return self.wait(trial, number, last_is_due=True)
            if step.action[0] in ("pool", "reject"):
                return self.settle(id, item, rule, number, step)
            found = self.attempt(trial, number, step)
            if isinstance(found, Answer):
                return found
            trial.reasons |= dict.fromkeys(found)
        return self.wait(trial, number, last_is_due=True)

    def attempt(self, trial: Trial, number: int, step: Step) -> Answer | list[str]:
        """Return the answer where the step finds somebody, else why it does not."""
        id, item, rule, how = trial.id, trial.item, trial.rule, trial.how
        what, name, *order = step.action
        target = f'{what} "{name}"'
        members = self.members(name) if what == "team" else [name] if name in self.agents else []
        if not members:
            return ["no_members" if what == "team" else "unknown_agent"]
        codes = {agent: self.exclusion(agent, item, rule, target, how) for agent in members}
        eligible = [agent for agent in members if codes[agent] is None]
        if not eligible:
            trial.absent += [agent for agent, code in codes.items() if code in ("on_leave", "off_shift")]
            return sorted({str(code) for code in codes.values()}, key=CODES.index)
        turn: Callable[[], Callable[[], None]] | None = None
        winner = eligible[0]
        if order:
            rotation = self.rotations.get(f"{target} by {order[0]}") or Rotation(f"{target} by {order[0]}")
            winner = ranked(self, order[0], rotation, eligible)[0]
            turn = rotation.turn(self, order[0], winner, eligible)
        if item.agent == winner:
            return self.answer(id, item, "kept", rule=rule.name, step=number)
        until = None if rule.accept is None else self.now + timedelta(minutes=rule.accept)
        excluded = self.excluded(item) if until else {}
        give_back = None
        if turn is not None:
            self.rotations.setdefault(rotation.name, rotation)
            give_back = turn()
        self.give(id, item, winner, target, until=until)
        item.rule, item.step, item.excluded, item.give_back = rule.name, number, excluded, give_back
        return self.answer(id, item, "offered" if until else "assigned", rule=rule.name, step=number)

    def settle(self, id: str, item: Item, rule: Rule, number: int, step: Step) -> Answer:
        what, detail = step.action
        self.put_down(item, "pooled" if what == "pool" else "rejected")
        item.pool = detail if what == "pool" else None
        item.rule, item.step = rule.name, number
        reasons = [detail] if what == "reject" else []
        return self.answer(id, item, item.state, rule=rule.name, step=number, reasons=reasons)

    def wait(self, trial: Trial, number: int, *, last_is_due: bool) -> Answer:
        id, item, rule, reasons, instants = trial.id, trial.item, trial.rule, list(trial.reasons), trial.instants
        if "require" in reasons:
            instants += [item.received_at + timedelta(minutes=m) for _, _, m in rule.requires if m is not None]
        if "limit" in reasons:
            instants += [self.next_period(period) for _, period in rule.limits if period is not None]
        instants += [at for at in map(self.back, trial.absent) if at is not None]
        retry = min((at for at in instants if at > self.now), default=None)
        until = item.excluded_until if item.excluded_until is not None and item.excluded_until > self.now else None
        if until is None and self.excluded(item) and last_is_due:
            rest = self.now + (REST if rule.accept is None else timedelta(minutes=rule.accept))
            until = rest if retry is None else min(rest, retry)
        if until is not None:
            retry = until if retry is None else min(until, retry)
        if item.taken or item.invited:
            return self.stays(id, item, rule.name, number, reasons, retry=retry)
        excluded = self.excluded(item)
        self.put_down(item, "waiting", rule=rule, step=number)
        item.excluded, item.excluded_until = excluded, until
        return self.answer(id, item, "waiting", rule=rule.name, step=number, reasons=reasons, retry=retry)

    def stays(self, id: str, item: Item, rule: str | None, step: int | None, reasons: list[str], **told: Any) -> Answer:
        """A forced run that finds nobody leaves the item where it is."""
        outcome, first = ("kept", "held") if item.taken else ("offered", "pending")
        return self.answer(id, item, outcome, rule=rule, step=step, reasons=[first, *reasons], **told)

    def answer(self, id: str, item: Item, outcome: str, **told: Any) -> Answer:
        return Answer(id, outcome, item.agent, item.fence, until=item.until, pool=item.pool, **told)

    def next_period(self, period: str) -> datetime:
        return next(at for at in self.minutes() if self.period(at, period) != self.period(self.now, period))

    def back(self, agent: str) -> datetime | None:
        return next((at for at in self.minutes() if self.absent(agent, at) is None), None)

    def minutes(self) -> Iterator[datetime]:
        whole = self.now.replace(second=0, microsecond=0)
        yield from (whole + timedelta(minutes=number) for number in range(1, LOOKED_AHEAD))

    # --- moving

    def give(self, id: str, item: Item, agent: str, target: str | None, *, until: datetime | None = None) -> None:
        self.take_back(item, "reassigned")
        item.fence += 1
        holding = Holding(agent, id, target, self.now, item.fence, offer=until is not None)
        self.log.append(holding)
        self.clear(item)
        item.state, item.agent, item.holding = "offered" if until else "held", agent, holding
        item.until, item.known = until, True
        self.busy[agent] = self.now

    def put_down(
        self, item: Item, state: str, *, rule: Rule | None = None, step: int | None = None, because: str = ""
    ) -> None:
        if item.taken:
            item.fence += 1
        self.take_back(item, because or state)
        self.clear(item)
        item.state, item.known = state, True
        if rule is not None:
            item.rule, item.step = rule.name, step
            score = item.facts.get("score")
            item.urgency = score if rule.urgent and score is not None else 0

    def take_back(self, item: Item, because: str) -> None:
        """End the holding; only an offer that is rescinded gives the turn back."""
        if not item.taken or item.holding is None or item.agent is None:
            return
        ends = ("declined", "expired", "rescinded")
        item.holding.ended = "rescinded" if item.state == "offered" and because not in ends else because
        self.busy[item.agent] = self.now
        if item.holding.ended == "rescinded" and item.give_back is not None:
            item.give_back()

    def clear(self, item: Item) -> None:
        item.agent, item.holding, item.until, item.invited, item.give_back = None, None, None, [], None
        item.excluded, item.excluded_until, item.rule, item.step, item.urgency, item.pool = (
            {},
            None,
            None,
            None,
            0,
            None,
        )

    def end_offer(self, item: Item, because: str) -> None:
        excluded, rule, urgency = dict(self.excluded(item)), item.rule, item.urgency
        if because != "rescinded":
            excluded |= dict.fromkeys(item.invited or [str(item.agent)], because)
        self.put_down(item, "waiting", because=because)
        item.excluded, item.rule, item.urgency = excluded, rule, urgency

    # --- what is asked of the desk

    def assign(self, id: str, facts: dict[str, Any] | None, *, force: bool = False) -> Answer:
        item = self.items.get(id)
        if item is None:
            if facts is None:
                raise RefusedError("NotFoundError")
            item = self.items[id] = Item(facts, self.now, effort=facts.get("effort", 1))
            owner = facts.get("owner")
            if owner in self.agents and self.agents[owner]["active"] and not self.guards(owner, item):
                self.give(id, item, owner, None)
        elif not force and item.state == "done":
            raise RefusedError("InvalidTransitionError")
        elif facts is not None:
            item.facts, item.effort = facts, facts.get("effort", 1)
        if item.until is not None and item.until <= self.now:
            self.end_offer(item, "expired")
        if not force and (item.taken or item.invited):
            outcome, reason = ("kept", "held") if item.state == "held" else ("offered", "pending")
            return Answer(id, outcome, item.agent, item.fence, item.rule, item.step, [reason], item.until)
        return self.decide(id, force=force)

    def tick(self) -> list[Answer]:
        """End every offer that is over, then try everything that waits."""
        offers = [(item.until, id) for id, item in self.items.items() if item.until is not None]
        answers = [self.over(id) for until, id in sorted(offers) if until <= self.now]
        offered = [(item.holding.at, id) for id, item in self.items.items() if item.state == "offered" and item.holding]
        recalled = [id for _, id in sorted(offered) if not self.agents[str(self.items[id].agent)]["active"]]
        answers += [self.over(id, "rescinded") for id in recalled]
        tried = [self.decide(id) for id in self.line()]
        return answers + [answer for answer in tried if answer.outcome != "waiting"]

    def over(self, id: str, because: str = "expired") -> Answer:
        self.end_offer(self.items[id], because)
        return self.decide(id)

    def line(self) -> list[str]:
        """Return what waits and is not on offer, what has waited for a week first.

        The others by urgency and one point per hour waited, at most ten; then by age.
        """

        def place(id: str) -> tuple[Any, ...]:
            item = self.items[id]
            age = self.now - item.received_at
            hours = min(Fraction(age // timedelta(microseconds=1), 3_600_000_000), Fraction(10))
            points = Fraction(item.urgency) + hours
            return age < timedelta(weeks=1), -points if age < timedelta(weeks=1) else 0, item.received_at, id

        waiting = [id for id, item in self.items.items() if item.state == "waiting" and not item.invited]
        return sorted(waiting, key=place)

    def pull(self, agent: str) -> None:
        """Give somebody who became free the first thing in line that may come to them, and does."""
        for id in self.line():
            if self.may_come_to(agent, id) and self.decide(id).agent == agent:
                return

    def may_come_to(self, agent: str, id: str) -> bool:
        """Return whether the agent is eligible for what waits, through any step that is due."""
        item = self.items[id]
        for rule in self.rules:
            score = item.facts.get("score")
            if rule.least_score is not None and (score is None or score < rule.least_score):
                continue
            for step in rule.steps:
                what, name, *_ = (*step.action, "")
                if self.now < item.received_at + timedelta(minutes=step.after or 0):
                    return False
                if what == "continue":
                    break
                if what not in ("team", "agent"):
                    return False
                members = self.members(name) if what == "team" else [name]
                if agent in members and self.exclusion(agent, item, rule, f'{what} "{name}"', "rule") is None:
                    return True
            else:
                return False
        return False

    def reassign(self, id: str, to: str, fence: int | None) -> Answer:
        item = self.found(id, fence)
        if to not in self.agents:
            raise RefusedError("NotFoundError")
        if item.state == "held" and item.agent == to:
            return Answer(id, "kept", to, item.fence, reasons=["held"])
        code = self.exclusion(to, item, None, None, "by hand")
        if code is not None:
            raise RefusedError("NotEligibleError", code)
        self.give(id, item, to, None)
        return Answer(id, "assigned", to, item.fence, reasons=["by_hand"])

    def release(self, id: str, pool: str | None, fence: int | None) -> Answer:
        item = self.found(id, fence)
        if pool not in (None, "P"):
            raise RefusedError("NotFoundError")
        if not item.taken and item.state != "waiting":
            raise RefusedError("InvalidTransitionError")
        agent = item.agent
        self.put_down(item, "pooled" if pool else "free", because="released")
        item.pool = pool
        answer = Answer(id, "pooled" if pool else "unmatched", None, item.fence, reasons=["released"], pool=pool)
        if agent is not None:
            self.pull(agent)
        return answer

    def complete(self, id: str, fence: int | None) -> Answer:
        item = self.found(id, fence)
        if item.state != "held":
            raise RefusedError("InvalidTransitionError")
        agent = str(item.agent)
        self.put_down(item, "done", because="completed")
        answer = Answer(id, "done", None, item.fence, reasons=["completed"])
        self.pull(agent)
        return answer

    def accept(self, holding: Holding, fence: int) -> Answer:
        item = self.pending(holding, fence)
        if not self.agents[holding.agent]["active"]:
            raise RefusedError("NotEligibleError", "inactive")
        item.state, item.until, item.give_back, item.excluded, item.excluded_until = "held", None, None, {}, None
        return Answer(holding.item, "assigned", item.agent, item.fence, item.rule, item.step)

    def decline(self, holding: Holding, fence: int) -> Answer:
        self.pending(holding, fence)
        return self.over(holding.item, "declined")

    def pending(self, holding: Holding, fence: int) -> Item:
        item = self.items[holding.item]
        if fence != holding.fence:
            raise RefusedError("ConflictError")
        if item.state != "offered" or item.holding is not holding or (item.until or self.now) <= self.now:
            raise RefusedError("InvalidTransitionError")
        return item

    def broadcast(self, id: str, to: list[str], minutes: int) -> list[Answer]:
        item = self.found(id, None)
        if item.taken or item.invited or item.state == "done":
            raise RefusedError("InvalidTransitionError")
        if any(agent not in self.agents for agent in to):
            raise RefusedError("NotFoundError")
        invited = [agent for agent in sorted(set(to)) if self.exclusion(agent, item, None, None, "invited") is None]
        if invited:
            item.state, item.invited, item.until = "waiting", invited, self.now + timedelta(minutes=minutes)
            item.fence += 1
        return [Answer(id, "offered", agent, item.fence, item.rule, item.step, until=item.until) for agent in invited]

    def take_up(self, id: str, agent: str, fence: int) -> Answer:
        """One of several accepts."""
        item = self.invitation(id, agent, fence)
        code = self.exclusion(agent, item, None, None, "by hand")
        if code is not None:
            raise RefusedError("NotEligibleError", code)
        rule = item.rule
        self.give(id, item, agent, None)
        item.rule = rule
        return Answer(id, "assigned", agent, item.fence, rule)

    def turn_down(self, id: str, agent: str, fence: int) -> Answer:
        """One of several declines; the last of them ends the offer."""
        item = self.invitation(id, agent, fence)
        if item.invited == [agent]:
            return self.over(id, "declined")
        item.excluded = {**self.excluded(item), agent: "declined"}
        item.excluded_until = None
        item.invited.remove(agent)
        return Answer(id, "offered", None, item.fence, item.rule, item.step, until=item.until)

    def invitation(self, id: str, agent: str, fence: int) -> Item:
        item = self.items[id]
        if item.fence != fence or agent not in item.invited or (item.until or self.now) <= self.now:
            raise RefusedError("InvalidTransitionError")
        return item

    def found(self, id: str, fence: int | None) -> Item:
        item = self.items.get(id)
        if item is None:
            raise RefusedError("NotFoundError")
        if fence is not None and fence != item.fence:
            raise RefusedError("ConflictError")
        return item

    def presence(self, agent: str, state: str, minutes: int | None) -> None:
        facts = self.agents[agent]
        was_there = facts["presence"] is not None and self.there(agent)
        if state == "online" and not was_there:
            facts["signed_on"] = self.now
        facts["presence"] = state
        facts["gone_at"] = None if minutes is None else self.now + timedelta(minutes=minutes)
        if state == "online":
            self.pull(agent)

    def remember(self, agent: str, facts: dict[str, Any]) -> None:
        """Write what a record says of an agent."""
        before = self.agents.get(agent, {"presence": None, "gone_at": None, "signed_on": None})
        self.agents[agent] = {**before, **facts}
        if facts["active"]:
            self.pull(agent)
