"""What is left when rules name very many values is told in a line that a person can read."""

from __future__ import annotations

from assignkit.rules.checking import check


def test_an_item_that_differs_from_thousands_of_values_is_told_by_a_few() -> None:
    rules = "".join(f'rule "r{i}" when customer.province = "p{i:04}" assign to team "T"\n' for i in range(1_500))
    (found,) = (each for each in check(rules, limits=None) if each.code == "AK312")
    assert found.message.count(" or ") == 10
    assert found.message.endswith('"p0009" or …')
    assert found.message_in("zh").count(" 或 ") == 10
