"""Files that are too large or nested too deep cost little, and say why."""

from __future__ import annotations

from pathlib import Path

import pytest

from assignkit import RuleSet, RuleSyntaxError, check

DEEP = b'rule "a" when ' + b"(" * 50_000 + b"1 = 1" + b")" * 50_000
CHAIN = 'rule "a" when ' + " or ".join(f"customer.score = {i}" for i in range(3_000)) + ' reject "x"'


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"let a = " + b"1+" * 5_000_000, "AK111"),
        (DEEP, "AK113"),
        (CHAIN.encode(), "AK114"),
        (b'rule "a" when customer.score = ' + b"9" * 5_000 + b' reject "x"', "AK106"),
        (b'rule "a\0" reject "x"', "AK104"),
        ('rule "a" reject "\ud800"'.encode("utf-8", "surrogatepass"), "AK105"),
        ("let a = \u202e1".encode(), "AK104"),
        ("let t\u0430 = 1".encode(), "AK109"),
        (bytes(range(256)) * 100, "AK105"),
    ],
)
def test_hostile_file_gives_located_errors(tmp_path: Path, content: bytes, code: str) -> None:
    path = tmp_path / "a.rules"
    path.write_bytes(content)
    found = check(path)
    assert code in [each.code for each in found]
    assert all(each.location for each in found)
    with pytest.raises(RuleSyntaxError) as caught:
        RuleSet.load(path)
    assert code in [each.code for each in caught.value.diagnostics]
