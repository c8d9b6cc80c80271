"""Every error of the library, wherever it is defined: built from keywords, readable, and able to travel."""

from __future__ import annotations

import collections.abc
import importlib
import inspect
import pickle
import pkgutil
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest

import assignkit
from assignkit import errors
from assignkit.diagnostics import Diagnostic, Source, Span
from assignkit.errors import AssignkitError

DIAGNOSTIC = Source("sales.rules", 'rule "A"\n  whem x').diagnostic(
    "syntax", "unexpected word", Span(11, 15), help="when?"
)
SAMPLES: dict[object, tuple[object, ...]] = {
    str: ("sample",),
    str | None: ("sample", None),
    int: (3,),
    float: (0.5,),
    object: (3, "three"),
    Sequence[str]: (["first", "second"],),
    Sequence[Diagnostic]: ([DIAGNOSTIC],),
}


def import_everything() -> None:
    for module in pkgutil.walk_packages(assignkit.__path__, "assignkit."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)


def walk(kind: type[AssignkitError]) -> Iterator[type[AssignkitError]]:
    yield kind
    for below in kind.__subclasses__():
        yield from walk(below)


def parameters(kind: type[AssignkitError]) -> Mapping[str, inspect.Parameter]:
    """Return what builds `kind`; the base takes any facts, which is no parameter to fill."""
    known = {**vars(collections.abc), "Diagnostic": Diagnostic}
    signature = inspect.signature(kind, eval_str=True, locals=known)
    return {n: p for n, p in signature.parameters.items() if p.kind is not inspect.Parameter.VAR_KEYWORD}


def sample_facts(kind: type[AssignkitError]) -> list[dict[str, Any]]:
    """Return keyword arguments for `kind`: one set per sample, so that each sample value is used at least once."""
    values = {name: SAMPLES[parameter.annotation] for name, parameter in parameters(kind).items()}
    rounds = max((len(samples) for samples in values.values()), default=1)
    return [{name: samples[i % len(samples)] for name, samples in values.items()} for i in range(rounds)]


import_everything()
KINDS = sorted(set(walk(AssignkitError)), key=lambda kind: kind.__qualname__)
CASES = [pytest.param(kind, facts, id=kind.__name__) for kind in KINDS for facts in sample_facts(kind)]


def plain(value: object) -> object:
    """Return `value` with sequences as tuples: an error may keep them as either."""
    return tuple(value) if isinstance(value, list) else value


def test_the_walk_finds_the_whole_tree() -> None:
    defined = {kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, AssignkitError)}

    assert defined <= set(KINDS)
    assert len(defined) > 10


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_is_built_from_keywords(kind: type[AssignkitError]) -> None:
    positional = [
        name for name, parameter in parameters(kind).items() if parameter.kind is not inspect.Parameter.KEYWORD_ONLY
    ]

    assert positional in ([], ["message"])


@pytest.mark.parametrize(("kind", "facts"), CASES)
def test_an_error_keeps_its_facts(kind: type[AssignkitError], facts: dict[str, Any]) -> None:
    error = kind(**facts)

    assert {name: plain(getattr(error, name)) for name in facts} == {n: plain(v) for n, v in facts.items()}


@pytest.mark.parametrize(("kind", "facts"), CASES)
def test_an_error_shows_its_message(kind: type[AssignkitError], facts: dict[str, Any]) -> None:
    error = kind(**facts)

    assert str(error)
    assert str(error) == error.message
    for value in facts.values():
        if isinstance(value, str):
            assert value in str(error)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize(("kind", "facts"), CASES)
def test_an_error_survives_pickling(kind: type[AssignkitError], facts: dict[str, Any], protocol: int) -> None:
    error = kind(**facts)

    twin = pickle.loads(pickle.dumps(error, protocol))  # noqa: S301 - our own bytes

    assert type(twin) is kind
    assert str(twin) == str(error)
    assert twin.args == error.args
    assert twin.facts == error.facts
    assert {name: getattr(twin, name) for name in facts} == {name: getattr(error, name) for name in facts}
