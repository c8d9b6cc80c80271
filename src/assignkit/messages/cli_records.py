"""What the command line says of histories of items, and of what comes of them under other rules."""

from __future__ import annotations

from collections.abc import Mapping

from assignkit.messages.text import Entry

OF_RECORDS: Mapping[str, Entry] = {
    "no_arrival": (
        "no row of the history has a value in `{column}`: name the column with the time, --arrival COLUMN",
        "历史文件的 `{column}` 列没有任何值：请用 --arrival 写出时间所在的列",
    ),
    "rows_left_out": (
        "{path}: {absent:,} of {rows:,} rows have no `{column}`, and are left out",
        "{path}：{rows:,} 行中有 {absent:,} 行没有 `{column}`，已略去",
    ),
    "no_service": (
        "row {row} of the history has no `{column}`: name the column with the seconds of work, or a time for all",
        "历史文件第 {row} 行没有 `{column}`：请写出处理秒数所在的列，或对所有行都适用的时长",
    ),
    "no_column": (
        "the history has no column `{column}`: name it with {option}; it has {known}",
        "历史文件没有 `{column}` 列：请用 {option} 写出列名；现有的列是 {known}",
    ),
    "limit_moved": ("{part:.1%} of the items move, more than {bound:.1%}", "{part:.1%} 换了人，超过 {bound:.1%}"),
    "limit_unassigned": (
        "{part:.1%} of the items have nobody, more than {bound:.1%}",
        "{part:.1%} 无人接手，超过 {bound:.1%}",
    ),
    "limit_breaches": (
        "{found:,} decisions on record are forbidden, more than {bound:g}",
        "历史记录里有 {found:,} 条是规则禁止的，超过 {bound:g}",
    ),
    "limit_dead": (
        "{found} rules decide nothing, more than {bound:g}",
        "有 {found} 条规则从不起作用，超过 {bound:g}",
    ),
    "replayed": ("{items:,} items replayed, against {against}", "重放了 {items:,} 条，与{against}相比"),
    "against_record": ("the record", "历史记录"),
    "against_baseline": ("the baseline", "基准规则"),
    "row_moved": ("moved", "换人"),
    "row_unassigned": ("unassigned", "无人接手"),
    "row_win_rate": ("win rate", "成交率"),
    "row_jain": ("Jain", "Jain 指数"),
    "win_rate_means": ("won / (won + lost), on record", "成交 /（成交 + 未成交），按历史记录"),
    "jain_becomes": ("becomes {after:.3f}; all agents counted", "变为 {after:.3f}；计入所有员工"),
    "why_moved": ("why they are not where they were", "为什么换了人"),
    "moved_ranked lower": ("others came first", "别人排在前面"),
    "moved_not_member": ("not in the team that the rule assigns to", "不在规则分配的团队里"),
    "moved_no_rule": ("no rule matches the item", "没有规则匹配"),
    "moved_require": ("does not meet what the rule requires", "不满足规则的要求"),
    "moved_guard": ("a `never` forbids it", "被 `禁止` 语句拦下"),
    "moved_capacity": ("full", "已满额"),
    "moved_limit": ("over a limit", "超过上限"),
    "moved_inactive": ("not active", "不在职"),
    "moved_off_shift": ("off shift", "不在班"),
    "moved_on_leave": ("on leave", "休假中"),
    "column_agent": ("agent", "员工"),
    "column_rule": ("rule", "规则"),
    "column_recorded": ("recorded", "历史"),
    "column_replayed": ("replayed", "重放"),
    "column_change": ("change", "变化"),
    "column_kept": ("kept", "不变"),
    "column_items": ("items", "条数"),
    "column_moved": ("moved", "换人"),
    "more_agents": ("… {more} more", "… 另有 {more} 名"),
    "decides_nothing": ("decides nothing", "从不起作用"),
    "worth": (
        "what the rules would have been worth, per item with an outcome",
        "这些规则本来能带来多少（每条有结果的记录平均）",
    ),
    "worth_span": ("({low:.4f} to {high:.4f})", "（{low:.4f} 到 {high:.4f}）"),
    "worth_but": ("  but: {warning}", "  但是：{warning}"),
}
