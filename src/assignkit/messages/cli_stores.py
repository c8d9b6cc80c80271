"""What the command line says of stores: their history, their tables, and what can be wrong with them."""

from __future__ import annotations

from collections.abc import Mapping

from assignkit.messages.text import Entry

OF_STORES: Mapping[str, Entry] = {
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
    "not_compared": (
        "nothing to compare them with: say --seals FILE, what `seal` wrote, or --expect HEAD",
        "没有可以比对的依据：请用 --seals FILE 给出 `seal` 写下的文件，或用 --expect HEAD 给出链头",
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
        "one holder per item, fences, loads, ceilings, and no event lost: as they should be",
        "每条只有一个负责人，围栏号、负载和上限都没有问题，事件一个不少",
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
    "advice_read_only": (
        "check your rights to the file and its folder; to look into a copy, put it where you may write",
        "请检查您对文件及其文件夹的权限；如果只想查看副本，请放到可以写的地方",
    ),
    "advice_path": (
        "check the path, and your rights to it and its folder",
        "请检查路径，以及您对它和所在文件夹的权限",
    ),
    "advice_backup": ("take the last backup, or name another file", "请用最近的备份，或换一个文件"),
    "advice_taken": (
        "they are not ours: let ours begin otherwise with `--prefix`, or name another database",
        "这些表不是本程序的：请用 `--prefix` 换一个表名前缀，或换一个数据库",
    ),
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
