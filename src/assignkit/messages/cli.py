"""What the command line says: progress, summaries, headings, and why a command ends."""

from __future__ import annotations

from collections.abc import Mapping

from assignkit.messages.text import Entry

_NEXT = """
next:
  cd {folder}
  ask why a customer is where it is, and what happened to it:
    {program} explain sales.rules --store {store} --item {item} --zone Asia/Shanghai
    {program} history show --store {store} --item {item}
  edit sales.rules, and see what would come of it; without --store nothing is kept:
    {program} check sales.rules --agents agents.csv --customers customers.csv
    {program} assign sales.rules --agents agents.csv --customers customers.csv --zone Asia/Shanghai --out changed.csv
  add a customer to customers.csv, and decide it beside those that are decided already:
    {program} assign sales.rules --customers customers.csv --store {store} --zone Asia/Shanghai --out decisions.csv
  see whether the books add up:
    {program} db check {store}
  then give it your own files: any CSV with a header will do."""

_NEXT_IN_CHINESE = """
接下来：
  cd {folder}
  看看一个客户为什么在现在的位置，经历了什么：
    {program} explain sales.rules --store {store} --item {item} --zone Asia/Shanghai
    {program} history show --store {store} --item {item}
  修改 sales.rules，看看结果会怎样；不写 --store 就什么都不保存：
    {program} check sales.rules --agents agents.csv --customers customers.csv
    {program} assign sales.rules --agents agents.csv --customers customers.csv --zone Asia/Shanghai --out changed.csv
  在 customers.csv 里加一个客户，与已分配的放在一起分配：
    {program} assign sales.rules --customers customers.csv --store {store} --zone Asia/Shanghai --out decisions.csv
  核对账目是否一致：
    {program} db check {store}
  然后换成您自己的文件：任何带表头的 CSV 都可以。"""

MESSAGES: Mapping[str, Entry] = {
    # how a command ends
    "interrupted": ("interrupted; nothing was written", "已中断；没有写入任何内容"),
    "interrupted_kept": ("interrupted: {tally}", "已中断：{tally}"),
    "ended_kept": ("ended: {tally}", "已结束：{tally}"),
    "error_kept": ("{error}; {tally}", "{error}；{tally}"),
    "check_the_disk": (
        "{where}{why}: check the disk and your rights, and try again",
        "{where}{why}：请检查磁盘和权限后重试",
    ),
    "correct_these_first": ("and {hidden:,} more: correct these first", "另有 {hidden:,} 处：请先改正上面这些"),
    "no_effect_yet": (
        (
            "{path}: {count} clause has no effect yet: `assignkit check {path}` says which",
            "{path}: {count} clauses have no effect yet: `assignkit check {path}` says which",
        ),
        "{path}：有 {count} 个子句暂时还不起作用：用 `assignkit check {path}` 查看是哪些",
    ),
    # usage
    "missing_option": ("missing {what}", "缺少{what}"),
    "no_such_option": ("no such option: {name}", "没有选项 {name}"),
    "no_such_option_near": ("no such option: {name}; did you mean {near}?", "没有选项 {name}；是不是想写 {near}？"),
    "missing_command": ("say which command", "请写出命令"),
    "no_such_command": ("no such command: {name}", "没有命令 {name}"),
    "no_such_command_near": ("no such command: {name}; did you mean {near}?", "没有命令 {name}；是不是想写 {near}？"),
    "option": ("option {name}", "选项 {name}"),
    "argument": ("argument {name}", "参数 {name}"),
    "bad_value": ("{what}: {why}", "{what} 的值不对：{why}"),
    "one_of": ("it is one of {choices}", "只能是 {choices} 之一"),
    "a_number": ("it is a whole number", "必须是整数"),
    "usage": ("{why}", "{why}"),
    "see_help": ("try `{command} --help`", "用法见 `{command} --help`"),
    "say_who": (
        "say who is there: --agents FILE, or --store URL with agents in it",
        "请说明有哪些员工：--agents 文件，或里面已有员工的 --store URL",
    ),
    "say_what": (
        "say what to assign: --customers FILE or --tasks FILE",
        "请说明要分配什么：--customers 文件 或 --tasks 文件",
    ),
    "say_which_item": (
        "say which item: one of --customer JSON, --task JSON, or --item ID with a file or store",
        "请说明是哪一个：--customer JSON、--task JSON，或 --item ID 加上文件或存储",
    ),
    "say_which_file": (
        "say which file holds `{item}`: --customers FILE or --tasks FILE, or a --store URL",
        "请说明 `{item}` 在哪个文件里：--customers 文件、--tasks 文件，或 --store URL",
    ),
    "not_among_items": (
        "there is no `{item}` among the {items:,} items of {path}: check --item, or --id COLUMN",
        "{path} 的 {items:,} 条里没有 `{item}`：请检查 --item 或 --id 列名",
    ),
    "not_in_store": (
        "there is no `{item}` of {kind} in {place}: check --item, or --kind",
        "{place} 里没有{kind} `{item}`：请检查 --item 或 --kind",
    ),
    "say_what_comes": (
        "say what comes: either --history FILE, or --rate R with --service S",
        "请说明工作量从哪里来：--history 文件，或者 --rate R 加 --service S",
    ),
    "chosen_at_once": (
        (
            "chosen at once: {placed} of {items} items placed ({more} against one after the other), "
            "fit {fit} ({better}), score {score} ({gain}), at most {gap} below the best"
        ),
        (
            "整批一起选人：{items} 条中有 {placed} 条有人接手（比逐条分配 {more}），匹配度 {fit}（{better}），"
            "总分 {score}（{gain}），与最优至多相差 {gap}"
        ),
    ),
    "say_what_record": (
        "say where the decisions on record are: --history FILE with --agents FILE, or --store URL",
        "请说明历史记录在哪里：--history 文件加 --agents 文件，或者 --store URL",
    ),
    "say_how_long": (
        "say how long the work on an item takes: --service S, such as 10m",
        "请说明处理一条要多久：--service S，如 10m",
    ),
    "history_holds_items": (
        "the history holds the items: leave --customers and --tasks out",
        "历史文件里已经有客户或任务：请去掉 --customers 和 --tasks",
    ),
    "two_policies": (
        "two policies would both be called `{name}`: rename one of the files",
        "有两个方案都叫 `{name}`：请给其中一个文件改名",
    ),
    "text_or_json": ("--format is text or json, not `{form}`", "--format 只能是 text 或 json，不能是 `{form}`"),
    "cost_is_text": (
        "`--cost` is told as text, of files: leave out `--format`, and `-`",
        "`--cost` 只能针对文件、以文本给出：请去掉 `--format` 和 `-`",
    ),
    "one_standard_input": (
        "only one file can come from the standard input: name the others",
        "只有一个文件可以来自标准输入：请写出其他文件的名字",
    ),
    "not_a_time": (
        "--now `{now}` is not a time: write it like 2026-11-21T09:00 or 2026-11-21T09:00+08:00",
        "--now `{now}` 不是时间：请写成 2026-11-21T09:00 或 2026-11-21T09:00+08:00",
    ),
    "no_time_zone": (
        "there is no time zone `{zone}`: names look like Asia/Shanghai or Europe/Berlin",
        "没有时区 `{zone}`：名字形如 Asia/Shanghai 或 Europe/Berlin",
    ),
    "no_length_of_time": (
        "{option} `{text}` is no length of time: write it like 600, 10m, or `10 minutes`",
        "{option} `{text}` 不是时长：请写成 600、10m 或 `10 minutes`",
    ),
    "no_rate": (
        "{option} `{text}` is no rate: write it like 0.05, 12/hour, or 200/day",
        "{option} `{text}` 不是到达率：请写成 0.05、12/hour 或 200/day",
    ),
    "no_part": (
        "{option} `{text}` is no part of a whole: write it like 5% or 0.05",
        "{option} `{text}` 不是比例：请写成 5% 或 0.05",
    ),
    "no_standard_output": (
        "there is no standard output: write to a file with --out FILE",
        "没有标准输出：请用 --out 写到文件里",
    ),
    "out_is_a_directory": (
        "--out {out} is a directory: name a file in it",
        "--out {out} 是文件夹：请写出其中的文件名",
    ),
    "out_has_no_directory": (
        "--out {out}: there is no directory {folder}; make it first",
        "--out {out}：没有文件夹 {folder}；请先建好",
    ),
    "out_is_read": (
        "--out {out} is also read: the decisions need a file of their own",
        "--out {out} 同时也是输入：分配结果要写到单独的文件里",
    ),
    "no_file": ("there is no file {path}", "没有文件 {path}"),
    # rules
    "holds_no_rule": ("{path} holds no rule", "{path} 里没有规则"),
    "first_rule": (
        'begin with: rule "Everyone" assign to team "East" by round robin',
        '可以这样开始：规则 "所有客户" 分配给 团队 "华东" 按 轮询',
    ),
    "tell_columns": (
        "if it is a column of your data, add --customers FILE, --tasks FILE or --schema FILE",
        "如果它是您数据里的一列，请加上 --customers、--tasks 或 --schema 文件",
    ),
    "check_headers": (
        "columns are named after their headers: `Lead Source` is `lead_source`",
        "字段以表头命名：`Lead Source` 就是 `lead_source`",
    ),
    "help_and_hint": ("{help} ({hint})", "{help}（{hint}）"),
    "help_then_hint": ("{help}; {hint}", "{help}；{hint}"),
    "error": (("{count} error", "{count} errors"), "{count} 个错误"),
    "warning": (("{count} warning", "{count} warnings"), "{count} 个警告"),
    "note": (("{count} note", "{count} notes"), "{count} 个提示"),
    "checked": (
        ("{count} file checked: {findings}", "{count} files checked: {findings}"),
        "检查了 {count} 个文件：{findings}",
    ),
    "nothing_to_say": ("nothing to say", "没有问题"),
    "as_it_is": ("{path} as it is", "{path} 原样"),
    "as_formatted": ("{path} formatted", "{path} 排版后"),
    "would_change": ("{path} would change", "{path} 需要排版"),
    "formatted": ("{path} formatted", "{path} 已排版"),
    "examples_passed": (
        ("{count} example: all as expected", "{count} examples: all as expected"),
        "{count} 个示例：全部符合期望",
    ),
    "examples_failed": (
        ("{count} example: {failed} failed", "{count} examples: {failed} failed"),
        "{count} 个示例：{failed} 个不符合期望",
    ),
    "example_failed": (
        '{file}:{line}: example "{name}" failed',
        "{file}:{line}：示例“{name}”不符合期望",
    ),
    "absent_owners": (
        (
            "{count:,} item names an owner, and there is no such agent: {owners}",
            "{count:,} items name owners, and there are no such agents: {owners}",
        ),
        "有 {count:,} 条写了负责人，但没有这些员工：{owners}",
    ),
    "as_if_no_owner": (
        "they are decided as if they had no owner: add the agents, with active `no` if they have left",
        "这些会当作没有负责人来分配：请把员工加上，已离职的写上 active `no`",
    ),
    # what matching costs
    "cost_rules": (("{count:,} rule", "{count:,} rules"), "{count:,} 条规则"),
    "cost_indexed": ("looked up in an index", "用索引查找"),
    "cost_chained": (
        "tried one after the other, which is faster for so few",
        "逐条尝试，规则这么少时更快",
    ),
    "cost_head": (
        "{path}: {kind}: {rules} ({rows:,} alternatives), {how}",
        "{path}：{kind}：{rules}（{rows:,} 种情况），{how}",
    ),
    "cost_fields": (
        "  by their value, with how many values, keys or boundaries the rules name: {fields}",
        "  按取值查找的字段，以及规则里写到的值、键或分界的个数：{fields}",
    ),
    "cost_no_fields": ("none", "无"),
    "cost_nothing_alone": ("  no condition has to be tried by itself", "  没有需要单独尝试的条件"),
    "cost_tried": (
        "  tried one by one where the rest of the rule holds: {conditions:,}",
        "  规则的其余部分成立时才逐个尝试的条件：{conditions:,}",
    ),
    "cost_would_be_tried": (
        "  with more than {chained} rules, tried one by one where the rest of the rule holds: {conditions:,}",
        "  规则超过 {chained} 条时，规则的其余部分成立才逐个尝试的条件：{conditions:,}",
    ),
    # deciding
    "assigning": ("assigning", "正在分配"),
    "simulating": ("simulating", "正在模拟"),
    "replaying": ("replaying", "正在重放"),
    "so_far": ("{done:,} of {total:,} items decided", "已分配 {done:,}/{total:,} 条"),
    "tally": (
        "{done:,} of {total:,} items are decided, and kept in {place}; run the same command again to go on",
        "已分配 {done:,}/{total:,} 条，保存在 {place}；再次运行同一命令即可继续",
    ),
    "tally_of_nothing": ("nothing was decided yet", "还没有分配任何内容"),
    "going_on": (
        "going on with the run of {begun} UTC: {before:,} of {items:,} items were decided then",
        "继续 {begun} UTC 开始的运行：当时已分配 {before:,}/{items:,} 条",
    ),
    "no_agents_yet": (
        "there are no agents in the store yet: say who they are with --agents FILE",
        "存储里还没有员工：请用 --agents 文件说明有谁",
    ),
    "brought": (
        "agents: {new:,} new, {changed:,} changed, {same:,} as they were",
        "员工：新增 {new:,} 名，更改 {changed:,} 名，未变 {same:,} 名",
    ),
    "brought_beside": (
        "agents: {new:,} new, {changed:,} changed, {same:,} as they were; {others:,} more of the store take part",
        "员工：新增 {new:,} 名，更改 {changed:,} 名，未变 {same:,} 名；存储里另有 {others:,} 名参与分配",
    ),
    "published_differ": (
        (
            "rules that were published in the store decide there, and {path} differs from them: "
            "publish it with `Desk.publish`, or name a file with the published ones"
        ),
        "存储里以已发布的规则为准，而 {path} 与之不同：请用 `Desk.publish` 发布，或换成与已发布规则相同的文件",
    ),
    "decided": (("{count:,} item decided", "{count:,} items decided"), "分配了 {count:,} 条"),
    "items": ("items", "条数"),
    "share": ("share", "占比"),
    "by_outcome": ("by outcome", "按结果"),
    "by_agent": ("by agent", "按员工"),
    "by_rule": ("by rule", "按规则"),
    "nobody_has_it": ("nobody has it", "无人接手"),
    "no_rule": ("(no rule)", "（无规则）"),
    "more_low_to_high": ("… {more} more, {low:,} to {high:,} each", "… 另有 {more} 个，各 {low:,} 到 {high:,} 条"),
    "more_of_each": ("… {more} more, {low:,} each", "… 另有 {more} 个，各 {low:,} 条"),
    "more_errors": (
        "… and {more:,} more that could not be decided",
        "… 另有 {more:,} 条无法分配",
    ),
    "outcome_reason": ("{outcome}: {reason}", "{outcome}：{reason}"),
    "outcome_assigned": ("assigned", "已分配"),
    "outcome_offered": ("offered", "待接受"),
    "outcome_waiting": ("waiting", "等待中"),
    "outcome_pooled": ("pooled", "在公海"),
    "outcome_kept": ("kept", "保留原负责人"),
    "outcome_rejected": ("rejected", "已拒绝"),
    "outcome_unmatched": ("unmatched", "无规则匹配"),
    "outcome_error": ("error", "出错"),
    # the sample desk
    "sample_missing": (
        "the sample desk is missing from this installation: install assignkit again",
        "安装里缺少示例销售台：请重新安装 assignkit",
    ),
    "sample_changed": (
        "{files} is not what the demo would write, and is left alone: choose another folder with --dir DIR",
        "{files} 与示例要写的内容不同，没有改动：请用 --dir 换一个文件夹",
    ),
    "demo_desk": (
        "The desk in {folder}: {agents} agents, {customers} customers, kept in {file}.",
        "{folder} 里的销售台：{agents} 名员工，{customers} 个客户，保存在 {file}。",
    ),
    "demo_all_before": (
        "All of them were decided before, and nothing is decided twice.",
        "这些客户之前都已分配，不会重复分配。",
    ),
    "demo_some_before": (
        "{before} of them were decided before; the rest is decided now.",
        "其中 {before} 个之前已分配，其余的现在分配。",
    ),
    "demo_first": ("the first {shown} decisions", "前 {shown} 条分配结果"),
    "heading_item": ("item", "编号"),
    "heading_outcome": ("outcome", "结果"),
    "heading_agent": ("agent", "员工"),
    "heading_rule": ("rule", "规则"),
    "heading_reason": ("reason", "原因"),
    "demo_why": ("why, for {item}:", "{item} 的分配原因："),
    "demo_next": (_NEXT, _NEXT_IN_CHINESE),
    # histories of items
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
    # the history of a store
    "nothing_known": ("nothing is known of `{item}` of {kind}", "没有{kind} `{item}` 的记录"),
    "where_are_events": (
        "say where the events are: EVENTS or --store URL, one of them",
        "请说明事件在哪里：EVENTS 文件或 --store URL，二选一",
    ),
    "sealed": (
        "{sealed:,} sealed events are as they were; {unsealed:,} are not sealed",
        "已封存的 {sealed:,} 个事件没有变动；{unsealed:,} 个尚未封存",
    ),
    "head": ("head {head}", "链头 {head}"),
    "event_rule": (' by rule "{rule}"', " 依据规则“{rule}”"),
    "event_actor": (" by {actor}", " 操作人 {actor}"),
    "event_reason": (": {reason}", "：{reason}"),
    # the tables of a store
    "tables_made": ("{place}: the tables are made, at {newest}", "{place}：已建表，版本 {newest}"),
    "tables_upgraded": (
        "{place}: the tables were at {revision}, and are at {newest} now",
        "{place}：表已从 {revision} 升级到 {newest}",
    ),
    "tables_up_to_date": (
        "{place}: the tables are up to date, at {newest}",
        "{place}：表已是最新版本 {newest}",
    ),
    "reachable": ("{place}: {server}, reachable", "{place}：{server}，可以连接"),
    "no_tables_yet": (
        "no tables yet, {pending} to come: `assignkit db upgrade {place}{options}` brings them to {newest}",
        "还没有表，待建 {pending}：用 `assignkit db upgrade {place}{options}` 建到 {newest}",
    ),
    "tables_behind": (
        "tables at {revision}, {pending} to come: `assignkit db upgrade {place}{options}` brings them to {newest}",
        "表的版本是 {revision}，待升级 {pending}：用 `assignkit db upgrade {place}{options}` 升级到 {newest}",
    ),
    "tables_as_wanted": ("tables at {revision}, as this release wants them", "表的版本是 {revision}，与本版本相符"),
    "audited": (
        "{placements:,} items placed, {assignments:,} assignments, {events:,} events",
        "在案 {placements:,} 条，分配 {assignments:,} 次，事件 {events:,} 个",
    ),
    "in_order": (
        "one holder per item, fences, loads, ceilings and history: as they should be",
        "每条只有一个负责人，围栏号、负载、上限和历史都没有问题",
    ),
    "pruned": (
        "{answers:,} answers and {outbox:,} events that nobody was told of are gone",
        "已删除 {answers:,} 条应答和 {outbox:,} 个无人收取的事件",
    ),
    # stores
    "no_url": (
        "`{place}` is no URL of a store: write {near}, or postgresql://user@host/database",
        "`{place}` 不是存储的 URL：请写 {near}，或 postgresql://user@host/database",
    ),
    "url_unreadable": (
        "the URL of the store cannot be read: write {backend}://user:password@host:port/database, @ as %40",
        "存储的 URL 无法识别：请写成 {backend}://user:password@host:port/database，其中 @ 写作 %40",
    ),
    "prefix_form": (
        "--prefix has at most 30 small letters, digits and underscores, got `{prefix}`",
        "--prefix 最多 30 个小写字母、数字和下划线，不能是 `{prefix}`",
    ),
    "no_schemas": ("SQLite has no schemas: use --prefix", "SQLite 没有模式（schema）：请用 --prefix"),
    "in_memory": (
        "a store in memory is gone when the program ends: name a file, such as sqlite:///desk.db",
        "内存里的存储在程序结束后就没有了：请写文件名，如 sqlite:///desk.db",
    ),
    "names_no_file": (
        "`{place}` names no file: write sqlite:///{named}, with three slashes",
        "`{place}` 没有写文件名：请写 sqlite:///{named}，要三个斜杠",
    ),
    "store_is_a_directory": (
        "{file} is a directory: name a file in it, such as sqlite:///{example}",
        "{file} 是文件夹：请写出其中的文件，如 sqlite:///{example}",
    ),
    "no_store": (
        "there is no store {file}: check the name, or make one with `assignkit assign … --store {place}`",
        "没有存储 {file}：请检查名字，或用 `assignkit assign … --store {place}` 新建",
    ),
    "no_directory": (
        "there is no directory {folder} for the store: make it first",
        "没有存放存储的文件夹 {folder}：请先建好",
    ),
    "not_sqlite": (
        "{file} is not a SQLite database, and is left alone: name another file",
        "{file} 不是 SQLite 数据库，没有改动：请换一个文件",
    ),
    "tables_absent": (
        "there are no tables of assignkit in {place}: check the URL, or make them with {command}",
        "{place} 里没有 assignkit 的表：请检查 URL，或用 {command} 建表",
    ),
    "tables_older": (
        (
            "the tables in {place} are of an older release ({revision}, and this release wants {newest}): "
            "back them up, then run {command}"
        ),
        "{place} 里的表属于旧版本（{revision}，本版本需要 {newest}）：请先备份，再运行 {command}",
    ),
    "tables_newer": (
        (
            "the tables in {place} are of a newer release ({revision}, and this one knows them up to {newest}): "
            "pip install --upgrade assignkit"
        ),
        "{place} 里的表属于更新的版本（{revision}，本版本只认到 {newest}）：pip install --upgrade assignkit",
    ),
    "advised": ("{error}; {advice}", "{error}；{advice}"),
    "cannot_be_reached": ("the database cannot be reached: {why}", "无法连接数据库：{why}"),
    "advice_password": (
        "check user and password, or set PGPASSWORD",
        "请检查用户名和密码，或设置 PGPASSWORD",
    ),
    "advice_database": ("create it first, such as with `createdb`", "请先建数据库，例如用 `createdb`"),
    "advice_role": ("check the user's name", "请检查用户名"),
    "advice_right": (
        "ask the owner of the database for the right to it, or name --db-schema",
        "请向数据库的所有者申请权限，或写明 --db-schema",
    ),
    "advice_read_only": ("check your rights to the file and its folder", "请检查您对文件及其文件夹的权限"),
    "advice_path": (
        "check the path, and your rights to it and its folder",
        "请检查路径，以及您对它和所在文件夹的权限",
    ),
    "advice_backup": ("take the last backup, or name another file", "请用最近的备份，或换一个文件"),
    "advice_room": ("make room on the disk, and run it again", "请腾出磁盘空间后再运行"),
    "advice_busy": (
        "somebody else is writing: run it again when they are done",
        "别人正在写入：请等他们写完后再运行",
    ),
    "advice_check": (
        "run `assignkit db check {place}{options}` to see what is wrong",
        "请运行 `assignkit db check {place}{options}` 查看问题所在",
    ),
    "advice_server": (
        "check that the server runs, and its host and port",
        "请检查服务器是否在运行，以及主机和端口",
    ),
}
