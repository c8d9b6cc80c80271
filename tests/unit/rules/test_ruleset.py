from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from assignkit.diagnostics import Severity
from assignkit.errors import ConfigurationError, RuleCheckError, RuleError, RuleSyntaxError
from assignkit.language.limits import Limits
from assignkit.model.customer import Customer
from assignkit.rules.checking import check
from assignkit.rules.ruleset import RuleSet
from assignkit.rules.schema import Schema

TEXT = """
rule "passes on" when customer.tier = "A" continue
rule "low" when customer.tier in ("A", "B") assign to team "East"
rule "high" priority 5 when customer.revenue > 100 keep owner otherwise continue
rule "rest" for tasks assign to team "East"
"""
NOW = datetime(2026, 11, 21, tzinfo=UTC)


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    return RuleSet.from_text(TEXT)


def names(rules: RuleSet, item: object) -> list[str]:
    return [match.rule.name for match in rules.matches(item)]


def test_the_first_rule_that_matches_decides(rules: RuleSet) -> None:
    match = rules.match({"tier": "A", "revenue": 101})
    assert match is not None
    assert (match.rule.name, match.rule.position) == ("high", 3)
    assert rules.match({"tier": "C"}) is None
    assert names(rules, {"tier": "A", "revenue": 101}) == ["high", "low"]
    assert names(rules, {"tier": "A"}) == ["low"]


def test_kinds_are_apart(rules: RuleSet) -> None:
    match = rules.match({"tier": "A"}, kind="tasks")
    assert match is not None
    assert match.rule.name == "rest"
    with pytest.raises(ConfigurationError, match="did you mean `tasks`"):
        rules.match({}, kind="task")


def test_records_may_be_mappings_models_or_objects(rules: RuleSet) -> None:
    for item in ({"tier": "B"}, Customer(id="1", tier="B"), SimpleNamespace(tier="B")):
        assert names(rules, item) == ["low"]


def test_many_are_matched_in_order(rules: RuleSet) -> None:
    items = [{"tier": "B"}, {"tier": "C"}, Customer(id="1", revenue=500)]
    found = rules.match_many(items)
    assert [match and match.rule.name for match in found] == ["low", None, "high"]
    assert found[0] is rules.match(items[0])
    owned = RuleSet.from_text('rule "own" when owner.level > 3 keep owner')
    assert [bool(each) for each in owned.match_many([{}, {}], owners=[{"level": 4}, None])] == [True, False]
    with pytest.raises(ConfigurationError, match="1 entries for 2 items"):
        owned.match_many([{}, {}], owners=[None])


@pytest.mark.parametrize(
    "clause", ["when customer.created_at older than 5 days", "active from 2026-01-01", "when hour(now) > 5"]
)
def test_rules_that_read_now_want_it(clause: str) -> None:
    rules = RuleSet.from_text(f'rule "a" {clause} assign to team "East"')
    assert rules.reads_now() is True
    assert rules.reads_now("tasks") is False
    with pytest.raises(ConfigurationError, match="read `now`"):
        rules.match({})
    with pytest.raises(ConfigurationError, match="time zone"):
        rules.match({}, now=datetime(2026, 1, 1))  # noqa: DTZ001
    rules.match({}, now=NOW)


@pytest.mark.parametrize(
    ("now", "zone", "expected"),
    [
        ("2026-04-30T15:59Z", "Asia/Shanghai", False), ("2026-04-30T16:00Z", "Asia/Shanghai", True),
        ("2026-04-30T16:00Z", "UTC", False), ("2026-05-02T15:59Z", "Asia/Shanghai", True),
        ("2026-05-02T16:00Z", "Asia/Shanghai", False), ("2026-05-02T16:00Z", "UTC", True),
    ],
)  # fmt: skip
def test_a_period_includes_its_last_day(now: str, zone: str, *, expected: bool) -> None:
    rules = RuleSet.from_text('rule "a" active from 2026-05-01 until 2026-05-02 assign to team "East"')
    at = datetime.fromisoformat(now)
    assert (rules.match({}, now=at, zone=zone) is not None) is expected
    trial = rules.trials({}, now=at, zone=zone)[0]
    assert (trial.verdict == "matched") is expected
    assert expected or trial.verdict == "inactive"


def test_explanations_tell_the_test_that_decided_and_what_it_read(rules: RuleSet) -> None:
    why = rules.explain({"id": 7, "tier": "A", "revenue": "much"})
    assert (why.kind, why.item_id, why.rule, why.rules_version) == ("customers", "7", "low", rules.version)
    told = [(each.rule, each.verdict, each.clause, [v.model_dump() for v in each.values]) for each in why.rules]
    revenue = {"field": "customer.revenue", "value": None, "missing": True, "problem": "it should be a number, not str"}
    tier = {"field": "customer.tier", "value": "A", "missing": False, "problem": None}
    assert told == [
        ("high", "unknown", "customer.revenue > 100", [revenue]),
        ("passes on", "passed over", 'customer.tier = "A"', [tier]),
        ("low", "matched", 'customer.tier in ("A", "B")', [tier]),
    ]
    assert rules.explain({"tier": "C", "revenue": 5}).rule is None


def test_a_false_part_decides_before_an_unknown_one() -> None:
    rules = RuleSet.from_text(
        'rule "a" when customer.revenue > 5 and customer.tier = "A" and customer.score > 1 reject "x"'
    )
    trial = rules.trials({"tier": "B"})[0]
    assert (trial.verdict, trial.clause) == ("failed", 'customer.tier = "A"')


def test_warnings_and_notes_are_kept() -> None:
    rules = RuleSet.from_text('let a = 5 rule "a" notify agent by email assign to owner')
    assert [(each.code, each.severity) for each in rules.diagnostics] == [
        ("AK301", Severity.WARNING),
        ("AK401", Severity.NOTE),
    ]


def test_versions_follow_the_content(tmp_path: Path) -> None:
    path = tmp_path / "a.rules"
    path.write_text(TEXT, encoding="utf-8")
    version = RuleSet.from_text(TEXT).version
    assert RuleSet.load(path).version == RuleSet.from_text(TEXT, name="other").version == version
    assert RuleSet.from_text(TEXT + " ").version != version
    assert RuleSet.from_text(TEXT, Schema(customer={"x": str})).version != version


def test_rule_sets_are_immutable_and_survive_pickling(rules: RuleSet) -> None:
    copy = pickle.loads(pickle.dumps(rules))  # noqa: S301 - our own bytes
    assert copy.version == rules.version
    assert names(copy, {"tier": "A"}) == ["low"]
    with pytest.raises(AttributeError):
        rules.version = "x"  # type: ignore[misc]
    with pytest.raises(AttributeError):
        rules.extra = 1
    with pytest.raises(TypeError):
        rules.teams["x"] = None  # type: ignore[index]


def test_threads_share_a_rule_set() -> None:
    rules = RuleSet.from_text(TEXT)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda i: names(rules, {"tier": "AB"[i % 2], "revenue": i}), range(500)))
    assert found == [["low"] if i <= 100 else ["high", "low"] for i in range(500)]


def test_zones_give_functions_of_their_own() -> None:
    rules = RuleSet.from_text('rule "a" when customer.created_at before 2026-11-15 reject "x"')
    item = {"created_at": datetime(2026, 11, 14, 17, tzinfo=UTC)}
    assert [bool(rules.match(item, zone=zone)) for zone in ("UTC", "Asia/Shanghai", "UTC")] == [True, False, True]


# --- errors


def test_errors_of_form_and_of_meaning_are_told_apart() -> None:
    with pytest.raises(RuleSyntaxError):
        RuleSet.from_text("rule rule")
    with pytest.raises(RuleCheckError) as caught:
        RuleSet.from_text('rule "a" when customer.x = 5 and customer.y = 5 reject "x" rule "a" reject "x"')
    assert [each.code for each in caught.value.diagnostics if each.severity is Severity.ERROR] == [
        "AK203",
        "AK203",
        "AK206",
    ]


def test_an_empty_text_is_valid_and_matches_nothing() -> None:
    rules = RuleSet.from_text("")
    assert rules.match({}) is None
    assert [each.code for each in rules.diagnostics] == ["AK306"]


def test_limits_hold() -> None:
    many = "".join(f'rule "r{i}" reject "x" ' for i in range(4))
    assert "AK226" in [each.code for each in check(many, limits=Limits(rules=3))]
    deep = "let a0 = customer.revenue > 5\n" + "".join(f"let a{i} = a{i - 1} and a{i - 1}\n" for i in range(1, 20))
    with pytest.raises(RuleCheckError, match="AK220"):
        RuleSet.from_text(f'{deep} rule "a" when a19 reject "x"')
    assert RuleSet.from_text(f'{deep} rule "a" when a19 reject "x"', limits=None).match({"revenue": 6}) is not None


# --- files


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        path = folder / name.replace("__", "/")
        path.parent.mkdir(exist_ok=True)
        path.with_suffix(".rules").write_text(text, encoding="utf-8")
    return folder / "main.rules"


def test_imports_are_followed_once_and_come_first(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        main='import "sub/a.rules" import "b.rules" rule "main" when shared reject "x"',
        sub__a='import "deep.rules" rule "a" when shared reject "x"',
        sub__deep='let shared = customer.tier = "A"',
        b='import "sub/deep.rules" rule "b" reject "x"',
    )
    rules = RuleSet.load(path)
    assert [(each.name, each.position, Path(each.file).name) for each in rules.rules] == [
        ("a", 1, "a.rules"), ("b", 2, "b.rules"), ("main", 3, "main.rules"),
    ]  # fmt: skip
    assert pickle.loads(pickle.dumps(rules)).version == rules.version  # noqa: S301 - our own bytes


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("../outside.rules", "beside or below"), ("/etc/passwd", "beside or below"), ("main.rules", "imports itself"),
        ("b.rules", "in a circle"), ("none.rules", "no such file"), ("folder", "directory"),
        ("link.rules", "beside or below"),
        ("a\\u{9}b", "no such file"),
    ],
)  # fmt: skip
def test_bad_imports_are_located_errors(tmp_path: Path, written: str, why: str) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (tmp_path / "outside.rules").write_text('rule "x" reject "x"', encoding="utf-8")
    (home / "link.rules").symlink_to(tmp_path / "outside.rules")
    (home / "folder").mkdir()
    path = write(home, main=f'import "{written}"\nrule "a" reject "x"', b='import "main.rules"')
    with pytest.raises(RuleError, match=why) as caught:
        RuleSet.load(path)
    assert [each.code for each in caught.value.diagnostics if each.severity is Severity.ERROR] == ["AK224"]


def test_errors_in_an_imported_file_name_it(tmp_path: Path) -> None:
    path = write(tmp_path, main='import "b.rules" rule "a" when x reject "x"', b="let x = customer.nmae = 5\nlet let")
    with pytest.raises(RuleSyntaxError) as caught:
        RuleSet.load(path)
    found = [(Path(each.location.file).name, each.code) for each in caught.value.diagnostics if each.location]
    assert found == [("b.rules", "AK203"), ("b.rules", "AK101")]


@pytest.mark.parametrize(("content", "code"), [(None, "AK225"), (b"\xff\xfe\x00", "AK105"), (b"\x00\x01", "AK104")])
def test_unreadable_files_are_rule_errors(tmp_path: Path, content: bytes | None, code: str) -> None:
    path = tmp_path / "a.rules"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(RuleError, match=code):
        RuleSet.load(path)
    assert code in [each.code for each in check(path)]
    with pytest.raises(RuleError, match="it is a directory"):
        RuleSet.load(tmp_path)


def test_check_takes_texts_and_paths(tmp_path: Path) -> None:
    path = write(tmp_path, main='rule "a" when customer.x = 5 reject "x"')
    assert [each.code for each in check(path)] == [each.code for each in check(str(path))] == ["AK203"]
    assert [each.code for each in check(path.read_text(encoding="utf-8"))] == ["AK203"]
    assert check('rule "a" reject "x"') == []


def test_values_are_shown_as_json() -> None:
    schema = Schema(customer={"a": Decimal, "b": set[str], "c": date, "d": dict[str, float], "e": Decimal, "f": bool})
    rules = RuleSet.from_text(
        'rule "r" when customer.a = 1 and false or customer.b has "x" and customer.c before 2026-01-01 and '
        'customer.d has "x" and customer.e = 5 and customer.f and customer.location is present reject "x"',
        schema,
    )
    item = {
        "a": Decimal("1.50"), "b": {"z", "y"}, "c": date(2026, 5, 1), "d": {"x": Decimal(2)}, "e": Decimal(7),
        "f": True, "location": (1, 2.5),
    }  # fmt: skip
    values = {each.field.removeprefix("customer."): each.value for each in rules.trials(item)[0].values}
    assert values == {
        "a": "1.50", "b": ["y", "z"], "c": "2026-05-01", "d": {"x": 2}, "e": 7, "f": True, "location": [1.0, 2.5],
    }  # fmt: skip


def test_a_number_that_is_none_is_shown_too() -> None:
    rules = RuleSet.from_text(
        'rule "r" when customer.d has "x" at 1 reject "x"', Schema(customer={"d": dict[str, float]})
    )
    item = {"d": {"x": Decimal("sNaN"), "y": Decimal("-Infinity")}}
    assert [each.value for each in rules.explain(item).rules[0].values] == [{"x": "sNaN", "y": "-Infinity"}]


@pytest.mark.parametrize("items", [None, 5, "c1", b"c1", {"tier": "A"}, Customer(id="c1")], ids=repr)
def test_many_are_no_single_item(rules: RuleSet, items: Any) -> None:  # noqa: ANN401 - whatever a caller gives
    with pytest.raises(ConfigurationError, match="items are given as a list"):
        rules.match_many(items)


@pytest.mark.parametrize("owners", [5, "li", {"id": "li"}, ...], ids=repr)
def test_each_item_has_an_owner_of_its_own(rules: RuleSet, owners: Any) -> None:  # noqa: ANN401 - as above
    with pytest.raises(ConfigurationError, match="`owners` is a list with an entry per item"):
        rules.match_many([{"tier": "B"}] * 2, owners=owners)
