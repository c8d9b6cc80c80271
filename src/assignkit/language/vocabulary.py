"""The words and signs of the rule language: one table, from which the terminals of the grammar are made.

A keyword has one terminal, its English spellings (the first is the canonical one) and its Chinese spellings. A Chinese
word that stands for several English ones is a compound. A word may have several readings; which one is meant, and
whether a word is a keyword at all, depends on where it stands.
"""

from __future__ import annotations

from dataclasses import dataclass

END = "$END"
NAME, TEXT, NUMBER, DATE, INSTANT, TIME, FIELD = "NAME", "TEXT", "NUMBER", "DATE", "INSTANT", "TIME", "FIELD"
ROW_START, BAR, ROW_END = "ROW_START", "BAR", "ROW_END"
LITERALS = (NAME, TEXT, NUMBER, DATE, INSTANT, TIME, FIELD, ROW_START, BAR, ROW_END)


@dataclass(frozen=True, slots=True)
class Keyword:
    """A word of the language: the terminal it is read as, and its spellings, the canonical one first."""

    terminal: str
    english: tuple[str, ...]
    chinese: tuple[str, ...] = ()


def _keyword(terminal: str, english: str, chinese: str = "") -> Keyword:
    return Keyword(terminal, tuple(english.split()), tuple(chinese.split()))


STATEMENT_WORDS = (
    _keyword("LET", "let", "定义"),
    _keyword("TEAM", "team", "团队"),
    _keyword("CALENDAR", "calendar", "日历"),
    _keyword("POOL", "pool", "公海"),
    _keyword("CATEGORY", "category", "分类"),
    _keyword("RULE", "rule", "规则"),
    _keyword("TABLE", "table", "决策表"),
    _keyword("NEVER", "never", "禁止"),
    _keyword("ALWAYS", "always", "必须"),
    _keyword("EXAMPLE", "example", "示例"),
    _keyword("IMPORT", "import", "引入"),
)
ACTION_WORDS = (
    _keyword("ASSIGN", "assign", "分配"),
    _keyword("SPLIT", "split", "分流"),
    _keyword("KEEP", "keep", "保留"),
    _keyword("HOLD", "hold", "持有"),
    _keyword("REJECT", "reject", "拒绝"),
    _keyword("CONTINUE", "continue", "继续"),
)
CLAUSE_WORDS = (
    _keyword("ACTIVE", "active", "生效"),
    _keyword("PRIORITY", "priority", "优先级"),
    _keyword("WHEN", "when", "当"),
    _keyword("REQUIRE", "require", "要求"),
    _keyword("URGENCY", "urgency", "紧急度"),
    _keyword("PREFER", "prefer", "优选"),
    _keyword("OTHERWISE", "otherwise", "否则"),
    _keyword("LIMIT", "limit", "上限"),
    _keyword("ACCEPT", "accept", "接受"),
    _keyword("RESPOND", "respond", "响应"),
    _keyword("FINISH", "finish", "完成"),
    _keyword("REMIND", "remind", "提醒"),
    _keyword("ESCALATE", "escalate", "升级"),
    _keyword("RECYCLE", "recycle", "回收"),
    _keyword("NOTIFY", "notify", "通知"),
)
PART_WORDS = (
    _keyword("CLAIM", "claim", "领取"),
    _keyword("COOLDOWN", "cooldown", "冷却"),
    _keyword("ZONE", "zone", "时区"),
    _keyword("HOLIDAYS", "holidays", "节假日"),
    _keyword("ON", "on", "于"),
    _keyword("GIVEN", "given", "假设"),
    _keyword("EXPECT", "expect", "期望"),
)
WEEKDAYS = (
    _keyword("MON", "mon", "周一"),
    _keyword("TUE", "tue", "周二"),
    _keyword("WED", "wed", "周三"),
    _keyword("THU", "thu", "周四"),
    _keyword("FRI", "fri", "周五"),
    _keyword("SAT", "sat", "周六"),
    _keyword("SUN", "sun", "周日"),
)
UNITS = (
    _keyword("SECOND", "seconds second", "秒"),
    _keyword("MINUTE", "minutes minute", "分钟"),
    _keyword("HOUR", "hours hour", "小时"),
    _keyword("DAY", "days day", "天"),
    _keyword("WEEK", "weeks week", "周"),
)
FUNCTION_WORDS = (
    _keyword("LOWER", "lower"),
    _keyword("UPPER", "upper"),
    _keyword("TRIM", "trim"),
    _keyword("LENGTH", "length"),
    _keyword("ABS", "abs"),
    _keyword("ROUND", "round"),
    _keyword("MIN", "min"),
    _keyword("MAX", "max"),
    _keyword("WEEKDAY", "weekday"),
    _keyword("DISTANCE", "distance"),
    _keyword("BUCKET", "bucket"),
)
VALUE_WORDS = (
    _keyword("NOT", "not", "非 不"),
    _keyword("NOW", "now", "现在"),
    _keyword("TRUE", "true", "真"),
    _keyword("FALSE", "false", "假"),
    _keyword("CUSTOMER", "customers customer", "客户"),
    _keyword("TASK", "tasks task", "任务"),
    _keyword("AGENT", "agents agent", "员工"),
    _keyword("OWNER", "owner", "负责人"),
)
COMPARISON_WORDS = (
    _keyword("IS", "is", "是"),
    _keyword("IN", "in", "属于 在"),
    _keyword("BETWEEN", "between", "介于"),
    _keyword("HAS", "has", "包含"),
    _keyword("CONTAINS", "contains", "含有"),
    _keyword("STARTS", "starts"),
    _keyword("ENDS", "ends"),
    _keyword("LIKE", "like", "形如"),
    _keyword("BEFORE", "before", "早于 前"),
    _keyword("AFTER", "after", "晚于 满"),
    _keyword("OLDER", "older"),
    _keyword("WITHIN", "within", "时限"),
    _keyword("DURING", "during", "处于"),
)
ORDER_WORDS = (
    _keyword("WEIGHTED", "weighted"),
    _keyword("FAIR", "fair"),
    _keyword("LEAST", "least"),
    _keyword("SKILL", "skill"),
    _keyword("LONGEST", "longest"),
    _keyword("QUOTA", "quota", "目标差额"),
    _keyword("BEST", "best"),
    _keyword("NEAREST", "nearest", "就近"),
    _keyword("RANDOM", "random", "随机"),
    _keyword("LOWEST", "lowest", "最小"),
    _keyword("HIGHEST", "highest", "最大"),
)
JOINING_WORDS = (
    _keyword("AND", "and", "且 与"),
    _keyword("OR", "or", "或"),
    _keyword("FOR", "for", "针对 限时"),
    _keyword("FROM", "from", "自 来自"),
    _keyword("UNTIL", "until", "至"),
    _keyword("TO", "to", "给 至"),
    _keyword("BY", "by", "按 通过 超过"),
    _keyword("THEN", "then", "再按"),
    _keyword("WHERE", "where", "满足"),
    _keyword("WEIGHT", "weight", "权重"),
    _keyword("AT", "at", "达到"),
    _keyword("MOST", "most"),
    _keyword("PER", "per"),
    _keyword("OPEN", "open", "在手"),
    _keyword("MONTH", "month", "月"),
    _keyword("EVERY", "every", "每"),
    _keyword("DUE", "due", "到期"),
    _keyword("OVERDUE", "overdue", "逾期"),
    _keyword("UPON", "", "时"),
    _keyword("WITHOUT", "without", "未"),
    _keyword("CONTACT", "contact", "跟进"),
    _keyword("DEAL", "deal", "成交"),
    _keyword("MANAGER", "manager", "主管"),
    _keyword("PREVIOUS", "previous", "前任"),
    _keyword("EVEN", "even"),
    _keyword("IF", "if"),
    _keyword("FULL", "full"),
    _keyword("ANY", "any", "任意"),
    _keyword("ALL", "all"),
    _keyword("OF", "of"),
    _keyword("WITH", "with"),
    _keyword("THAN", "than"),
    _keyword("LAST", "last"),
    _keyword("MISSING", "missing", "缺失"),
    _keyword("PRESENT", "present", "存在"),
    _keyword("SINCE", "since"),
    _keyword("KM", "km"),
    _keyword("ROBIN", "robin"),
    _keyword("BALANCE", "balance"),
    _keyword("SHARE", "share"),
    _keyword("LOADED", "loaded"),
    _keyword("MATCH", "match"),
    _keyword("IDLE", "idle"),
    _keyword("QUEUE", "queue"),
    _keyword("RATED", "rated"),
    _keyword("NO", "no"),
    _keyword("HELD", "held", "留置"),
    _keyword("CLOSED", "closed", "休息"),
    _keyword("ORDER", "order", "顺序"),
)
KEYWORDS: tuple[Keyword, ...] = (
    *STATEMENT_WORDS,
    *ACTION_WORDS,
    *CLAUSE_WORDS,
    *PART_WORDS,
    *WEEKDAYS,
    *UNITS,
    *FUNCTION_WORDS,
    *VALUE_WORDS,
    *COMPARISON_WORDS,
    *ORDER_WORDS,
    *JOINING_WORDS,
)

COMPOUNDS: dict[str, tuple[str, ...]] = {
    "分配给": ("ASSIGN", "TO"),
    "放入": ("HOLD", "IN"),
    "最多": ("AT", "MOST"),
    "每小时": ("PER", "HOUR"),
    "每天": ("PER", "DAY"),
    "每周": ("PER", "WEEK"),
    "每月": ("PER", "MONTH"),
    "即使满额": ("EVEN", "IF", "FULL"),
    "无规则": ("NO", "RULE"),
    "不属于": ("NOT", "IN"),
    "任一": ("ANY", "OF"),
    "全部": ("ALL", "OF"),
    "开头是": ("STARTS", "WITH"),
    "结尾是": ("ENDS", "WITH"),
    "缺失": ("IS", "MISSING"),
    "存在": ("IS", "PRESENT"),
    "距今超过": ("OLDER", "THAN"),
    "最近": ("WITHIN", "LAST"),
    "轮询": ("ROUND", "ROBIN"),
    "加权轮询": ("WEIGHTED", "ROUND", "ROBIN"),
    "加权均衡": ("WEIGHTED", "BALANCE"),
    "机会均等": ("FAIR", "SHARE"),
    "最少负载": ("LEAST", "LOADED"),
    "技能匹配": ("SKILL", "MATCH"),
    "最久空闲": ("LONGEST", "IDLE"),
    "优先队列": ("PRIORITY", "QUEUE"),
    "评分最高": ("BEST", "RATED"),
}
"""Chinese words that stand for several English ones."""

SIGNS: dict[str, str] = {
    "=": "EQ",
    "==": "EQ",
    "!=": "NE",
    "<": "LT",
    "<=": "LE",
    ">": "GT",
    ">=": "GE",
    "+": "PLUS",
    "-": "MINUS",
    "*": "STAR",
    "/": "SLASH",
    "(": "LPAR",
    ")": "RPAR",
    ",": "COMMA",
}

TERMINALS: tuple[str, ...] = (
    *LITERALS,
    *dict.fromkeys(SIGNS.values()),
    *(word.terminal for word in KEYWORDS),
)

Reading = tuple[str, ...]


def _single_readings() -> dict[str, str]:
    chinese = [spelling for word in KEYWORDS for spelling in word.chinese]
    spellings = [(s, word.terminal) for word in KEYWORDS for s in (*word.english, *word.chinese)]
    return {s: t for s, t in spellings if s not in COMPOUNDS and chinese.count(s) < 2}  # noqa: PLR2004


def _several_readings() -> dict[str, tuple[Reading, ...]]:
    found: dict[str, list[Reading]] = {spelling: [reading] for spelling, reading in COMPOUNDS.items()}
    for word in KEYWORDS:
        for spelling in word.chinese:
            if spelling not in SINGLE:
                found.setdefault(spelling, []).append((word.terminal,))
    return {spelling: tuple(readings) for spelling, readings in found.items()}


SINGLE: dict[str, str] = _single_readings()
"""Words with one reading of one terminal: every English keyword, and most Chinese ones."""

SEVERAL: dict[str, tuple[Reading, ...]] = _several_readings()
"""Chinese words with more than one reading, or standing for several terminals; the first reading that fits is meant."""

CHINESE_WORDS: frozenset[str] = frozenset(s for word in KEYWORDS for s in word.chinese) | frozenset(COMPOUNDS)
LONGEST_CHINESE = max(map(len, CHINESE_WORDS))

SPELLING: dict[str, str] = {
    **{terminal: sign for sign, terminal in reversed(SIGNS.items())},
    **{word.terminal: (word.english or word.chinese)[0] for word in KEYWORDS},
}
"""The canonical spelling of each terminal that has one."""

VALUE_TERMINALS: frozenset[str] = frozenset(word.terminal for word in (*VALUE_WORDS, *FUNCTION_WORDS)) | {"DAY", "HOUR"}
"""Keywords that can begin a value; a `let` may not bear one of their spellings."""

RESERVED_NAMES: frozenset[str] = frozenset(
    spelling for word in KEYWORDS if word.terminal in VALUE_TERMINALS for spelling in (*word.english, *word.chinese)
)

STATEMENT_TERMINALS: frozenset[str] = frozenset(word.terminal for word in STATEMENT_WORDS)
LINE_TERMINALS: frozenset[str] = STATEMENT_TERMINALS | frozenset(
    word.terminal for word in (*ACTION_WORDS, *CLAUSE_WORDS, *PART_WORDS, *WEEKDAYS)
)
"""Keywords that begin a statement, a clause or a part of a statement: where reading can resume after an error."""


def readings_of(word: str) -> tuple[Reading, ...]:
    """Return the readings of a whole word as keywords, the likeliest first; none when it is not a keyword."""
    single = SINGLE.get(word)
    return ((single,),) if single else SEVERAL.get(word, ())
