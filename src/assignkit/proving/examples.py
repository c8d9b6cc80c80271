"""Runs the examples of a rule set, each on a desk of its own, through the code that decides in earnest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from pydantic import ValidationError

from assignkit.clock import ManualClock
from assignkit.desk.desk import Desk
from assignkit.desk.receiving import as_record
from assignkit.diagnostics import Source
from assignkit.errors import AssignkitError, ConfigurationError
from assignkit.language.syntax import ExampleStatement, ExpectClause
from assignkit.messages.text import LanguageCode, Text, say, told
from assignkit.model.agent import Agent
from assignkit.model.customer import Customer
from assignkit.model.decision import Decision
from assignkit.proving.coverage import Coverage, Covering
from assignkit.proving.worlds import GivenWorld, world_of
from assignkit.repositories.memory import MemoryStore
from assignkit.rules.plan import AssignTo, HoldInTeam, Step, TeamTarget
from assignkit.rules.ruleset import RuleSet


@dataclass(frozen=True, slots=True)
class Expectation:
    """One `expect` of an example: what it says and what came instead; `found` is None where it was met."""

    expected: str
    found: str | None = None

    @property
    def met(self) -> bool:
        """Return whether it came out as expected."""
        return self.found is None


@dataclass(frozen=True, slots=True)
class ExampleResult:
    """How one example came out. `error` says why it could not be run, `decision` is what the desk decided."""

    name: str
    file: str
    line: int
    expectations: tuple[Expectation, ...] = ()
    decision: Decision | None = None
    error: str | None = None

    @property
    def passed(self) -> bool:
        """Return whether everything came out as expected."""
        return self.error is None and all(each.met for each in self.expectations)

    def difference(self, *, language: LanguageCode = "en") -> str:
        """Return what was expected and what was found instead, as lines that begin with `-` and `+`."""
        if self.error is not None:
            return f"  {told(self.error, language)}"
        lines: list[str] = []
        for each in self.expectations:
            expected = say("why.expect", what=each.expected).in_language(language)
            found = "" if each.found is None else say("why.found", what=each.found).in_language(language)
            lines += [f"  {expected}"] if each.met else [f"- {expected}", f"+ {found}"]
        return "\n".join(lines)

    def explanation(self, *, language: LanguageCode = "en") -> str:
        """Return why the desk decided as it did, in `en` or `zh`; empty where it did not come to a decision."""
        return self.decision.explain(language=language) if self.decision is not None else ""


@dataclass(frozen=True, slots=True)
class ExampleReport:
    """How all examples came out, in the order of the files, and what they cover."""

    results: tuple[ExampleResult, ...]
    covering: Covering | None = None

    @property
    def coverage(self) -> Coverage:
        """Return which rules, clauses and rows of tables the examples cover, found out when it is asked for."""
        return Coverage() if self.covering is None else self.covering.coverage()

    @property
    def passed(self) -> bool:
        """Return whether all examples came out as expected; also when there are none."""
        return all(each.passed for each in self.results)

    @property
    def failures(self) -> tuple[ExampleResult, ...]:
        """Return the examples that did not."""
        return tuple(each for each in self.results if not each.passed)


def run_examples(ruleset: RuleSet, *, zone: str = "UTC", seed: str = "") -> ExampleReport:
    """Return how the examples of a rule set come out, and which rules, clauses and rows of tables they cover.

    Each example has a desk of its own, with `zone` and `seed`, and the agents and items that it gives; without a `given
    now` it is Monday, 5 January 2026, 09:00 UTC. Several items are decided one after the other, and the last one is
    compared with what is expected. An item with an owner goes through the rules like any other. What cannot be run is
    a failure with its reason; nothing is raised for what an example says.

    >>> rules = RuleSet.from_text('''
    ... rule "All" assign to team "East"
    ... example "anybody" given customer tier "VIP" expect team "East"
    ... ''')
    >>> run_examples(rules).passed
    True
    """
    given: object = ruleset
    if not isinstance(given, RuleSet):
        msg = f"examples are run of a `RuleSet`, not of a {type(given).__name__}: RuleSet.load(path) gives one"
        raise ConfigurationError(msg)
    covering = Covering(ruleset)
    results = tuple(
        _Run(ruleset, source, example, covering).result(zone=zone, seed=seed)
        for source, example in examples_of(ruleset)
    )
    return ExampleReport(results, covering)


def run_example(
    ruleset: RuleSet, source: Source, example: ExampleStatement, *, zone: str = "UTC", seed: str = ""
) -> ExampleResult:
    """Return how one of the examples of a rule set comes out; see `run_examples`."""
    return _Run(ruleset, source, example, Covering(ruleset)).result(zone=zone, seed=seed)


def examples_of(ruleset: RuleSet) -> Iterator[tuple[Source, ExampleStatement]]:
    """Yield every example with the file in which it stands, in the order of the files."""
    for file in ruleset.files:
        for statement in file.statements:
            if isinstance(statement, ExampleStatement):
                yield file.source, statement


class _Run:
    """One example being run."""

    def __init__(self, ruleset: RuleSet, source: Source, example: ExampleStatement, covering: Covering) -> None:
        self._ruleset = ruleset
        self._example = example
        self._covering = covering
        self._place = source.locate(example.span)
        self._world = world_of(example, ruleset.schema)

    def result(self, *, zone: str, seed: str) -> ExampleResult:
        decision: Decision | None = None
        expectations: tuple[Expectation, ...] = ()
        error: str | None = None
        try:
            desk = _opened(self._ruleset, self._world, zone=zone, seed=seed)
            for item in self._world.items:
                ranking = self._ranking(desk, item)
                decision = desk.assign(item, kind=self._world.kind, force=True)
                self._covering.add(decision.explanation())
            if decision is not None:
                expectations = tuple(self._met(expect, decision, ranking) for expect in self._example.expects)
        except AssignkitError as problem:
            error = str(problem)
        except ValidationError as problem:
            error = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in problem.errors())
        name, place = self._example.name.value, self._place
        return ExampleResult(name, place.file, place.line, expectations, decision, error)

    # --- what is expected

    def _met(self, expect: ExpectClause, decision: Decision, ranking: tuple[str, ...]) -> Expectation:
        wanted = [value.value for value in expect.values]
        if expect.what == "rule":
            found = self._rule(decision)
            good = decision.rule is not None and wanted[0] in (decision.rule, self._table(decision.rule))
        elif expect.what == "no rule":
            found, good = self._rule(decision), decision.rule is None
        elif expect.what == "team":
            team = self._team(decision)
            whole = say("why.a_team", name=team) if team else _whereabouts(decision)
            found, good = whole, team == wanted[0]
        elif expect.what == "agent":
            found, good = _whereabouts(decision), decision.agent_id == wanted[0]
        elif expect.what == "held":
            found, good = _whereabouts(decision), decision.outcome in ("waiting", "pooled")
        else:
            found, good = _in_order(ranking), list(ranking[: len(wanted)]) == wanted
        return Expectation(_said(expect.what, wanted), None if good else found)

    def _rule(self, decision: Decision) -> Text:
        return say("why.no_rule") if decision.rule is None else say("why.a_rule", name=decision.rule)

    def _table(self, rule: str) -> str | None:
        """Return the table in which a rule is a row, or None."""
        return self._covering.table_of(rule)

    def _team(self, decision: Decision) -> str | None:
        """Return the team that the item went to; with no agents given, the one that it would go to first."""
        rule = self._ruleset.find(decision.rule) if decision.rule is not None else None
        steps: Mapping[int, Step] = {step.number: step for step in rule.steps} if rule is not None else {}
        number = decision.step if self._world.agents else min(steps, default=None)
        step = steps.get(number or 0)
        if step is not None and isinstance(step.action, AssignTo) and isinstance(step.action.target, TeamTarget):
            return step.action.target.name if decision.agent_id or not self._world.agents else None
        if step is not None and isinstance(step.action, HoldInTeam):
            return step.action.team
        target = decision.target or ""
        return target[len('team "') : -1] if target.startswith('team "') else None

    def _ranking(self, desk: Desk, item: Mapping[str, object]) -> tuple[str, ...]:
        """Return the agents in the order in which they are in line for the item, where that is asked for."""
        if all(expect.what != "order" for expect in self._example.expects):
            return ()
        ranks: list[tuple[int, str]] = []
        for agent_id in self._world.agents:
            steps = desk.why_not(agent_id, item, kind=self._world.kind).steps
            views = [view for step in steps[-1:] for view in step.candidates if view.agent_id == agent_id]
            ranks += [(view.rank, agent_id) for view in views if view.rank is not None]
        return tuple(agent_id for _, agent_id in sorted(ranks))


def _opened(ruleset: RuleSet, world: GivenWorld, *, zone: str, seed: str) -> Desk:
    """Return a desk with the agents, what they carry, and the customers of tasks."""
    desk = Desk(ruleset, MemoryStore(), clock=ManualClock(world.now), seed=seed, zone=zone)
    for agent in world.agents.values():
        desk.agents.add(Agent.model_validate(agent))
    for agent_id, (load, number) in world.work.items():
        for count, effort in enumerate(_shares(load, number), 1):
            work = {"id": f"work {count} of {agent_id}", "owner": agent_id, "effort": effort}
            desk.items(world.kind).add(as_record(work, world.kind))
    for customer in world.customers:
        desk.customers.add(Customer.model_validate(customer))
    return desk


def _shares(load: int | Decimal, number: int) -> list[Decimal]:
    """Return the load as that many parts, exactly."""
    part = (Decimal(load) / number).quantize(Decimal("0.000001"))
    return [*([part] * (number - 1)), load - part * (number - 1)]


def _whereabouts(decision: Decision) -> Text:
    if decision.agent_id is not None:
        return say("why.an_agent", name=decision.agent_id)
    outcome = say(f"why.outcome_{decision.outcome}")
    return say("why.nobody_in_pool" if decision.pool else "why.nobody_has_it", outcome=outcome, pool=decision.pool)


def _said(what: str, wanted: Sequence[str]) -> Text:
    """Return what an `expect` says."""
    if what == "order":
        return _in_order(wanted)
    if not wanted:
        return say("why.no_rule" if what == "no rule" else "why.held")
    return say(f"why.a_{what}" if what != "agent" else "why.an_agent", name=wanted[0])


def _in_order(names: Sequence[str]) -> Text:
    return say("why.in_order", names=tuple(f'"{name}"' for name in names))
