"""What is said about the form of rule texts: characters, literals, grammar, layout."""

from __future__ import annotations

from collections.abc import Mapping

from assignkit.messages.text import Entry

MESSAGES: Mapping[str, Entry] = {
    # how grave it is
    "error": ("error", "错误"),
    "warning": ("warning", "警告"),
    "note": ("note", "提示"),
    # files and limits
    "file_too_large": ("the file is larger than {size} bytes", "文件超过 {size} 字节"),
    "split_the_file": (
        "split it and `import` the parts, keep long tables in files of their own, or raise the limit",
        "请拆成几个文件再用 `引入` 合起来，把长表格放到单独的文件里，或者调高上限",
    ),
    "not_utf8": (
        "the file is not UTF-8: byte 0x{byte:02X} at offset {offset}",
        "文件不是 UTF-8 编码：第 {offset} 字节处是 0x{byte:02X}",
    ),
    "save_utf16": ("it looks like UTF-16: save it as UTF-8", "看起来是 UTF-16 编码：请另存为 UTF-8"),
    "save_older": (
        "it may be in an older encoding such as GB18030: save it as UTF-8",
        "可能是 GB18030（GBK）等旧编码：请另存为 UTF-8",
    ),
    "too_many_errors": (
        "there are more than {most} errors; the rest is not shown",
        "错误超过 {most} 处，其余不再显示",
    ),
    "mend_first": ("mend the errors above first", "请先改正上面的错误"),
    "too_many_tokens": ("the file has more than {most} words and signs", "文件里的词和符号超过 {most} 个"),
    "too_deep": ("this is nested more than {most} deep", "嵌套超过 {most} 层"),
    "chain_too_long": (
        "this has {members} members, more than {most} in one chain",
        "这里一连写了 {members} 项，一串最多 {most} 项",
    ),
    "split_into_lets": ("split it into several `let`s", "请拆成几条 `定义`"),
    "not_formatted": (
        "this file cannot be formatted without changing what it says",
        "排版会改变这个文件的含义，所以没有排版",
    ),
    "report_it": ("please report it; the file is left as it is", "请反馈给我们；文件保持原样"),
    # names and characters
    "mixed_scripts": (
        "`{name}` mixes letters of {scripts}, which can look alike",
        "`{name}` 混用了{scripts}的字母，它们看起来可能一样",
    ),
    "both": ("{most} and {last}", "{most}和{last}"),
    "script_Latin": ("Latin", "拉丁"),
    "script_Cyrillic": ("Cyrillic", "西里尔"),
    "script_Greek": ("Greek", "希腊"),
    "script_Cjk": ("Cjk", "汉"),
    "script_Hiragana": ("Hiragana", "平假名"),
    "script_Katakana": ("Katakana", "片假名"),
    "script_Hangul": ("Hangul", "谚文"),
    "one_script": ("write it in one script", "请只用一种文字书写"),
    "reserved_name": (
        "`{name}` can begin a value, so that a `let` may not be named so",
        "`{name}` 可以是一个值的开头，`定义` 不能用这个名字",
    ),
    "another_name": ("choose another name", "请换一个名字"),
    "character_in_name": ("the character {character} is not allowed in a name", "名字里不能有字符 {character}"),
    "character_in_comment": ("the character {character} is not allowed in a comment", "注释里不能有字符 {character}"),
    "character_in_text": ("the character {character} is not allowed inside a text", "文本里不能有字符 {character}"),
    "character_here": ("the character {character} is not allowed here", "这里不能有字符 {character}"),
    "write_code_point": ("write it as `\\u{{…}}`", "请写成 `\\u{{…}}`"),
    "delete_it": ("delete it", "请删掉"),
    "no_closing_quote": ("this text has no closing quote", "这段文本缺少右引号"),
    "close_the_text": (
        "close the text with `{quote}` before the end of the line",
        "请在行末之前用 `{quote}` 结束这段文本",
    ),
    "double_quotes": ("texts stand in double quotes", "文本要用双引号括起来"),
    "write": ("write {what}", "请写 {what}"),
    "foreign_sign": ("`{sign}` is not a sign of this language", "`{sign}` 不是本语言的符号"),
    "quotes_help": ('texts stand in double quotes: "…"', '文本要用双引号括起来："…"'),
    "no_end_sign": ("clauses need no sign at their end: delete it", "子句末尾不需要符号：请删掉"),
    "no_braces": (
        "clauses need no braces: each begins with its keyword",
        "不需要花括号：每个子句以自己的关键词开头",
    ),
    "write_and": ("write `and`", "请写 `且`"),
    "no_regular_expressions": (
        "there are no regular expressions: use `starts with`, `ends with`, `contains` or `like`",
        "不支持正则表达式：请用 `开头是`、`结尾是`、`含有` 或 `形如`",
    ),
    "question_mark": (
        "`?` stands for one character only inside a text after `like`",
        "`?` 只有写在 `形如` 后面的文本里才表示一个字符",
    ),
    "percent": (
        "a percent sign stands right behind its number: `20%`",
        "百分号要紧跟在数字后面：`20%`",
    ),
    "field_after_dot": ("a field follows the dot at once: `customer.tier`", "点号后面直接写字段：`客户.等级`"),
    "plain_fields": (
        "fields are written as `customer.tier`, names of `let`s as they are",
        "字段写成 `客户.等级`，`定义` 的名字直接写",
    ),
    # literals
    "not_a_number": ("`{written}` is not a number", "`{written}` 不是数字"),
    "underscores": ("write `_` only between digits, as in `1_000_000`", "`_` 只能写在数字之间，如 `1_000_000`"),
    "too_many_digits": (
        "this number has {significant} significant digits and {digits} in all",
        "这个数有 {significant} 位有效数字，一共 {digits} 位",
    ),
    "digits_kept": (
        "at most {significant} significant digits, and {digits} in all, are kept exactly",
        "最多精确保留 {significant} 位有效数字，一共 {digits} 位",
    ),
    "not_a_date": ("`{written}` is not a date", "`{written}` 不是日期"),
    "date_in_full": (
        "write year, month and day in full, as in `2026-01-05`",
        "年、月、日都要写全，如 `2026-01-05`",
    ),
    "year_range": ("year is out of range", "年份超出范围"),
    "month_range": ("month must be in 1..12", "月份只能是 1 到 12"),
    "day_range": ("day is out of range for month", "这个月没有这一天"),
    "hour_range": ("hour must be in 0..23", "小时只能是 0 到 23"),
    "minute_range": ("minute must be in 0..59", "分钟只能是 0 到 59"),
    "second_range": ("second must be in 0..59", "秒只能是 0 到 59"),
    "not_an_instant": ("`{written}` is not an instant", "`{written}` 不是时刻"),
    "instant_form": ("write it as `2026-11-21T09:00+08:00`", "请写成 `2026-11-21T09:00+08:00`"),
    "no_offset": ("`{written}` has no offset from UTC", "`{written}` 没有写时区（与 UTC 的差）"),
    "say_the_zone": (
        "say which zone it is in, as in `{written}+08:00` or `{written}Z`",
        "请写明时区，如 `{written}+08:00` 或 `{written}Z`",
    ),
    "no_such_moment": ("there is no such moment", "没有这样的时刻"),
    "not_a_time": ("`{written}` is not a time of day", "`{written}` 不是一天中的时间"),
    "time_form": (
        "hours go from 00 to 23, minutes from 00 to 59; a day ends at 24:00",
        "小时从 00 到 23，分钟从 00 到 59；一天到 24:00 为止",
    ),
    "duration_too_long": ("this duration is too long", "时长太长"),
    "at_most_100_years": ("at most 100 years", "最长 100 年"),
    "not_an_escape": ("`{written}` is not an escape", "`{written}` 不是转义符"),
    "escapes": (
        r"the escapes are `\"`, `\\`, `\n`, `\t` and `\u{{1F600}}`; write a backslash as `\\`",
        r"可用的转义符有 `\"`、`\\`、`\n`、`\t` 和 `\u{{1F600}}`；反斜杠写成 `\\`",
    ),
    # what stands where it cannot stand
    "unexpected": ("expected {expected}, found {found}", "这里应该是：{expected}；现在是：{found}"),
    "or": ("{most} or {last}", "{most}或者{last}"),
    "phrase": ("{english}", "{chinese}"),
    "word": ("`{english}`", "`{chinese}`"),
    "quoted": ("`{written}`", "`{written}`"),
    "not_a_word_here": ("`{written}` is not a word that can stand here", "这里不能写 `{written}`"),
    "did_you_mean": ("did you mean `{name}`?", "是不是想写 `{name}`？"),
    "meant_instead": (
        "did you mean `{meant}` instead of `{written}`?",
        "是不是想写 `{meant}`，而不是 `{written}`？",
    ),
    "read_as_name": (
        "`{word}` is read as a name here; it needs no `is` before it",
        "这里 `{word}` 被当成名字；它前面不用写 `是`",
    ),
    "end_of_file": ("the end of the file", "文件末尾"),
    "end_of_line": ("the end of the line", "行末"),
    "end_of_row": ("the end of the row", "表格行的末尾"),
    "row": ("a row of a table", "表格的一行"),
    "cell": ("a cell", "单元格"),
    "value": ("a value", "一个值"),
    "comparison": ("a comparison such as `=` or `in`", "比较（如 `=`、`属于`）"),
    "and_or": ("`and` or `or`", "`且`、`或`"),
    "order": ("an order such as `round robin` or `least loaded`", "分配方式（如 `轮询`、`最少负载`）"),
    "clause": ("a clause of the rule", "规则的子句"),
    "action": ("an action such as `assign to` or `hold in pool`", "动作（如 `分配给`、`放入 公海`）"),
    "target": ('a target such as `team "…"`', '分配对象（如 `团队 "…"`）'),
    "unit": ("a unit of time such as `minutes`", "时间单位（如 `分钟`）"),
    "weekday": ("a weekday such as `mon`", "星期（如 `周一`）"),
    "statement": ("a new statement", "新的语句"),
    "name": ("a name", "名字"),
    "text": ("text in double quotes", "双引号里的文本"),
    "number": ("a number", "数字"),
    "date": ("a date such as `2026-01-31`", "日期（如 `2026-01-31`）"),
    "instant": ("an instant such as `2026-01-31T09:00+08:00`", "时刻（如 `2026-01-31T09:00+08:00`）"),
    "time": ("a time of day such as `09:00`", "一天中的时间（如 `09:00`）"),
    "field": ("a dot and a field", "点号和字段"),
    "row_start": ("a row that begins with `|`", "以 `|` 开头的表格行"),
    "bar": ("`|`", "`|`"),
    "empty_cell": (
        "a cell may not be empty: write `any` where it has no condition",
        "单元格不能空着：没有条件就写 `任意`",
    ),
    "write_out": ("write the number out, such as 5_000_000, or 500万", "请把数字写完整，如 5_000_000，或写 500万"),
    "say_which_target": (
        'say what it is: team "{name}" or agent "{name}"',
        '请写明是什么：团队 "{name}" 或 员工 "{name}"',
    ),
    "quote_it": ('put it in double quotes: "{word}"', '请加上双引号："{word}"'),
    "join_comparisons": (
        "join two comparisons with `and`: `a < b and b < c`",
        "两个比较要用 `且` 连接：`a < b 且 b < c`",
    ),
    "clause_below_rule": ("{word} is a clause: it stands below a `rule`", "{word} 是子句，要写在 `规则` 下面"),
    "statement_words": (
        "a statement begins with `rule`, `let`, `team`, `table`, `pool`, `calendar`, …",
        "语句以 `规则`、`定义`、`团队`、`决策表`、`公海`、`日历` 等开头",
    ),
    "team_definition": (
        'a team is defined by `team "…" = agents …`; in a `given`, a comma stands before a field `team`',
        '团队的定义是 `团队 "…" = 员工 …`；在 `假设` 里，字段 `团队` 前面要有逗号',
    ),
    "then_joins_orders": (
        "`then` only joins orders; begin the action on its own: `assign to …`",
        "`再按` 只用来连接分配方式；动作要单独开头：`分配给 …`",
    ),
    # statements, clauses and tables
    "written_already": ("`{word}` is written already", "`{word}` 已经写过了"),
    "keep_one": ("keep one of them", "请只保留一个"),
    "interval_backwards": ("this interval does not end after it begins", "这个时段的结束不晚于开始"),
    "days_backwards": ("these days end before they begin", "这些日子的结束早于开始"),
    "too_many_days": ("these are more than 366 days", "这里超过了 366 天"),
    "past_midnight": (
        "an interval that passes midnight is two: 22:00-24:00 on one day, 00:00-06:00 on the next",
        "跨过午夜的时段要写成两段：当天 22:00-24:00，次日 00:00-06:00",
    ),
    "column_already": ("there is a column `{word}` already", "已经有一列 `{word}` 了"),
    "one_action_a_row": ("a row has one action, and one order for it", "一行只有一个动作和它的一种分配方式"),
    "row_length": (
        "this row has {cells} cells, but the table has {columns} columns",
        "这一行有 {cells} 个单元格，而表格有 {columns} 列",
    ),
    "write_any": ("write `any` where a cell has no condition", "没有条件的单元格请写 `任意`"),
    "row_not_closed": ("this row does not end with `|`", "这一行没有以 `|` 结尾"),
    "row_form": ("a row is one line, from `|` to `|`", "表格的一行写在一行里，从 `|` 到 `|`"),
    "cell_does_not_fit": ("this cell does not fit its column", "这个单元格与它的列不符"),
    "expected": ("expected {what}", "这里应该是：{what}"),
    "test_cell": (
        'a test, such as `any`, `"Shanghai"`, `>= 10`, `10 to 99`, `in (…)`',
        '条件，如 `任意`、`"上海"`、`>= 10`、`10 至 99`、`属于 (…)`',
    ),
    "action_cell": (
        'an action, such as `team "East"` or `hold in pool "P"`',
        '动作，如 `团队 "华东"` 或 `放入 公海 "P"`',
    ),
    "order_cell": ("an order, such as `round robin`", "分配方式，如 `轮询`"),
}
