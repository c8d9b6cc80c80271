"""What exceptions say that reach people who write rules or run the command line."""

from __future__ import annotations

from collections.abc import Mapping

from assignkit.messages.text import Entry

MESSAGES: Mapping[str, Entry] = {
    "missing_extra": (
        'this needs more packages: pip install "assignkit[{extra}]"',
        '这需要安装更多的包：pip install "assignkit[{extra}]"',
    ),
    "unknown_strategy": ("no order is called `{name}`", "没有名为 `{name}` 的分配方式"),
    "unknown_strategy_near": (
        "no order is called `{name}`; did you mean `{suggestion}`?",
        "没有名为 `{name}` 的分配方式；是不是想写 `{suggestion}`？",
    ),
}
