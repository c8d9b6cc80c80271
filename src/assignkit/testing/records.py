"""What a repository of records promises."""
# A contract is made of tests: their names say what they show, and they assert.
# ruff: noqa: D102, S101

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import pytest

from assignkit.errors import AlreadyExistsError, ConflictError, NotFoundError
from assignkit.model.record import Record
from assignkit.repositories.base import Page, Repository
from assignkit.testing.samples import NOW


class RepositoryContract:
    """Everything that a repository of one noun promises.

    Override `make_repository()` to return a new, empty repository (or the fixture `repository`, if that needs other
    fixtures), and `make_record(id, **fields)`. If it only keeps certain fields, say in `fields` which of them the
    tests may write a text, a number, several texts and an instant to; tests of what is left out are skipped.
    """

    fields: ClassVar[Mapping[str, str]] = {
        "text": "name",
        "number": "contract_number",
        "texts": "contract_texts",
        "instant": "contract_instant",
    }

    def make_repository(self) -> Repository[Any]:
        """Return a new, empty repository."""
        msg = f"{type(self).__name__} has to override make_repository()"
        raise NotImplementedError(msg)

    def make_record(self, id: str, **fields: object) -> Record:
        """Return a record for the repository, which is not in it yet."""
        msg = f"{type(self).__name__} has to override make_record()"
        raise NotImplementedError(msg)

    @pytest.fixture
    def repository(self) -> Repository[Any]:
        """A new, empty repository for each test."""
        return self.make_repository()

    def record(self, id: str, **values: object) -> Record:
        """Return a record; the names of `values` are the keys of `fields`."""
        return self.make_record(id, **{self.field(name): value for name, value in values.items()})

    def field(self, name: str) -> str:
        """Return the field that `name` stands for; the test is skipped if there is none."""
        if name not in self.fields:
            pytest.skip(f"no field of {type(self).__name__} is said to hold a value like `{name}`")
        return self.fields[name]

    def value(self, record: Record, name: str) -> Any:  # noqa: ANN401 - any field
        """Return the value of the field that `name` stands for."""
        return getattr(record, self.field(name), None)

    def keep(self, repository: Repository[Any], *ids: str, **values: object) -> None:
        """Add a record for each id, all with the same values."""
        for id in ids:
            repository.add(self.record(id, **values))

    # --- one record

    def test_add_stores_version_1(self, repository: Repository[Any]) -> None:
        added = repository.add(self.record("a", text="Ann"))
        assert (added.id, added.version, self.value(added, "text")) == ("a", 1, "Ann")
        assert repository.get("a") == added
        assert added.model_dump(exclude_unset=True)["version"] == 1

    def test_add_starts_at_version_1_whatever_the_record_says(self, repository: Repository[Any]) -> None:
        record = self.record("a").model_copy(update={"version": 7})
        assert repository.add(record).version == 1

    def test_add_refuses_a_duplicate_and_changes_nothing(self, repository: Repository[Any]) -> None:
        self.keep(repository, "a", text="first")
        with pytest.raises(AlreadyExistsError):
            self.keep(repository, "a", text="second")
        assert self.value(repository.get("a"), "text") == "first"

    def test_get_of_an_unknown_id_raises_and_find_returns_none(self, repository: Repository[Any]) -> None:
        with pytest.raises(NotFoundError) as caught:
            repository.get("nobody")
        assert "nobody" in str(caught.value)
        assert repository.find("nobody") is None

    def test_integer_ids_are_kept_as_decimal_text(self, repository: Repository[Any]) -> None:
        repository.add(self.make_record(42))  # type: ignore[arg-type]
        assert repository.get("42").id == "42"

    @pytest.mark.parametrize("id", ["王芳", "a b", "A", "a", "\u00e9", "e\u0301", "'; --", "x" * 200, "0042", "🙂"])
    def test_ids_are_kept_to_the_letter(self, repository: Repository[Any], id: str) -> None:
        self.keep(repository, id)
        assert repository.get(id).id == id
        assert [record.id for record in repository.list()] == [id]

    def test_ids_that_look_alike_are_different(self, repository: Repository[Any]) -> None:
        alike = ("a", "A", "\u00e9", "e\u0301", "1", "01", "1.0")
        self.keep(repository, *alike)
        assert {record.id for record in repository.list()} == set(alike)

    # --- saving

    def test_save_replaces_and_raises_the_version(self, repository: Repository[Any]) -> None:
        first = repository.add(self.record("a", text="Ann"))
        second = repository.save(first.model_copy(update={self.field("text"): "Bea"}))
        assert (second.version, self.value(second, "text")) == (2, "Bea")
        assert repository.get("a") == second
        assert (first.version, self.value(first, "text")) == (1, "Ann")

    def test_save_of_an_old_version_is_a_conflict_and_changes_nothing(self, repository: Repository[Any]) -> None:
        first = repository.add(self.record("a", text="Ann"))
        second = repository.save(first.model_copy(update={self.field("text"): "Bea"}))
        with pytest.raises(ConflictError) as caught:
            repository.save(first.model_copy(update={self.field("text"): "Cid"}))
        assert (caught.value.facts["expected"], caught.value.facts["found"]) == (1, 2)
        assert repository.get("a") == second

    def test_save_of_a_version_from_the_future_is_a_conflict(self, repository: Repository[Any]) -> None:
        first = repository.add(self.record("a"))
        with pytest.raises(ConflictError):
            repository.save(first.model_copy(update={"version": 9}))

    def test_save_of_an_unknown_id_raises(self, repository: Repository[Any]) -> None:
        with pytest.raises(NotFoundError):
            repository.save(self.record("nobody"))
        assert repository.list() == []

    def test_save_can_take_a_value_away(self, repository: Repository[Any]) -> None:
        first = repository.add(self.record("a", text="Ann"))
        repository.save(first.model_copy(update={self.field("text"): None}))
        assert self.value(repository.get("a"), "text") is None

    # --- removing

    def test_remove_removes_one(self, repository: Repository[Any]) -> None:
        self.keep(repository, "a", "b")
        repository.remove("a")
        assert repository.find("a") is None
        assert [record.id for record in repository.list()] == ["b"]

    def test_remove_of_an_unknown_id_raises(self, repository: Repository[Any]) -> None:
        with pytest.raises(NotFoundError):
            repository.remove("nobody")

    def test_a_removed_id_can_be_used_again(self, repository: Repository[Any]) -> None:
        self.keep(repository, "a", text="first")
        repository.remove("a")
        assert repository.add(self.record("a", text="second")).version == 1

    # --- values

    def test_decimals_are_kept_exactly(self, repository: Repository[Any]) -> None:
        self.keep(repository, "a", number=Decimal("0.10"))
        assert self.value(repository.get("a"), "number") == Decimal("0.1")

    def test_large_numbers_are_kept_exactly(self, repository: Repository[Any]) -> None:
        self.keep(repository, "a", number=2**53 + 1)
        assert self.value(repository.get("a"), "number") == 2**53 + 1

    def test_instants_keep_their_microseconds_and_stay_aware(self, repository: Repository[Any]) -> None:
        at = datetime(2026, 11, 21, 9, 0, 0, 123456, tzinfo=ZoneInfo("Asia/Shanghai"))
        self.keep(repository, "a", instant=at)
        kept = self.value(repository.get("a"), "instant")
        assert kept == at
        assert kept.tzinfo is not None

    def test_an_hour_that_comes_twice_is_kept_apart(self, repository: Repository[Any]) -> None:
        berlin = ZoneInfo("Europe/Berlin")
        first, second = (datetime(2026, 10, 25, 2, 30, fold=fold, tzinfo=berlin) for fold in (0, 1))
        self.keep(repository, "a", instant=first)
        self.keep(repository, "b", instant=second)
        kept = [self.value(repository.get(id), "instant").timestamp() for id in ("a", "b")]
        assert kept == [first.timestamp(), second.timestamp()]

    def test_texts_are_kept_to_the_letter(self, repository: Repository[Any]) -> None:
        text = "  O'Neil\t“王芳”\n% _ \\ 🙂 e\u0301 "
        self.keep(repository, "a", text=text)
        assert self.value(repository.get("a"), "text") == text

    # --- isolation

    def test_what_was_handed_in_can_change_without_effect(self, repository: Repository[Any]) -> None:
        texts = ["x"]
        repository.add(self.record("a", texts=texts))
        texts.append("y")
        assert list(self.value(repository.get("a"), "texts")) == ["x"]

    def test_what_is_handed_out_cannot_change_the_store(self, repository: Repository[Any]) -> None:
        self.keep(repository, "a", text="Ann", texts=["x"])
        handed_out = repository.get("a")
        with pytest.raises((TypeError, ValueError, AttributeError)):
            setattr(handed_out, self.field("text"), "Bea")
        texts = self.value(handed_out, "texts")
        with pytest.raises((TypeError, AttributeError)):
            texts.append("y")
        assert list(self.value(repository.get("a"), "texts")) == ["x"]

    def test_a_list_is_a_snapshot(self, repository: Repository[Any]) -> None:
        self.keep(repository, "a")
        before = repository.list()
        self.keep(repository, "b")
        before.clear()
        assert [record.id for record in repository.list()] == ["a", "b"]

    # --- lists: order

    def ids(self, repository: Repository[Any], **how: Any) -> list[str]:  # noqa: ANN401 - as Repository.list
        """Return the ids that `list` gives."""
        return [record.id for record in repository.list(**how)]

    def test_an_empty_repository_lists_nothing(self, repository: Repository[Any]) -> None:
        assert repository.list() == []
        assert repository.list({self.field("text"): "x"}, order=f"-{self.field('number')}", page=Page()) == []

    def test_lists_come_by_id_as_code_points(self, repository: Repository[Any]) -> None:
        self.keep(repository, "b", "B", "9", "10", "é", "王", "a-b", "a_b", "a")
        assert self.ids(repository) == ["10", "9", "B", "a", "a-b", "a_b", "b", "é", "王"]
        assert self.ids(repository, order="-id") == ["王", "é", "b", "a_b", "a-b", "a", "B", "9", "10"]

    def test_lists_come_by_a_field_and_then_by_id(self, repository: Repository[Any]) -> None:
        for id, value in (("d", 2), ("c", 10), ("b", 2), ("a", Decimal("2.5"))):
            self.keep(repository, id, number=value)
        number = self.field("number")
        assert self.ids(repository, order=number) == ["b", "d", "a", "c"]
        assert self.ids(repository, order=f"-{number}") == ["c", "a", "b", "d"]

    def test_missing_values_come_last_either_way(self, repository: Repository[Any]) -> None:
        self.keep(repository, "c", "a")
        self.keep(repository, "d", number=1)
        self.keep(repository, "b", number=2)
        number = self.field("number")
        assert self.ids(repository, order=number) == ["d", "b", "a", "c"]
        assert self.ids(repository, order=f"-{number}") == ["b", "d", "a", "c"]

    def test_lists_come_by_several_fields(self, repository: Repository[Any]) -> None:
        for id, word, value in (("a", "x", 1), ("b", "y", 1), ("c", "x", 2), ("d", "y", 2), ("e", "x", 1)):
            self.keep(repository, id, text=word, number=value)
        text, number = self.field("text"), self.field("number")
        assert self.ids(repository, order=[f"-{number}", text]) == ["c", "d", "a", "e", "b"]
        assert self.ids(repository, order=(text, f"-{number}", "-id")) == ["c", "e", "a", "d", "b"]

    def test_instants_are_ordered_across_zones(self, repository: Repository[Any]) -> None:
        self.keep(repository, "late", instant=NOW + timedelta(hours=1))
        self.keep(repository, "early", instant=NOW.astimezone(ZoneInfo("Asia/Shanghai")))
        assert self.ids(repository, order=self.field("instant")) == ["early", "late"]

    # --- lists: filters

    def test_a_filter_keeps_what_equals(self, repository: Repository[Any]) -> None:
        self.keep(repository, "a", "c", text="x", number=1)
        self.keep(repository, "b", text="x", number=2)
        self.keep(repository, "d", text="X", number=1)
        text, number = self.field("text"), self.field("number")
        assert self.ids(repository, filter={text: "x"}) == ["a", "b", "c"]
        assert self.ids(repository, filter={text: "x", number: 1}) == ["a", "c"]
        assert self.ids(repository, filter={text: "nothing like it"}) == []
        assert self.ids(repository, filter={"id": "d"}) == ["d"]
        assert self.ids(repository, filter={}) == ["a", "b", "c", "d"]

    @pytest.mark.parametrize("kind", [list, tuple, set, frozenset])
    def test_several_filter_values_mean_any_of_them(self, repository: Repository[Any], kind: type) -> None:
        for id, text in (("a", "x"), ("b", "y"), ("c", "z")):
            self.keep(repository, id, text=text)
        self.keep(repository, "d")
        assert self.ids(repository, filter={self.field("text"): kind(["x", "z"])}) == ["a", "c"]
        assert self.ids(repository, filter={self.field("text"): kind([])}) == []

    def test_none_keeps_what_has_no_value(self, repository: Repository[Any]) -> None:
        self.keep(repository, "a", number=1)
        self.keep(repository, "b")
        assert self.ids(repository, filter={self.field("number"): None}) == ["b"]

    def test_a_collection_is_filtered_by_what_it_holds(self, repository: Repository[Any]) -> None:
        self.keep(repository, "a", texts=["x", "y"])
        self.keep(repository, "b", texts=["y"])
        self.keep(repository, "c", texts=[])
        self.keep(repository, "d")
        texts = self.field("texts")
        assert self.ids(repository, filter={texts: "x"}) == ["a"]
        assert self.ids(repository, filter={texts: ["x", "y"]}) == ["a", "b"]
        assert self.ids(repository, filter={texts: "z"}) == []

    # --- lists: pages

    def test_pages_follow_each_other(self, repository: Repository[Any]) -> None:
        self.keep(repository, *"gcafbed", text="x")
        pages = [self.ids(repository, page=Page(offset=offset, limit=3)) for offset in (0, 3, 6, 9)]
        assert pages == [["a", "b", "c"], ["d", "e", "f"], ["g"], []]

    def test_a_page_is_cut_after_filter_and_order(self, repository: Repository[Any]) -> None:
        for number, id in enumerate("abcdef"):
            self.keep(repository, id, number=number, text="odd" if number % 2 else "even")
        found = self.ids(
            repository,
            filter={self.field("text"): "even"},
            order=f"-{self.field('number')}",
            page=Page(offset=1, limit=1),
        )
        assert found == ["c"]

    def test_a_page_of_nothing_is_empty(self, repository: Repository[Any]) -> None:
        self.keep(repository, "a")
        assert self.ids(repository, page=Page(limit=0)) == []
