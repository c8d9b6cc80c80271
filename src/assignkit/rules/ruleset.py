"""A checked rule set: what rules, teams and guards there are, and which rule decides about an item."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from assignkit.diagnostics import Diagnostic
from assignkit.errors import ConfigurationError, RuleCheckError, RuleSyntaxError
from assignkit.language.given import refuse_what_is_no_text
from assignkit.language.limits import UNLIMITED, Limits
from assignkit.model.explanation import Explanation, RuleTrial
from assignkit.model.frozen import FrozenDict
from assignkit.model.record import Record
from assignkit.order_names import registered
from assignkit.rules.collecting import made_to_stay
from assignkit.rules.facts import Facts, get
from assignkit.rules.field_types import Raw
from assignkit.rules.given_texts import Texts, file_at
from assignkit.rules.moments import aware, zone_named
from assignkit.rules.plan import Calendar, Category, Guard, Pool, Rule, Team
from assignkit.rules.rule_order import RuleList, find_rule, in_order, matcher_of, reads_now, representatives
from assignkit.rules.rule_trials import trials_of
from assignkit.rules.schema import Schema
from assignkit.rules.suggestions import did_you_mean, nearest
from assignkit.rules.version import version_of

if TYPE_CHECKING:
    from assignkit.language.syntax import ExampleStatement, RuleFile
    from assignkit.rules.checking import Checked
    from assignkit.rules.draft import Draft


@dataclass(frozen=True, slots=True)
class Match:
    """The rule that decides about an item."""

    rule: Rule


class RuleSet:
    """The rules of one file, or of one that imports others. Immutable, safe to share between threads, picklable."""

    def __init__(self, texts: Texts, schema: Schema, limits: Limits, orders: frozenset[str]) -> None:
        """Check the texts; raises `RuleSyntaxError` or `RuleCheckError` with all diagnostics if they have errors."""
        with made_to_stay():
            checked = _checked(texts, schema, limits, orders)
        _refuse_errors(checked)
        self._origin = (texts, schema, limits, orders)
        self._schema = schema
        self._checked = checked
        self._warnings: tuple[Diagnostic, ...] | None = None
        self._version = version_of(texts, schema.fingerprint)
        draft = checked.draft
        self._rules = in_order(draft.rules, draft.long_tables)
        self._teams = FrozenDict(draft.teams)
        self._pools = FrozenDict(draft.pools)
        self._calendars = FrozenDict(draft.calendars)
        self._guards = tuple(draft.guards)
        self._categories = tuple(draft.categories)
        self._files = draft.files
        self._examples = checked.examples
        self._trial_order = {kind: _trial_order(draft, kind) for kind in schema.kinds}
        self._matchers = {kind: matcher_of(rules) for kind, rules in self._trial_order.items()}
        self._answers = {kind: _answers(rules) for kind, rules in self._trial_order.items()}
        self._reads_now = {kind: reads_now(rules) for kind, rules in self._trial_order.items()}

    @classmethod
    def from_text(
        cls,
        text: str,
        schema: Schema | None = None,
        name: str = "<text>",
        limits: Limits | None = Limits(),  # noqa: B008 - it is frozen
        orders: Iterable[str] = (),
    ) -> RuleSet:
        """Return the rule set of a text, which `name` calls in messages.

        `orders` are names of the host's own orders beside those that it registered. `limits=None` lifts the limits on
        size, for text that the host itself made. Raises `RuleSyntaxError` or `RuleCheckError` with every diagnostic;
        imports need a file. `ConfigurationError` for what is no text.
        """
        return cls(
            Texts(((name, refuse_what_is_no_text(text)),)),
            schema or Schema.default(),
            limits or UNLIMITED,
            registered() | frozenset(orders),
        )

    @classmethod
    def load(
        cls,
        path: str | Path,
        schema: Schema | None = None,
        *,
        limits: Limits | None = Limits(),  # noqa: B008
        orders: Iterable[str] = (),
    ) -> RuleSet:
        """Return the rule set of a file and of those that it imports, which stand beside or below it.

        Raises `RuleError` with every diagnostic, also for a file that is missing, is a directory, or is no text.
        """
        bounds = limits or UNLIMITED
        return cls(_loaded(file_at(path), bounds), schema or Schema.default(), bounds, registered() | frozenset(orders))

    def of_texts(self, texts: Texts) -> RuleSet:
        """Return the rule set of other texts, against the schema, limits and orders of this one.

        Raises `RuleSyntaxError` or `RuleCheckError` with every diagnostic.
        """
        _, schema, limits, orders = self._origin
        return RuleSet(texts, schema, limits, orders)

    def of_file(self, path: str | Path) -> RuleSet:
        """Return the rule set of a file and of those that it imports, under this one's schema; see `of_texts`."""
        _, _, limits, _ = self._origin
        return self.of_texts(_loaded(file_at(path), limits))

    def __reduce__(self) -> tuple[type[RuleSet], tuple[Texts, Schema, Limits, frozenset[str]]]:
        return RuleSet, self._origin

    def __repr__(self) -> str:
        return f"<RuleSet of {len(self._rules)} rules, version {self._version}>"

    def __setattr__(self, name: str, value: object) -> None:
        if hasattr(self, "_reads_now"):
            msg = "a rule set is not changed in place: make a new one"
            raise AttributeError(msg)
        super().__setattr__(name, value)

    # --- what there is

    @property
    def rules(self) -> Sequence[Rule]:
        """Return all rules, also the rows of tables, in the order of the files.

        A tuple, unless there are tables of a thousand rows and more: the rules of their rows are made when looked at.
        """
        return self._rules

    def representatives(self, kind: str | None = None, *, through: int | None = None) -> Iterator[Rule]:
        """Return the rules, of long tables only rows that have all of its fields and actions together.

        In the order in which they are tried for a `kind`, else in that of the files; to the rule at position `through`.
        """
        return representatives(self._rules if kind is None else self.trial_order(kind), through=through)

    def find(self, name: str) -> Rule | None:
        """Return the rule, or row of a table, of a name; None if there is none."""
        return find_rule(self._rules, name)

    @property
    def teams(self) -> Mapping[str, Team]:
        """Return the teams that the files define, by name."""
        return self._teams

    @property
    def guards(self) -> tuple[Guard, ...]:
        """Return the guards, in the order of the files."""
        return self._guards

    @property
    def pools(self) -> Mapping[str, Pool]:
        """Return the pools that the files define, by name."""
        return self._pools

    @property
    def calendars(self) -> Mapping[str, Calendar]:
        """Return the calendars, by name."""
        return self._calendars

    @property
    def categories(self) -> tuple[Category, ...]:
        """Return the categories, in the order of the files."""
        return self._categories

    @property
    def texts(self) -> Texts:
        """Return the texts as they were given, imported ones before those that import them."""
        return self._origin[0]

    @property
    def files(self) -> tuple[RuleFile, ...]:
        """Return the files as written, imported ones before those that import them."""
        return self._files

    @property
    def examples(self) -> tuple[ExampleStatement, ...]:
        """Return the examples as written, in the order of the files."""
        return self._examples

    @property
    def schema(self) -> Schema:
        """Return the schema that the rules were checked against."""
        return self._schema

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Return the warnings and notes, in source order; a rule set has no errors.

        They are found out when they are first asked for: looking for rules that are never reached takes its time.
        """
        if self._warnings is None:
            object.__setattr__(self, "_warnings", self._checked.linted().diagnostics)
        return self._warnings or ()

    @property
    def version(self) -> str:
        """Return a hash of the content: the texts and the schema."""
        return self._version

    def trial_order(self, kind: str = "customers") -> Sequence[Rule]:
        """Return the rules for a kind in the order in which they are tried: by priority, then as in the files."""
        return self._trial_order[self._known(kind)]

    def reads_now(self, kind: str = "customers") -> bool:
        """Return whether the conditions or dates of the rules for a kind read `now`."""
        return self._reads_now[self._known(kind)]

    # --- matching

    def match(
        self,
        item: Raw,
        *,
        kind: str = "customers",
        owner: Raw = None,
        now: datetime | None = None,
        zone: str = "UTC",
        related: Raw = None,
    ) -> Match | None:
        """Return the first rule whose condition is true, or None.

        Rules whose first step is `continue` are passed over. `owner` is the record, or just the id, of the item's
        current owner; `related` is the customer that `task.customer.x` reads. Dates begin at midnight in `zone`. Raises
        `ConfigurationError` if the rules read `now` and none is given, and for unknown kinds and zones.
        """
        place, instant = self._at(kind, now, zone)
        found = self._matchers[kind].first(item, owner=owner, customer=related, now=instant, zone=place)
        return self._answers[kind][found]

    def match_many(
        self,
        items: Iterable[Any],
        *,
        kind: str = "customers",
        owners: Sequence[Any] | None = None,
        now: datetime | None = None,
        zone: str = "UTC",
        related: Sequence[Any] | None = None,
    ) -> list[Match | None]:
        """Return what `match` returns for each item, in the order of the items.

        `owners` and `related` have one entry (or None) per item; `ConfigurationError` if they have more or fewer.
        """
        place, instant = self._at(kind, now, zone)
        items = _several(items)
        if owners is None and related is None:
            return self._matchers[kind].all_of(items, now=instant, zone=place, answers=self._answers[kind])
        first, matches = self._matchers[kind].first, self._answers[kind]
        listed = list(items)
        rows = zip(listed, _per_item("owners", owners, listed), _per_item("related", related, listed), strict=True)
        return [matches[first(i, owner=o, customer=r, now=instant, zone=place)] for i, o, r in rows]

    def matches(
        self,
        item: Raw,
        *,
        kind: str = "customers",
        owner: Raw = None,
        now: datetime | None = None,
        zone: str = "UTC",
        related: Raw = None,
    ) -> Iterator[Match]:
        """Return all rules that match, one after the other, in the order in which they are tried; see `match`."""
        place, instant = self._at(kind, now, zone)
        return self._successive(kind, item, {"owner": owner, "customer": related, "now": instant, "zone": place})

    def _successive(self, kind: str, item: Raw, world: dict[str, Any]) -> Iterator[Match]:
        found = self._matchers[kind].first(item, **world)
        while found >= 0:
            match = self._answers[kind][found]
            if match is not None:
                yield match
            found = self._matchers[kind].first(item, **world, start=found + 1)

    def trials(
        self,
        item: Raw,
        *,
        kind: str = "customers",
        owner: Raw = None,
        now: datetime | None = None,
        zone: str = "UTC",
        related: Raw = None,
        until: int | None = None,
    ) -> tuple[RuleTrial, ...]:
        """Return how the rules fared, in the order in which they are tried, up to the first that decides.

        With `until`, up to the rule at that position instead, or through all when there is none.
        """
        place, instant = self._at(kind, now, zone)
        return trials_of(self._trial_order[kind], Facts(item, None, owner, related, instant, place), until=until)

    def explain(
        self,
        item: Raw,
        *,
        kind: str = "customers",
        owner: Raw = None,
        now: datetime | None = None,
        zone: str = "UTC",
        related: Raw = None,
    ) -> Explanation:
        """Return why `match` gives what it gives: each rule tried, the test that decided, and the values it read."""
        tried = self.trials(item, kind=kind, owner=owner, now=now, zone=zone, related=related)
        identity = get(item, "id")
        return Explanation(
            kind=kind,
            item_id="" if identity is None else str(identity),
            at=now,
            rule=tried[-1].rule if tried and tried[-1].verdict == "matched" else None,
            rules=tried,
            rules_version=self.version,
        )

    def _at(self, kind: str, now: datetime | None, zone: str | tzinfo) -> tuple[tzinfo, datetime | None]:
        if self._reads_now[self._known(kind)] and now is None:
            msg = f"the rules for {kind} read `now`: pass now=, an aware datetime"
            raise ConfigurationError(msg)
        place = zone if isinstance(zone, tzinfo) else zone_named(zone)
        return place, None if now is None else aware(now)

    def _known(self, kind: str) -> str:
        try:
            known = kind in self._trial_order
        except TypeError:  # a list, for instance
            known = False
        if not known:
            help = did_you_mean(nearest(str(kind), self._trial_order))
            msg = f"there is no kind of item called `{kind}`{f'; {help}' if help else ''}"
            raise ConfigurationError(msg)
        return kind


def _loaded(path: Path, limits: Limits) -> Texts:
    from assignkit.rules.loading import load_texts  # noqa: PLC0415 - as in `_checked`

    return load_texts(path, limits)


def _checked(texts: Texts, schema: Schema, limits: Limits, orders: frozenset[str]) -> Checked:
    from assignkit.rules.checking import check_texts  # noqa: PLC0415 - the language is a quarter of the import

    return check_texts(texts, schema, limits, orders)


def _refuse_errors(checked: Checked) -> None:
    if checked.has_errors:
        error = RuleSyntaxError if checked.has_syntax_errors else RuleCheckError
        raise error(diagnostics=checked.linted().diagnostics)


def _trial_order(draft: Draft, kind: str) -> Sequence[Rule]:
    rules = [rule for rule in draft.rules if rule.kind == kind]
    return in_order(rules, [table for table in draft.long_tables if table.kind == kind], tried=True)


class _Answers(Sequence[Match | None]):
    """The match of each rule, made when it is asked for; the last one is None."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = rules

    def __len__(self) -> int:
        return len(self._rules) + 1

    @overload
    def __getitem__(self, index: int) -> Match | None: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Match | None]: ...
    def __getitem__(self, index: int | slice) -> Match | Sequence[Match | None] | None:
        if isinstance(index, slice):
            return [self[each] for each in range(*index.indices(len(self)))]
        return None if index in (-1, len(self._rules)) else Match(self._rules[index])


def _answers(rules: Sequence[Rule]) -> Sequence[Match | None]:
    return _Answers(rules) if isinstance(rules, RuleList) else (*map(Match, rules), None)


def _several(items: Any) -> Iterable[Any]:  # noqa: ANN401 - whatever a caller gives
    if isinstance(items, str | bytes | Mapping | Record) or not isinstance(items, Iterable):
        msg = f"items are given as a list, or what else can be gone through, not as a {type(items).__name__}"
        raise ConfigurationError(msg)
    return items


def _per_item(name: str, given: Collection[Any] | None, items: Sequence[Any]) -> Collection[Any]:
    if given is None:
        return [None] * len(items)
    if isinstance(given, str | bytes | Mapping) or not isinstance(given, Collection):
        msg = f"`{name}` is a list with an entry per item, not a {type(given).__name__}"
        raise ConfigurationError(msg)
    if len(given) != len(items):
        msg = f"`{name}` has {len(given)} entries for {len(items)} items"
        raise ConfigurationError(msg)
    return given
