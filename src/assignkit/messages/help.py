"""What `--help` says, in Chinese; the English stands with the commands and options themselves."""

from __future__ import annotations

from collections.abc import Mapping

HELP: Mapping[str, str] = {
    "Decide who gets this customer, and who does this task: by rules that a sales manager can read.": (
        "按销售主管看得懂的规则，决定客户归谁、任务谁做。"
    ),
    "Show the version.": "显示版本。",
    "Write a small sales desk (rules, agents, customers), and run it end to end on a SQLite file.": (
        "写出一个小的销售台（规则、员工、客户），并在一个 SQLite 文件上从头到尾跑一遍。"
    ),
    "Where the files go. Files you changed are never overwritten.": "文件放在哪里。您改过的文件不会被覆盖。",
    "The language of what is said: en or zh. Else that of the locale.": "输出用的语言：en 或 zh。默认随系统语言。",
    (
        "Decide every item of a file: item_id,outcome,agent_id,rule,reason as CSV. A summary goes to standard error."
        "\n\nWith --store, agents and decisions are kept there, and a run that was cut off goes on where it was."
    ): (
        "分配文件里的每一条：输出 CSV，列为 item_id,outcome,agent_id,rule,reason；汇总写到标准错误。"
        "\n\n写了 --store，员工和分配结果就保存在那里，中断的运行可以接着做。"
    ),
    "The rules, `-` for standard input.": "规则文件，`-` 为标准输入。",
    "The agents, CSV, XLSX or JSON lines. Else those of the store.": (
        "员工文件，CSV、XLSX 或 JSON Lines。默认用存储里的员工。"
    ),
    "The customers, CSV, XLSX or JSON lines, `-` for stdin.": "客户文件，CSV、XLSX 或 JSON Lines，`-` 为标准输入。",
    "The tasks; `--customers` is then who they are for.": "任务文件；这时 `--customers` 是任务所属的客户。",
    "Where the decisions go, `-` for standard output.": "分配结果写到哪里，`-` 为标准输出。",
    "The store, such as sqlite:///desk.db.": "存储，如 sqlite:///desk.db。",
    "Whose books, where many share tables.": "多家共用表时，是哪一家的账。",
    "What the names of the tables begin with.": "表名的前缀。",
    "The schema of the tables.": "表所在的模式（schema）。",
    "Settles ties and `random`: the same seed, the same result.": "决定并列时和 `随机` 的结果：种子相同，结果相同。",
    "Decide as of then, such as 2026-11-21T09:00. Else now.": "按这个时间分配，如 2026-11-21T09:00。默认现在。",
    "Add a column that says why, for each item.": "增加一列，说明每一条的分配原因。",
    "Choose the agents for all items at once. Never worse than one after the other.": (
        "所有条目一起选人。不会比逐条分配差。"
    ),
    "The column with the identities of items. Else `id`.": "客户或任务编号所在的列。默认 `id`。",
    "The column with the identities of agents. Else `id`.": "员工编号所在的列。默认 `id`。",
    "A column that names the team of each agent.": "写明员工所属团队的列。",
    "How the files are written, such as cp1252. Else UTF-8, UTF-16, GB18030 or Big5.": (
        "文件编码，如 cp1252。默认 UTF-8、UTF-16、GB18030 或 Big5。"
    ),
    "The order of day and month, where cells cannot tell.": "单元格里看不出时，日和月的先后。",
    "The time zone of the desk, such as Asia/Shanghai.": "销售台的时区，如 Asia/Shanghai。",
    'Types of fields: {"customers": {"vip": "boolean"}}.': '字段类型：{"customers": {"vip": "boolean"}}。',
    "Tell all that is wrong or doubtful in rules. Exit code 0: nothing wrong, 1: errors, 2: files or usage.": (
        "指出规则里的错误和可疑之处。退出码 0：没有错误，1：有错误，2：文件或用法不对。"
    ),
    "Rule files, `-` for stdin.": "规则文件，`-` 为标准输入。",
    "The agents: checks teams and their fields.": "员工文件：用来检查团队和员工的字段。",
    "Customers: their columns become fields.": "客户文件：它的列可以当字段用。",
    "Tasks: their columns become fields.": "任务文件：它的列可以当字段用。",
    "How findings are written.": "结果的写法。",
    "Warnings are failures too.": "警告也算失败。",
    "Say what matching costs, and which conditions no index answers.": "说明匹配的开销，以及哪些条件用不上索引。",
    "Lay out rules in the one canonical way; comments, texts and names stay. Exit code 1: wrong, or would change.": (
        "把规则排成统一的版式；注释、文本和名字不变。退出码 1：有错误，或需要排版。"
    ),
    "Rule files, `-` for stdin, which goes to stdout.": "规则文件，`-` 为标准输入，结果写到标准输出。",
    "Only tell which files would change.": "只说明哪些文件需要排版。",
    "Only show what would change.": "只显示会改变什么。",
    "Write the keywords in this language. Else in that of each file.": "用这种语言写关键词。默认用文件原来的语言。",
    "Run the examples in rules. Exit code 0: all as expected, 1: some not, or rules are wrong, 2: files or usage.": (
        "运行规则里的示例。退出码 0：全部符合期望，1：有不符合的或规则有错误，2：文件或用法不对。"
    ),
    "Tell which rules, clauses and rows no example used.": "说明哪些规则、子句和表格行没有示例用到。",
    "Write the outcome as JUnit XML too, `-` for stdout.": "同时把结果写成 JUnit XML，`-` 为标准输出。",
    (
        "Say what would become of one item now, and why; for one that an agent of a store holds: how it got there."
        "\n\nNothing is decided, nothing is written."
    ): "说明一条现在会怎样分配、为什么；存储里已有负责人的，说明它是怎么分到的。\n\n不会分配，也不会写入任何内容。",
    "The customer, as JSON.": "客户，写成 JSON。",
    "The task, as JSON.": "任务，写成 JSON。",
    "The identity of an item in a file, or in the store.": "文件或存储里的编号。",
    "What kind of item `--item` is, in the store.": "`--item` 在存储里是客户还是任务。",
    "How it is written.": "输出的写法。",
    (
        "Compare rule files and orders on the same items: waits, service, load and fairness, with what is beyond "
        "chance.\n\nItems are those of a history, or are made up: they come at a rate, and look like those of "
        "--customers or --tasks."
    ): (
        "用同样的客户或任务比较规则文件和分配方式：等待、服务水平、负载和公平，并指出哪些差别不是偶然。"
        "\n\n客户或任务来自历史文件，或者按到达率生成，样子与 --customers 或 --tasks 里的一样。"
    ),
    "Rule files, or orders such as `least loaded`; the first is what is compared with.": (
        "规则文件，或分配方式，如 `least loaded`；第一个是比较的基准。"
    ),
    "The agents, CSV, XLSX or JSON lines.": "员工文件，CSV、XLSX 或 JSON Lines。",
    "Items on record, with their arrival and service.": "历史文件，写有到达时间和处理时长。",
    "The column of the history that says when items came.": "历史文件里写到达时间的列。",
    "Instead: how many items come, such as 12/hour.": "或者写到达率，如 12/hour。",
    "How long the work takes, such as 10m; or a column of the history.": "处理时长，如 10m；或历史文件里的一列。",
    "How long items come, as 8h.": "到达持续多久，如 8h。",
    "Or how many come. Else 5,000 in each replication.": "或者写到达多少条。默认每次 5,000 条。",
    "How often new items are drawn.": "重新生成多少次。",
    "The wait that is still good service.": "多长的等待还算服务好。",
    "Write a report for a browser.": "写一份可以在浏览器里看的报告。",
    "Write the pictures as SVG.": "把图写成 SVG。",
    (
        "Replay decisions on record under these rules: who gains, who loses, what nobody has, which rules are dead."
        "\n\nThe record is a file, or a store's history. Ends with 1 if a limit is exceeded, so that it can guard a "
        "pull request."
    ): (
        "用这些规则重放历史分配：谁多了、谁少了、哪些无人接手、哪些规则不起作用。"
        "\n\n历史记录来自文件或存储。超过限度时以 1 退出，可以用来把关合并请求。"
    ),
    "The decisions on record, CSV, XLSX or JSON.": "历史分配记录，CSV、XLSX 或 JSON。",
    "Compare with these rules, not with the record.": "与这些规则比较，而不是与历史记录比较。",
    "The history holds tasks. Else customers.": "历史文件里是任务。默认是客户。",
    "When an item came.": "到达时间。",
    "Who got it.": "分给了谁。",
    "What came of it.": "结果如何。",
    "Outcomes that are a success, `;` between.": "哪些结果算成交，用 `;` 分隔。",
    "Outcomes that are a failure.": "哪些结果算未成交。",
    "When the agent was done with it.": "员工处理完的时间。",
    "What it was worth, instead of won or lost.": "它的价值，代替成交或未成交。",
    "The chance that the agent had of getting it.": "这名员工当时分到它的概率。",
    "Fail if more items move, such as 5%.": "换人的超过多少就失败，如 5%。",
    "Fail if more items have nobody.": "无人接手的超过多少就失败。",
    "Fail if the rules forbid more of what is on record.": "历史记录里规则禁止的超过多少就失败。",
    "Fail if more rules decide nothing.": "不起作用的规则超过多少就失败。",
    "`text` or `json`.": "`text` 或 `json`。",
    "Write a row per item, as CSV.": "每条写一行，写成 CSV。",
    "What happened, from a store or an export of it, and whether it is as it was.": (
        "存储或其导出文件里发生过什么，以及是否被改动过。"
    ),
    "Tell what happened to one item, oldest first. Exit code 2 if nothing did.": (
        "按时间先后说明一条发生过什么。什么都没有则退出码为 2。"
    ),
    "An export, JSON lines, `-` for stdin.": "导出文件，JSON Lines，`-` 为标准输入。",
    "The item.": "编号。",
    "What kind of item it is.": "是客户还是任务。",
    "Tell what is not as it was sealed. Exit code 0: nothing, 1: something is, 2: files or usage.": (
        "指出与封存时不同的地方。退出码 0：没有，1：有，2：文件或用法不对。"
    ),
    "What `seal` wrote: names rows.": "`seal` 写的文件：可以指出是哪几行。",
    "A head that was kept, `number:digest`.": "另行保存的链头，写成 `序号:摘要`。",
    "Heads that were kept, one in each line.": "另行保存的链头，每行一个。",
    "Print the head over all events, to be kept where nobody can change it with the history.": (
        "打印全部事件的链头；请保存在改历史的人改不到的地方。"
    ),
    "A head after so many events each.": "每隔多少个事件打印一个链头。",
    "Seal what happened since the last seal, and print the head; to be run on a schedule.": (
        "封存上次封存之后的事件，并打印链头；请定时运行。"
    ),
    "Where seals are appended.": "封存记录追加到哪里。",
    "The store.": "存储。",
    "Write all events to the standard output, as JSON lines, oldest first.": (
        "把全部事件按时间先后写到标准输出，JSON Lines 格式。"
    ),
    "The tables of a store: made, brought up to date, and audited.": "存储的表：建表、升级、核对。",
    "Make the tables, or bring them up to this release. Nothing happens if they are.": (
        "建表，或把表升级到本版本。已是最新则什么都不做。"
    ),
    "The store: sqlite:///file.db or postgresql://…": "存储：sqlite:///file.db 或 postgresql://…",
    "The schema of the tables (PostgreSQL).": "表所在的模式（PostgreSQL 的 schema）。",
    "Tell how the database stands, and audit what the tables promise. Exit code 1 if something is not in order.": (
        "说明数据库的状况，并核对表里的数据。有问题则退出码为 1。"
    ),
    "Write down what `upgrade` would do to an empty database, as SQL. Nothing is connected to.": (
        "以 SQL 写出 `upgrade` 会对空数据库做什么。不会连接数据库。"
    ),
    "The database that it is for.": "用于哪种数据库。",
    "Delete old answers to retries, and old events that nobody was told of. History and records stay.": (
        "删除旧的重试应答和无人收取的旧事件。历史和记录不变。"
    ),
    "How old, such as 7d; a day at least.": "多旧，如 7d；至少一天。",
}
