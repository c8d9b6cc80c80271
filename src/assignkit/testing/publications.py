"""What a store promises about published rules."""
# A contract is made of tests: their names say what they show, they assert, and a whole unit of work has to raise.
# ruff: noqa: D102, PLR2004, PT012, S101

from __future__ import annotations

from typing import Any

import pytest

from assignkit.model.publication import KeptTable, KeptTexts, PublishingAct
from assignkit.model.shadow import Difference, ShadowReport
from assignkit.repositories.base import Store
from assignkit.testing.samples import NOW, OfStore


def _act(version: str = "v1", **facts: Any) -> PublishingAct:  # noqa: ANN401 - any facts of an act
    return PublishingAct(**{"act": "published", "version": version, "actor": "li", "at": NOW, **facts})


def _report(decided: int, *, version: str = "v1") -> ShadowReport:
    difference = Difference(
        kind="customers",
        item_id="c1",
        at=NOW,
        outcome="assigned",
        agent_id="王",
        rule="East",
        shadow_outcome="waiting",
        shadow_agent_id=None,
        shadow_rule=None,
    )
    return ShadowReport(
        shadow_version=version,
        actors=("boss",),
        decided=decided,
        same=decided - 1,
        different=1,
        failed=0,
        moves=(("East", None, 1),),
        hands=(("王", None, 1),),
        differences=(difference,),
    )


class PublicationContract(OfStore):
    """Texts never change, and the log has neither gaps nor second thoughts."""

    def test_texts_are_kept_as_they_are(self, store: Store) -> None:
        files = (("regions.rules", "# 王\n"), ("sales.rules", 'rule "A" assign to owner\n'))
        tables = tuple(
            KeptTable("sales.rules", f"{name}.csv", f"/desk/{name}.csv", (("customer.province", "分配给"), (name, "")))
            for name in ("east", "west")
        )
        texts = KeptTexts("schema", files, tables)
        assert store.publications.texts("v1") is None
        store.publications.keep("v1", texts)
        store.publications.keep("v1", KeptTexts("", (("other", "text"),)))
        assert store.publications.texts("v1") == texts
        store.publications.keep("v2", KeptTexts("schema", files))
        assert store.publications.texts("v2") == KeptTexts("schema", files)

    def test_a_desk_keeps_its_last_report_of_a_shadow(self, store: Store) -> None:
        assert store.publications.shadows("v1") == []
        for desk, report in (("b", _report(1)), ("a", _report(2)), ("b", _report(3)), ("c", _report(4, version="v2"))):
            store.publications.keep_shadow(desk, report)
        assert store.publications.shadows("v1") == [_report(2), _report(3)]
        assert store.publications.shadows("v2") == [_report(4, version="v2")]
        with pytest.raises(ZeroDivisionError), store.unit() as unit:
            unit.publications.keep_shadow("b", _report(9))
            raise ZeroDivisionError
        assert store.publications.shadows("v1") == [_report(2), _report(3)]

    def test_the_log_is_numbered_from_1_without_gaps(self, store: Store) -> None:
        stored = [store.publications.append(_act(f"v{n}", number=99)) for n in range(3)]
        assert [act.number for act in stored] == [1, 2, 3]
        assert store.publications.since(0) == stored
        assert store.publications.since(2) == stored[2:]
        assert store.publications.since(3) == []

    def test_an_act_comes_back_as_it_was(self, store: Store) -> None:
        full = _act(reason="new regions", effective=NOW, needs_approval=True, of=7)
        stored = store.publications.append(full)
        assert store.publications.since(0) == [stored] == [full.model_copy(update={"number": 1})]

    def test_a_rollback_takes_back_texts_and_lines(self, store: Store) -> None:
        store.publications.append(_act("v1"))
        with pytest.raises(ZeroDivisionError), store.unit() as unit:
            unit.publications.keep("v2", KeptTexts("", (("a", "b"),)))
            unit.publications.append(_act("v2"))
            raise ZeroDivisionError
        assert store.publications.texts("v2") is None
        assert store.publications.append(_act("v3")).number == 2
        assert [act.version for act in store.publications.since(0)] == ["v1", "v3"]
