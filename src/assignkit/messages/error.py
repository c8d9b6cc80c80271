"""What exceptions say that reach people who write rules or run the command line."""

from __future__ import annotations

from collections.abc import Mapping

from assignkit.messages.text import Entry

MESSAGES: Mapping[str, Entry] = {
    "rules_have_errors": ("the rules have errors", "规则有错误"),
    "missing_extra": (
        'this needs more packages: pip install "assignkit[{extra}]"',
        '这需要安装更多的包：pip install "assignkit[{extra}]"',
    ),
    "unknown_strategy": ("no order is called `{name}`", "没有名为 `{name}` 的分配方式"),
    "unknown_strategy_near": (
        "no order is called `{name}`; did you mean `{suggestion}`?",
        "没有名为 `{name}` 的分配方式；是不是想写 `{suggestion}`？",
    ),
    "invalid_item": ("`{item}` does not fit: {problems}", "`{item}` 不符合字段要求：{problems}"),
    "invalid_nameless": ("the item does not fit: {problems}", "这一条不符合字段要求：{problems}"),
    "not_eligible": ("agent `{agent}` may not have `{item}`: {reasons}", "员工 `{agent}` 不能接 `{item}`：{reasons}"),
    "invalid_transition": ("`{item}` is {state}: cannot {attempted}", "`{item}` 的状态是 {state}：不能 {attempted}"),
    "publishing": ("cannot {attempted} rules `{version}`: {why}", "不能 {attempted} 规则 `{version}`：{why}"),
    "not_found": ("there is no {noun} `{key}`", "没有 {noun} `{key}`"),
    "not_found_but": ("there is no {noun} `{key}`: {help}", "没有 {noun} `{key}`：{help}"),
    "already_exists": ("there is {article} {noun} `{key}` already", "已经有 {noun} `{key}` 了"),
    "in_use": ("{noun} `{key}` cannot be removed: {uses}", "{noun} `{key}` 不能删除：{uses}"),
    "conflict": ("{what}: expected {expected}, found {found}", "{what}：应为 {expected}，实际是 {found}"),
    "idempotency": (
        "key `{key}` was used for another `{operation}` request: use a new key",
        "键 `{key}` 已用于另一个 `{operation}` 请求：请换一个键",
    ),
    "unreadable": (
        "{noun} {number}, `{key}`, cannot be read: it is not as it was written",
        "{noun} {number}（`{key}`）无法读取：与写入时不同",
    ),
    # databases
    "busy": ("the database is busy: {said}", "数据库正忙：{said}"),
    "connection_lost": ("the connection to the database is lost: {said}", "与数据库的连接已断开：{said}"),
    "cannot_keep": ("the database cannot keep this value: {said}", "数据库存不下这个值：{said}"),
    "tables_differ": (
        "the tables are not what they should be, run `migrate()`: {said}",
        "表与应有的不同，请运行 `migrate()`：{said}",
    ),
    "database_failed": ("the database failed: {said}", "数据库出错：{said}"),
    # zones and values
    "model_fault": ("{fault}", "值不符合要求（{fault}）"),
    # histories that are simulated or replayed
    "row_lacks": (
        "row {row} has no `{name}`: each needs an arrival, and its service time in seconds",
        "第 {row} 行没有 `{name}`：每行都要有到达时间和处理秒数",
    ),
    "row_mixed": (
        "row {row}: arrivals are all seconds, or all instants with a zone; found {found}",
        "第 {row} 行：到达时间要么都是秒数，要么都是带时区的时刻；实际是 {found}",
    ),
    "row_shape": (
        "row {row} is neither a mapping nor (arrival, service) or (arrival, service, fields)",
        "第 {row} 行既不是字典，也不是（到达, 处理）或（到达, 处理, 字段）",
    ),
    "warm_up": (
        "the warm-up ends before the run does, and is not below 0: {warm_up}",
        "预热要在运行结束之前结束，且不小于 0：{warm_up}",
    ),
    "row_no_number": ("row {row}: `{name}` is {value}, not a number", "第 {row} 行：`{name}` 是 {value}，不是数字"),
    "row_out_of_range": (
        "row {row}: `{name}` is {value}; it may not be below 0, and is finite",
        "第 {row} 行：`{name}` 是 {value}；不能小于 0，也不能是无穷",
    ),
    "history_lacks": ("row {row} of the history has no `{name}`", "历史文件第 {row} 行没有 `{name}`"),
    "history_twice": (
        "{items} items stand in the history more than once: give each decision an identity of its own",
        "历史文件里有 {items} 条重复：请给每次分配单独的编号",
    ),
    "history_no_instant": (
        "row {row} of the history: `{column}` is {value}, not an instant with a zone",
        "历史文件第 {row} 行：`{column}` 是 {value}，不是带时区的时刻",
    ),
    "history_no_chance": (
        "row {row} of the history: `{column}` is {value}, not a chance above 0, up to 1",
        "历史文件第 {row} 行：`{column}` 是 {value}，不是大于 0、不超过 1 的概率",
    ),
    "history_no_number": (
        "row {row} of the history: `{column}` is {value}, not a number",
        "历史文件第 {row} 行：`{column}` 是 {value}，不是数字",
    ),
    "several_kinds": (
        "the rules are for {kinds}: say which of them the workload is, kind=…",
        "规则针对 {kinds}：请说明工作量是哪一种，kind=…",
    ),
    "until_above_zero": (
        "until is a number of seconds above 0, not {until}",
        "until 是大于 0 的秒数，不能是 {until}",
    ),
    "no_common_agent": (
        "the history names no agent of the agents' file; it has `{named}`, the file has `{known}`",
        "历史文件里没有员工文件中的任何人：前者有 `{named}`，后者有 `{known}`",
    ),
    "no_agents": ("a simulation needs at least one agent", "模拟至少要有一名员工"),
    "agents_twice": ("several agents are called `{agent}`", "有几名员工都叫 `{agent}`"),
    # sealed histories
    "no_event": ("{path}:{line}: this is no event: {why}", "{path}:{line}：这不是事件：{why}"),
    "no_file": ("there is no file {path}", "没有文件 {path}"),
    "no_head": (
        "a head is a number, a colon and 64 hex digits, got `{text}`",
        "链头是序号、冒号和 64 位十六进制数字，不能是 `{text}`",
    ),
    "no_seal": ("this is no seal: {line}", "这不是封存记录：{line}"),
    "in_file": ("{path}: {why}", "{path}：{why}"),
    "in_line": ("{path}:{line}: {why}", "{path}:{line}：{why}"),
    "finding": ("{fault}: {message}", "{fault}：{message}"),
    "fault_added": ("added", "多出"),
    "fault_out_of_order": ("out of order", "次序颠倒"),
    "fault_seal_broken": ("seal broken", "封存损坏"),
    "fault_truncated": ("truncated", "被截断"),
    "fault_deleted": ("deleted", "被删除"),
    "fault_swapped": ("swapped", "被对调"),
    "fault_edited": ("edited", "被修改"),
    "fault_head_unknown": ("head unknown", "链头不符"),
    "event_twice": ("event {number} stands twice: {event}", "事件 {number} 出现了两次：{event}"),
    "event_behind": ("event {number} stands behind event {highest}", "事件 {number} 排在事件 {highest} 之后"),
    "sealed_behind": (
        "event {number} is sealed behind event {earlier}",
        "事件 {number} 封存在事件 {earlier} 之后",
    ),
    "seal_head": (
        "the seal at event {number} does not have the head that its marks give",
        "事件 {number} 处的封存与其标记算出的链头不符",
    ),
    "sealed_missing": (
        "{lost} sealed events are missing from event {number} on",
        "从事件 {number} 起缺少 {lost} 个已封存的事件",
    ),
    "event_gone_id": ("event {number} is gone: {event}", "事件 {number} 不见了：{event}"),
    "events_swapped": (
        "events {number} and {other} have changed places",
        "事件 {number} 与 {other} 对调了位置",
    ),
    "event_edited": (
        "event {number} is not as it was sealed: {event}",
        "事件 {number} 与封存时不同：{event}",
    ),
    "event_gone": ("event {number} is gone", "事件 {number} 不见了"),
    "impossible_number": ("no event has the number {number}: {event}", "没有序号为 {number} 的事件：{event}"),
    "same_id": (
        "event {number} has the id of event {first}: {event}",
        "事件 {number} 与事件 {first} 的标识相同：{event}",
    ),
    "kept_head_absent": (
        "event {number}, whose head was kept, is not there",
        "另行保存了链头的事件 {number} 不在了",
    ),
    "kept_head_differs": (
        "the events up to {number} are not those whose head was kept: {found}, expected {wanted}",
        "到 {number} 为止的事件与另行保存的链头不符：实际是 {found}，应为 {wanted}",
    ),
}
