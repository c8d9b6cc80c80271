"""What the command line says: progress, summaries, headings, and why a command ends."""

from __future__ import annotations

from collections.abc import Mapping

from assignkit.messages.cli_records import OF_RECORDS
from assignkit.messages.cli_stores import OF_STORES
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
    "out_is_blank": ("{option} is blank: name a file", "{option} 是空的：请写出文件名"),
    "out_is_taken": (
        "{option} -: the standard output has the report itself: name a file",
        "{option} -：标准输出已用于报告本身：请写出文件名",
    ),
    "out_is_another_form": (
        "{option} {out} would hold {form}, not what {ending} promises: write {option} {named}",
        "{option} {out} 的内容会是 {form}，与扩展名 {ending} 不符：请写 {option} {named}",
    ),
    "out_is_read_only": (
        "{option} {out} is read-only, and stays as it is: name another file, or make it writable",
        "{option} {out} 是只读文件，不会改动：请换一个文件，或把它改为可写",
    ),
    "out_is_a_directory": (
        "{option} {out} is a directory: name a file in it",
        "{option} {out} 是文件夹：请写出其中的文件名",
    ),
    "no_folder": (
        "--dir {folder} is, or is in, a file: name a directory, or one that is still to be made",
        "--dir {folder} 是文件或在文件之下：请写文件夹，或一个还没有的名字",
    ),
    "out_has_no_directory": (
        "{option} {out}: there is no directory {folder}; make it first",
        "{option} {out}：没有文件夹 {folder}；请先建好",
    ),
    "out_is_used": (
        "{option} {out} is also read, or written for another option: name a file of its own",
        "{option} {out} 同时也用作别的输入或输出：请写到单独的文件里",
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
    **OF_RECORDS,
    **OF_STORES,
}
