"""The words of the language as the formatter writes them, in English and in Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from assignkit.messages.text import LanguageCode, Text, say

CHINESE: Mapping[str, str] = MappingProxyType({
    "accept within": "接受 时限", "active": "生效", "active from": "生效 自", "after": "满", "agent": "员工",
    "agents": "员工",
    "always assign": "必须 分配", "and": "且", "any": "任意", "assign": "分配", "assign to": "分配给",
    "best rated": "评分最高", "by": "按", "calendar": "日历", "category": "分类", "claim at most": "领取 最多",
    "closed": "休息",
    "contact": "跟进", "continue": "继续", "cooldown": "冷却", "customer": "客户", "customers": "客户",
    "deal": "成交", "escalate": "升级", "escalate to": "升级 给", "even if full": "即使满额", "example": "示例",
    "expect": "期望",
    "fair share": "机会均等", "false": "假", "finish within": "完成 时限", "for": "针对",
    "for previous owner": "针对 前任 负责人", "from": "来自", "given": "假设", "held": "留置", "highest": "最大",
    "hold at most": "持有 最多", "hold in": "放入", "holidays": "节假日", "import": "引入", "in calendar": "在 日历",
    "keep owner": "保留 负责人", "least loaded": "最少负载", "let": "定义", "limit": "上限",
    "longest idle": "最久空闲", "lowest": "最小", "manager": "主管", "nearest": "就近", "never assign": "禁止 分配",
    "no rule": "无规则", "not": "非", "notify": "通知", "now": "现在", "on": "于", "open": "在手",
    "or": "或", "order": "顺序",
    "otherwise": "否则", "owner": "负责人", "per day": "每天", "per hour": "每小时", "per month": "每月",
    "per week": "每周", "pool": "公海", "prefer": "优选", "priority": "优先级", "priority queue": "优先队列",
    "quota": "目标差额", "random": "随机", "recycle": "回收", "recycle to": "回收 至", "reject": "拒绝",
    "remind": "提醒",
    "require": "要求", "respond within": "响应 时限", "round robin": "轮询", "rule": "规则",
    "skill match": "技能匹配", "split": "分流", "table": "决策表", "task": "任务", "tasks": "任务", "team": "团队",
    "then": "再按", "to": "给", "true": "真", "until": "至", "urgency": "紧急度", "weight": "权重",
    "weighted balance": "加权均衡", "weighted round robin": "加权轮询", "when": "当", "where": "满足",
    "without": "未", "zone": "时区", "mon": "周一", "tue": "周二", "wed": "周三", "thu": "周四", "fri": "周五",
    "sat": "周六", "sun": "周日", "second": "秒", "seconds": "秒", "minute": "分钟", "minutes": "分钟",
    "hour": "小时", "hours": "小时", "day": "天", "days": "天", "week": "周", "weeks": "周", "is missing": "缺失",
    "is present": "存在", "in": "属于", "not in": "不属于", "between": "介于", "has": "包含", "at": "达到",
    "any of": "任一", "all of": "全部", "contains": "含有", "starts with": "开头是", "ends with": "结尾是",
    "like": "形如", "before": "早于", "older than": "距今超过", "within last": "最近",
    "during calendar": "处于 日历",
})  # fmt: skip
"""Each English phrase in Chinese, as it is written where nothing else is said."""


def phrase(english: str) -> Text:
    """Return an English phrase of the language as messages show it: in Chinese ones, its Chinese spelling."""
    return say("form.phrase", english=english, chinese=CHINESE.get(english, english))


class Spelling:
    """Says phrases of the language in one of its two spellings."""

    def __init__(self, language: LanguageCode) -> None:
        self.is_chinese = language == "zh"

    def __call__(self, phrase: str, chinese: str | None = None) -> str:
        """Return an English phrase, or the Chinese one for it; `chinese` where this place has its own."""
        return (chinese or CHINESE.get(phrase, phrase)) if self.is_chinese else phrase
