from __future__ import annotations

from assignkit.language.parser import parse
from assignkit.language.syntax import RuleFile
from assignkit.language.walking import children, walk


def names(text: str) -> list[str]:
    return [type(node).__name__ for node in walk(parse(text).file)]


def test_walk_is_in_the_order_written_parents_first() -> None:
    assert names("let x = a and -b # told\nlet y = 1") == [
        *("RuleFile", "LetStatement", "AndExpression", "NameReference", "Negation", "NameReference"),
        *("LetStatement", "NumberLiteral"),
    ]


def test_walk_finds_what_stands_in_pairs() -> None:
    assert names('example "E" given agent skills ("x" 3)')[-3:] == ["MapLiteral", "TextLiteral", "NumberLiteral"]


def test_children_are_only_the_next_ones() -> None:
    file = parse("let x = a and b").file
    assert isinstance(file, RuleFile)
    (let,) = children(file)
    assert [type(node).__name__ for node in children(let)] == ["AndExpression"]


def test_walk_goes_as_deep_as_there_are_nodes() -> None:
    deep = parse("let x = " + " + ".join(["a"] * 20_000), limits=None)
    assert deep.diagnostics == ()
    assert sum(1 for _ in walk(deep.file)) == 2 + 20_000 + 19_999
