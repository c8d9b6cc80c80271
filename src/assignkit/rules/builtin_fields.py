"""The fields that rules know without a schema: what they hold, in which unit, and what they are called in Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from assignkit.rules.field_types import FieldSpec, ValueType

_T, _N, _B, _I = ValueType.TEXT, ValueType.NUMBER, ValueType.BOOLEAN, ValueType.INSTANT
_TS, _L, _M = ValueType.TEXTS, ValueType.LOCATION, ValueType.LEVELS

_Row = tuple[str, ValueType, str, str | None]  # name, type, Chinese alias, unit

_ITEM: tuple[_Row, ...] = (
    ("id", _T, "编号", None),
    ("owner", _T, "负责人", "the id of an agent"),
    ("effort", _N, "工作量", "units of capacity"),
)
_PLACE: tuple[_Row, ...] = (
    ("province", _T, "省份", None),
    ("city", _T, "城市", None),
    ("location", _L, "位置", "latitude and longitude, degrees"),
)
_CUSTOMER: tuple[_Row, ...] = (
    *_ITEM,
    ("name", _T, "名称", None),
    ("phones", _TS, "电话", None),
    ("emails", _TS, "邮箱", None),
    ("address", _T, "地址", None),
    ("country", _T, "国家", None),
    *_PLACE,
    ("industry", _T, "行业", None),
    ("business_type", _T, "业务类型", None),
    ("size", _T, "规模", None),
    ("source", _T, "来源", None),
    ("intent", _T, "意向", None),
    ("expected_value", _N, "预计金额", "the host's currency"),
    ("revenue", _N, "收入", "the host's currency"),
    ("employees", _N, "员工数", "people"),
    ("tier", _T, "等级", None),
    ("score", _N, "评分", None),
    ("language", _T, "语言", None),
    ("tags", _TS, "标签", None),
    ("stage", _T, "阶段", None),
    ("created_at", _I, "创建时间", None),
    ("last_contact_at", _I, "最近跟进时间", None),
)
_TASK: tuple[_Row, ...] = (
    *_ITEM,
    ("title", _T, "标题", None),
    ("description", _T, "描述", None),
    ("type", _T, "类型", None),
    ("priority", _N, "优先级", "higher is more urgent"),
    ("customer", _T, "客户", "the id of a customer"),
    ("project", _T, "项目", None),
    ("language", _T, "语言", None),
    *_PLACE,
    ("skills", _TS, "技能", None),
    ("tags", _TS, "标签", None),
    ("difficulty", _N, "难度", None),
    ("estimated_hours", _N, "预计工时", "hours"),
    ("progress", _N, "进度", "0 to 100"),
    ("created_at", _I, "创建时间", None),
    ("planned_start_at", _I, "计划开始时间", None),
    ("due_at", _I, "截止时间", None),
)
_AGENT: tuple[_Row, ...] = (
    ("id", _T, "编号", None),
    ("name", _T, "姓名", None),
    ("email", _T, "邮箱", None),
    ("phone", _T, "电话", None),
    ("active", _B, "在职", None),
    ("teams", _TS, "团队", None),
    ("manager", _T, "主管", "the id of an agent"),
    ("level", _N, "级别", None),
    ("skills", _M, "技能", "levels"),
    ("languages", _TS, "语言", None),
    ("industries", _TS, "行业", None),
    ("provinces", _TS, "省份", None),
    ("city", _T, "城市", None),
    ("location", _L, "位置", "latitude and longitude, degrees"),
    ("capacity", _M, "容量", "units of effort per kind of item"),
    ("weight", _N, "权重", None),
    ("quota", _N, "配额", "per `quota_period`"),
    ("quota_period", _T, "配额周期", None),
    ("rating", _N, "评价", None),
    ("rated", _N, "评价次数", "ratings"),
    ("zone", _T, "时区", "a time zone's name"),
    ("presence", _T, "状态", None),
    ("presence_at", _I, "状态时间", None),
    ("presence_seconds", _N, "状态有效期", "seconds"),
    ("signed_on_at", _I, "签到时间", None),
    ("hired_at", _I, "入职时间", None),
)
_AGENT_VALUES = {"presence": ("online", "away", "offline"), "quota_period": ("hour", "day", "week", "month")}
_DERIVED: tuple[_Row, ...] = (
    ("load", _N, "负载", "units of effort held and offered"),
    ("open", _N, "在手", "items held and offered"),
    ("received", _N, "已收", "items ever received"),
)


def _fields(rows: tuple[_Row, ...], *, derived: bool = False) -> tuple[FieldSpec, ...]:
    return tuple(
        FieldSpec(name=name, type=kind, path=(name,), aliases=(alias,), unit=unit, derived=derived)
        for name, kind, alias, unit in rows
    )


def _with_values(fields: tuple[FieldSpec, ...], values: Mapping[str, tuple[str, ...]]) -> tuple[FieldSpec, ...]:
    return tuple(replace(each, values=values.get(each.name)) for each in fields)


ITEM_FIELDS = _fields(_ITEM)
CUSTOMER_FIELDS = _fields(_CUSTOMER)
TASK_FIELDS = _fields(_TASK)
AGENT_FIELDS = (
    *_with_values(_fields(_AGENT), _AGENT_VALUES),
    *_fields(_DERIVED, derived=True),
)
