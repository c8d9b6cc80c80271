"""What is said about files of agents, customers and tasks, and about schema files."""

from __future__ import annotations

from collections.abc import Mapping

from assignkit.messages.text import Entry

MESSAGES: Mapping[str, Entry] = {
    # opening and decoding
    "cannot_be_used": ("the file cannot be used", "文件不能使用"),
    "workbook": (
        "{name} is an Excel workbook or another packed file, not a text file",
        "{name} 是 Excel 工作簿或其他压缩文件，不是文本文件",
    ),
    "save_as_csv": (
        "save it as `.xlsx`, or as CSV (in Excel: File, Save As, “CSV UTF-8”), and give that file",
        "请另存为 `.xlsx` 或 CSV（Excel：文件 → 另存为 → “CSV UTF-8”），再使用那个文件",
    ),
    "save_as_workbook": (
        "save it as `.xlsx` in Excel, without a password, or as CSV",
        "请在 Excel 里另存为 `.xlsx`（不加密码）或 CSV",
    ),
    "empty": ("{name} is empty", "{name} 是空的"),
    "needs_header": (
        "it needs a line with the names of its columns, then the rows",
        "第一行应该是列名，后面是数据行",
    ),
    "no_text_file": ("{name} is not a text file", "{name} 不是文本文件"),
    "save_as_text": ("save it as plain text in UTF-8", "请另存为 UTF-8 纯文本"),
    "no_file": ("there is no file {name}", "没有文件 {name}"),
    "is_directory": ("{name} is a directory", "{name} 是文件夹"),
    "give_a_file": ("give one file in it", "请写出其中的一个文件"),
    "may_not_be_read": ("{name} may not be read", "没有权限读取 {name}"),
    "ask_for_the_right": ("ask for the right to read it, or copy it", "请申请读取权限，或复制一份"),
    "cannot_be_read": ("{name} cannot be read: {why}", "无法读取 {name}：{why}"),
    "nobody_writes": ("it is a pipe that nobody writes to", "它是没有程序写入的管道"),
    "is_a_device": ("it is a device, and no file", "它是设备，不是文件"),
    "check_the_path": ("check the path", "请检查路径"),
    "no_directory_either": (
        "there is no directory {folder} either: check the path",
        "文件夹 {folder} 也不存在：请检查路径",
    ),
    "dangling": ("{name} is a link to {there}, which is not there", "{name} 是指向 {there} 的链接，而 {there} 不存在"),
    "did_you_mean": ("did you mean {name}?", "是不是想写 {name}？"),
    "no_encoding": ("there is no encoding called {name!r}", "没有叫 {name!r} 的编码"),
    "usual_encodings": (
        "usual ones are utf-8, gb18030, big5, cp1252, utf-16",
        "常用的有 utf-8、gb18030、big5、cp1252、utf-16",
    ),
    "undecodable": (
        "this is not {encoding}: byte 0x{byte:02X} cannot stand here",
        "这不是 {encoding} 编码：这里不能有字节 0x{byte:02X}",
    ),
    "other_encoding": (
        "the file is not written in {encoding}: give another --encoding, or none for UTF-8",
        "文件不是 {encoding} 编码：请换一个 --encoding，UTF-8 则不用写",
    ),
    "say_encoding": (
        "say how it is written: --encoding gb18030 (Chinese Windows), big5, cp1252 (Western Windows), …",
        "请写明编码：--encoding gb18030（中文 Windows）、big5（繁体）、cp1252（西文 Windows）等",
    ),
    "found_out": ("{name} is not UTF-8: it is read as {encoding}", "{name} 不是 UTF-8：按 {encoding} 读取"),
    "or_say_encoding": (
        "if names look wrong, say how it is written: --encoding {encoding}, or another one",
        "如果名字显示不对，请写明编码：--encoding {encoding} 或其他编码",
    ),
    "unmarked_utf16": (
        "{name} looks like UTF-16 without its mark",
        "{name} 看起来是没有标记的 UTF-16",
    ),
    "pass_encoding": ("pass --encoding {encoding}", "请加上 --encoding {encoding}"),
    "holds_nul": (
        "{name}:{line} holds a NUL character: this is not a text file",
        "{name}:{line} 有 NUL 字符：这不是文本文件",
    ),
    # rows and cells
    "no_cells": ("{name} holds no cells", "{name} 里没有单元格"),
    "needs_one_line": (
        "it needs one line with the names of the columns, then the rows",
        "需要一行列名，后面是数据行",
    ),
    "ragged": (
        (
            "this row has {count} column, the header has {header}",
            "this row has {count} columns, the header has {header}",
        ),
        "这一行有 {count} 列，表头有 {header} 列",
    ),
    "cut_off": (
        "the row seems to be cut off: complete it, or remove it",
        "这一行好像不完整：请补全或删掉",
    ),
    "quote_the_cell": (
        "a cell that holds {delimiter!r} must stand in double quotes",
        "含有 {delimiter!r} 的单元格要用双引号括起来",
    ),
    "open_quote": (
        "the quote that opens here is not closed properly",
        "这里的引号没有正确结束",
    ),
    "close_the_quote": (
        'close it, or remove it; a quote inside a cell is written twice: ""',
        '请补上或删掉；单元格里面的引号要写两遍：""',
    ),
    "cell_too_long": ("this cell has more than {most:,} characters", "这个单元格超过 {most:,} 个字符"),
    "shorten_it": ("shorten or remove it", "请缩短或删掉"),
    "carriage_return": (
        "this row cannot be read: it holds a carriage return outside quotes",
        "这一行无法读取：引号外面有回车符",
    ),
    "quote_it": ("put the cell in double quotes", "请用双引号把单元格括起来"),
    "more_like_these": ("and {more:,} more like these", "另有 {more:,} 处类似的问题"),
    "not_csv_or_json": ("{name} is not a CSV, XLSX or JSON file", "{name} 不是 CSV、XLSX 或 JSON 文件"),
    "give_csv": ("save it as CSV and give that file", "请另存为 CSV，再使用那个文件"),
    # columns
    "no_column": ("there is no column `{column}`", "没有 `{column}` 这一列"),
    "in_file": ("{name}: {message}", "{name}：{message}"),
    "name_a_column": (
        "name one of its columns, such as {option} {example}; they are {columns}",
        "请写出其中的一列，如 {option} {example}；现有的列是 {columns}",
    ),
    "stays_text": ("column `{column}` stays text: {doubt}", "`{column}` 列按文本处理：{doubt}"),
    "nameless": (
        "column {place} has no name and is called `{name}`",
        "第 {place} 列没有列名，称为 `{name}`",
    ),
    "stands_twice": (
        "`{header}` stands twice among the columns; the later one is called `{name}`",
        "列名 `{header}` 出现了两次；后一个称为 `{name}`",
    ),
    "own_header": (
        "give the column a header of its own to choose the name",
        "要自己定名字，请给这一列单独的列名",
    ),
    "no_identity": ("column `{column}`: the identity is missing", "`{column}` 列：缺少编号"),
    "fill_identity": (
        "each row needs one: fill it in, or remove the row",
        "每一行都要有编号：请补上，或删掉这一行",
    ),
    "same_identity": (
        "column `{column}`: `{identity}` is also the identity on line {line}",
        "`{column}` 列：编号 `{identity}` 与第 {line} 行重复",
    ),
    "another_identity": (
        "remove one of the two, or give it another identity",
        "请删掉其中一行，或换一个编号",
    ),
    "left_out": (
        "{name}: column `{column}` is left out: {why}",
        "{name}：略去 `{column}` 列：{why}",
    ),
    "rename_column": ("rename the column to use it in rules", "要在规则里使用，请给这一列换个列名"),
    "counts_versions": ("the desk counts versions itself", "版本由系统自己记"),
    "holds_identities": ("column `{column}` holds the identities", "编号在 `{column}` 列"),
    "counts_itself": ("the desk counts it itself", "这个由系统自己统计"),
    "same_field": ("column `{column}` is the same field", "与 `{column}` 列是同一个字段"),
    # cells that do not fit
    "expected": ("expected {what}", "应该是{what}"),
    "a_number": ("a number, such as 30 or 2.5", "数字，如 30 或 2.5"),
    "yes_or_no": ("yes or no", "yes 或 no（是 或 否）"),
    "a_location": (
        "latitude and longitude in degrees, such as 31.23;121.47",
        "纬度和经度（度），如 31.23;121.47",
    ),
    "levels": ("names with levels, such as negotiation:4;english:2", "带等级的名称，如 谈判:4;英语:2"),
    "a_capacity": (
        "a number of items, such as 30, or one per kind: customers:30;tasks:10",
        "条数，如 30；或分别写 customers:30;tasks:10",
    ),
    "a_date": ("a date like {example}, with or without a time", "{example} 这样的日期，可以带时间"),
    "misfit": ("column `{column}`: {fault}; found `{found}`", "`{column}` 列：{fault}；实际是 `{found}`"),
    "correct_cell": ("correct the cell", "请改正这个单元格"),
    "correct_or_empty": (
        "correct the cell or leave it empty; if the column is not {field}, give it another header",
        "请改正或清空这个单元格；如果这一列不是 {field}，请换一个列名",
    ),
    "ambiguous": (
        "column `{column}`: `{text}` may be read like {one} or like {other}",
        "`{column}` 列：`{text}` 可以读成 {one} 的样式，也可以读成 {other} 的样式",
    ),
    "say_which_order": (
        "say which: --dates dmy (day first) or --dates mdy (month first)",
        "请说明：--dates dmy（日在前）或 --dates mdy（月在前）",
    ),
    "one_style": (
        "write the whole column in one style: either days only, or all with a time of day",
        "整列请用同一种写法：只写日期，或都写上时间",
    ),
    "thousands": (
        "`{text}` may be a number of thousands, or have a decimal comma",
        "`{text}` 里的逗号可能是千位分隔，也可能是小数点",
    ),
    "without_commas": (
        "write the numbers without commas between thousands",
        "数字请不要写千位分隔逗号",
    ),
    "two_readings": (
        "`{text}` may be read like {one} or like {other}",
        "`{text}` 可以读成 {one} 的样式，也可以读成 {other} 的样式",
    ),
    "mixed_dates": (
        "the cells are dates, but `{text}` is not written like `{like}`",
        "这一列是日期，但 `{text}` 的写法与 `{like}` 不同",
    ),
    "not_numbers": ("the cells are numbers, but not `{text}`", "这一列是数字，但 `{text}` 不是"),
    "not_dates": ("the cells are dates, but not `{text}`", "这一列是日期，但 `{text}` 不是"),
    "correct_or_unknown": (
        "correct the cell, or empty it if it is unknown",
        "请改正这个单元格，不清楚就清空",
    ),
    # JSON
    "no_objects": ("{name} holds no objects", "{name} 里没有对象"),
    "one_object_a_line": ('it needs one {{"id": …}} per line', '每行要有一个 {{"id": …}}'),
    "no_names": ("here stands a value without names", "这里的值没有字段名"),
    "row_is_object": ('each row is an object: {{"id": "c1", …}}', '每一行是一个对象：{{"id": "c1", …}}'),
    "list_not_closed": ("the list that opens here is not closed", "从这里开始的列表没有结束"),
    "file_cut_off": ("the file seems to be cut off", "文件好像不完整"),
    "not_json": ("this is not JSON: {why}", "这不是 JSON：{why}"),
    "too_deep": ("too deeply nested", "嵌套太深"),
    "too_many_digits": ("it holds a number with too many digits", "有一个数字的位数太多"),
    "json_advice": (
        "one object per line, names and text in double quotes; a cut off row must be completed or removed",
        "每行一个对象，字段名和文本用双引号；不完整的行请补全或删掉",
    ),
    "several_items": ("here stands more than one item", "这里不止一条"),
    "give_one": ("give one object", "请只写一个对象"),
    "no_kind": (
        "there is no kind of item `{kind}`: use customers or tasks, or add it to the schema",
        "没有 `{kind}` 这种对象：请用 customers 或 tasks，或在字段说明（schema）里加上",
    ),
    # schema files
    "needs_fields": ("`{kind}` needs its fields with their types", "`{kind}` 下面要写字段和类型"),
    "cannot_be_json": ("{name} cannot be read as JSON", "{name} 不能作为 JSON 读取"),
    "no_object": ("{name} holds no object", "{name} 里没有对象"),
    "schema_shape": (
        'it looks like {{"customers": {{"vip": "boolean", "signed": "date"}}, "agents": {{"region": "text"}}}}',
        '它的样子是 {{"customers": {{"vip": "boolean", "signed": "date"}}, "agents": {{"region": "text"}}}}',
    ),
    "no_type": ("there is no type `{type}` for `{field}`", "`{field}` 没有 `{type}` 这种类型"),
    "built_in": (
        "`{field}` is built in as {type}; a column cannot change that",
        "`{field}` 是内置字段，类型是{type}，不能改",
    ),
    "types_are": ("the types are {types}", "可用的类型有 {types}"),
}
