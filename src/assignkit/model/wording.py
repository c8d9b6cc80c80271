"""How explanations read, in English and Chinese: the one place with their words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from assignkit.errors import ConfigurationError

_SHOWN_RULES = 12  # failing rules that a text shows; the data has all
_SHOWN_CANDIDATES = 20

_ENGLISH: Mapping[str, str] = {
    "assigned": "{item} was assigned to {agent}",
    "offered": "{item} was offered to {agent}",
    "kept": "{item} stays with {agent}",
    "if assigned": "{item} would be assigned to {agent}",
    "if offered": "{item} would be offered to {agent}",
    "if kept": "{item} would stay with {agent}",
    "if waiting": "{item} would wait in {queue}",
    "if pooled": "{item} would go to pool {pool}",
    "if rejected": "{item} would be rejected: {reasons}",
    "if unmatched": "{item} would be with nobody: {reasons}",
    "waiting": "{item} waits in {queue}",
    "pooled": "{item} is in pool {pool}",
    "rejected": "{item} was rejected: {reasons}",
    "unmatched": "{item} is with nobody: {reasons}",
    "done": "{item} is done",
    "error": "{item} could not be decided: {reasons}",
    "none": "{item}",
    "at": "  at {at}",
    "by rule": "  by rule {rule}, step {step}",
    "because": "  because: {reasons}",
    "next retry": "  next worth trying at {at}",
    "rules": "rules tried:",
    "more rules": "  … {count} more rules that did not match",
    "matched": "  {position}. {rule}: matched{clause}",
    "failed": "  {position}. {rule}: no, {clause}",
    "unknown": "  {position}. {rule}: undecided, {clause}",
    "inactive": "  {position}. {rule}: not in force at this time",
    "passed over": "  {position}. {rule}: matched, and went on to the next rule",
    "value": "{field} is {value}",
    "missing": "{field} is missing",
    "problem": "{field} counts as missing: {problem}",
    "step": "step {step}: {action}",
    "not due": "  not due until {at}",
    "examined": "  {examined} of {members} agents looked at",
    "counts": "  left out: {counts}",
    "winner": "  {agent}: chosen{key}",
    "runner up": "  {agent}: next in line{key}",
    "eligible": "  {agent}: eligible{key}",
    "excluded": "  {agent}: {reason}{hint}",
    "more candidates": "  … {count} more",
    "nobody": "  nobody was found",
    "together": "  chosen by an optimal batch of {items}: fit {fit}, score of all {score}, gap {gap}",
    "note": "note: {note}",
    "inactive agent": "is not active",
    "on_leave": "is on leave",
    "off_shift": "is off shift",
    "away": "is away",
    "excluded agent": "is excluded for this item",
    "not_member": "is not in {target}",
    "unknown_agent": "is not known",
    "no_owner": "there is no owner",
    "no_manager": "the owner has no manager",
    "require": "does not meet `{clause}`{found}",
    "guard": "is barred by `{clause}`{found}",
    "capacity": "has {load} of {capacity} units, and this takes {effort}",
    "limit": "has had {count} of {limit} {period} through {target}",
    "would win": "would win at {load}",
    "would be eligible": "would be eligible at {load}",
    "eligible from": "eligible from {at}",
    "until all declined": "excluded until everyone has declined",
    "per hour": "this hour",
    "per day": "today",
    "per week": "this week",
    "per month": "this month",
    "open": "open",
    "why held": "somebody holds it already",
    "why capacity": "no capacity left",
    "why limit": "limits are reached",
    "why require": "nobody meets what is required",
    "why guard": "a guard forbids it",
    "why inactive": "nobody is active",
    "why on_leave": "people are on leave",
    "why off_shift": "people are off shift",
    "why away": "people are away",
    "why excluded": "people have declined it, or let an offer pass",
    "why completed": "it was completed",
    "why pending": "an offer is pending",
    "why no_members": "the target has no members",
    "why no_owner": "there is no owner",
    "why no_manager": "the owner has no manager",
    "why unknown_agent": "the agent is not known",
    "why no_rule": "no rule matches",
    "why not_due": "a later step is not due yet",
    "why always": "it must always be assigned, and is not",
    "why released": "it was released",
    "why by_hand": "somebody chose this by hand",
}

_CHINESE: Mapping[str, str] = {
    "assigned": "{item} 已分配给 {agent}",
    "offered": "{item} 已向 {agent} 发出邀约",
    "kept": "{item} 保留给 {agent}",
    "if assigned": "{item} 将分配给 {agent}",
    "if offered": "{item} 将向 {agent} 发出邀约",
    "if kept": "{item} 将保留给 {agent}",
    "if waiting": "{item} 将在 {queue} 中等待",
    "if pooled": "{item} 将放入公海 {pool}",
    "if rejected": "{item} 将被拒绝:{reasons}",
    "if unmatched": "{item} 将无人负责:{reasons}",
    "waiting": "{item} 在 {queue} 中等待",
    "pooled": "{item} 在公海 {pool}",
    "rejected": "{item} 被拒绝:{reasons}",
    "unmatched": "{item} 无人负责:{reasons}",
    "done": "{item} 已完成",
    "error": "{item} 无法判定:{reasons}",
    "none": "{item}",
    "at": "  时间 {at}",
    "by rule": "  依据规则 {rule} 第 {step} 步",
    "because": "  原因:{reasons}",
    "next retry": "  下次尝试 {at}",
    "rules": "已尝试的规则:",
    "more rules": "  … 另有 {count} 条规则不匹配",
    "matched": "  {position}. {rule}:匹配{clause}",
    "failed": "  {position}. {rule}:不匹配,{clause}",
    "unknown": "  {position}. {rule}:无法判断,{clause}",
    "inactive": "  {position}. {rule}:此时不在生效期",
    "passed over": "  {position}. {rule}:匹配,继续下一条规则",
    "value": "{field} 为 {value}",
    "missing": "{field} 缺失",
    "problem": "{field} 视为缺失:{problem}",
    "step": "第 {step} 步:{action}",
    "not due": "  {at} 之前不执行",
    "examined": "  {members} 名员工中查看了 {examined} 名",
    "counts": "  排除:{counts}",
    "winner": "  {agent}:选中{key}",
    "runner up": "  {agent}:下一位{key}",
    "eligible": "  {agent}:可选{key}",
    "excluded": "  {agent}:{reason}{hint}",
    "more candidates": "  … 另有 {count} 名",
    "nobody": "  没有找到人",
    "together": "  由整批优化选出,共 {items} 项:匹配度 {fit},总分 {score},差距 {gap}",
    "note": "注:{note}",
    "inactive agent": "不在职",
    "on_leave": "休假中",
    "off_shift": "不在班",
    "away": "不在线",
    "excluded agent": "已从此项排除",
    "not_member": "不属于 {target}",
    "unknown_agent": "查无此人",
    "no_owner": "没有负责人",
    "no_manager": "负责人没有主管",
    "require": "不满足 `{clause}`{found}",
    "guard": "被 `{clause}` 禁止{found}",
    "capacity": "已有 {load}/{capacity} 单位,此项需要 {effort}",
    "limit": "经 {target} {period}已得 {count}/{limit}",
    "would win": "若为 {load} 则会选中",
    "would be eligible": "若为 {load} 则可选",
    "eligible from": "{at} 起可选",
    "until all declined": "在所有人都拒绝之前排除",
    "per hour": "本小时",
    "per day": "今天",
    "per week": "本周",
    "per month": "本月",
    "open": "在手",
    "why held": "已有人负责",
    "why capacity": "没有剩余容量",
    "why limit": "已达上限",
    "why require": "无人满足要求",
    "why guard": "禁止规则不允许",
    "why inactive": "无人在职",
    "why on_leave": "有人休假",
    "why off_shift": "有人不在班",
    "why away": "有人不在线",
    "why excluded": "有人已拒绝或未回应",
    "why completed": "已完成",
    "why pending": "邀约待答复",
    "why no_members": "目标没有成员",
    "why no_owner": "没有负责人",
    "why no_manager": "负责人没有主管",
    "why unknown_agent": "查无此员工",
    "why no_rule": "没有规则匹配",
    "why not_due": "后续步骤未到时间",
    "why always": "必须分配而未分配",
    "why released": "已被释放",
    "why by_hand": "人工指定",
}

_LANGUAGES = {"en": _ENGLISH, "zh": _CHINESE}
_CODE_WORDS = {"inactive": "inactive agent", "excluded": "excluded agent"}


def render_text(why: Mapping[str, Any], *, language: str = "en") -> str:
    """Return an explanation, given as JSON-ready data, as text in `language` (`en` or `zh`)."""
    words = _words(language)
    lines = [*_headline(why, words), *_rules(why.get("rules", ()), words)]
    for step in why.get("steps", ()):
        lines += _step(step, words)
    lines += [words["note"].format(note=note) for note in why.get("notes", ())]
    return "\n".join(lines)


def reason_text(code: str, detail: Mapping[str, Any], *, language: str = "en") -> str:
    """Return why an agent was left out, as the end of a sentence whose subject is the agent."""
    words = _words(language)
    template = words.get(_CODE_WORDS.get(code, code))
    if template is None:
        return code
    facts = dict(detail)
    if "period" in facts:
        facts["period"] = words[f"per {facts['period']}" if facts["period"] else "open"]
    facts["found"] = _found(detail.get("values", ()), words)
    return template.format(**facts)


def reasons_text(reasons: Sequence[str], *, language: str = "en") -> str:
    """Return the reasons of a decision in words; what is no code (a rejection, an error) is told as it is."""
    words = _words(language)
    return "; ".join(words.get(f"why {reason}", reason) for reason in reasons)


def _words(language: str) -> Mapping[str, str]:
    if language not in _LANGUAGES:
        msg = f"explanations are written in {' and '.join(_LANGUAGES)}, not in `{language}`"
        raise ConfigurationError(msg)
    return _LANGUAGES[language]


def _headline(why: Mapping[str, Any], words: Mapping[str, str]) -> Iterator[str]:
    language = "zh" if words is _CHINESE else "en"
    reasons = reasons_text(why.get("reasons") or (), language=language) or "–"
    item = f"{why['kind']} {why['item_id']}"
    outcome = why.get("outcome") or "none"
    conditional = f"if {outcome}"
    yield words[conditional if why.get("dry_run") and conditional in words else outcome].format(
        item=item, agent=why.get("agent_id"), queue=why.get("queue"), pool=why.get("pool"), reasons=reasons
    )
    if why.get("at"):
        yield words["at"].format(at=_moment(why["at"]))
    if why.get("rule"):
        yield words["by rule"].format(rule=f'"{why["rule"]}"', step=why.get("step") or 1)
    if why.get("together"):
        numbers = {name: f"{value:.6g}" for name, value in why["together"].items()}
        yield words["together"].format(**numbers)
    if why.get("reasons") and why.get("outcome") not in ("rejected", "unmatched", "error"):
        yield words["because"].format(reasons=reasons)
    if why.get("next_retry_at"):
        yield words["next retry"].format(at=_moment(why["next_retry_at"]))


def _rules(trials: list[Mapping[str, Any]], words: Mapping[str, str]) -> Iterator[str]:
    if not trials:
        return
    yield words["rules"]
    hidden = max(0, len(trials) - 1 - _SHOWN_RULES)
    for index, trial in enumerate(trials):
        if _SHOWN_RULES <= index < len(trials) - 1 and hidden:
            if index == _SHOWN_RULES:
                yield words["more rules"].format(count=hidden)
            continue
        yield _trial(trial, words)


def _trial(trial: Mapping[str, Any], words: Mapping[str, str]) -> str:
    clause = trial.get("clause") or ""
    if clause:
        clause = f"`{clause}`{_found(trial.get('values', ()), words)}"
    if trial["verdict"] == "matched" and clause:
        clause = f", {clause}"
    return words[trial["verdict"]].format(position=trial["position"], rule=f'"{trial["rule"]}"', clause=clause)


def _found(values: list[Mapping[str, Any]], words: Mapping[str, str]) -> str:
    told = [
        words["problem" if v.get("problem") else "missing" if v.get("missing") else "value"].format(
            field=v["field"], value=_plain(v.get("value")), problem=v.get("problem")
        )
        for v in values
    ]
    return f" ({'; '.join(told)})" if told else ""


def _plain(value: object) -> str:
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, list | tuple):
        return f"({', '.join(map(_plain, value))})"
    if isinstance(value, Mapping):
        return f"({', '.join(f'{_plain(k)} {v}' for k, v in value.items())})"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _step(step: Mapping[str, Any], words: Mapping[str, str]) -> Iterator[str]:
    yield words["step"].format(step=step["step"], action=step["action"])
    if step["result"] == "not due":
        yield words["not due"].format(at=_moment(step["due_at"]))
        return
    if step.get("members") is not None:
        yield words["examined"].format(examined=step.get("examined"), members=step["members"])
    if step.get("counts"):
        told = ", ".join(f"{code} {count}" for code, count in step["counts"].items())
        yield words["counts"].format(counts=told)
    candidates = step.get("candidates", ())
    for view in candidates[:_SHOWN_CANDIDATES]:
        yield _candidate(view, step, words)
    if len(candidates) > _SHOWN_CANDIDATES:
        yield words["more candidates"].format(count=len(candidates) - _SHOWN_CANDIDATES)
    if step["result"] == "nobody":
        yield words["nobody"]


def _candidate(view: Mapping[str, Any], step: Mapping[str, Any], words: Mapping[str, str]) -> str:
    agent = view["agent_id"]
    if view.get("code"):
        language = "zh" if words is _CHINESE else "en"
        hint = f"; {_hint(view['hint'], words)}" if view.get("hint") else ""
        return words["excluded"].format(
            agent=agent, reason=reason_text(view["code"], view.get("detail", {}), language=language), hint=hint
        )
    key = f" ({', '.join(view['key'])})" if view.get("key") else ""
    which = "winner" if agent == step.get("winner") else "runner up" if agent == step.get("runner_up") else "eligible"
    return words[which].format(agent=agent, key=key)


def _hint(hint: str, words: Mapping[str, str]) -> str:
    code, _, value = hint.partition(": ")
    return words[code].format(load=value, at=_moment(value) if code == "eligible from" else value)


def _moment(text: str) -> str:
    """Return an ISO instant as people write it: to the minute where it is one, with its offset."""
    at = datetime.fromisoformat(text)
    clock = "%H:%M" if at.second == at.microsecond == 0 else "%H:%M:%S"
    return f"{at:%Y-%m-%d {clock}} {'UTC' if not at.utcoffset() else f'{at:%z}'[:3] + ':' + f'{at:%z}'[3:5]}"
