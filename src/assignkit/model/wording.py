"""How explanations read, in English and Chinese, by the words of the catalogue."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from assignkit.errors import ConfigurationError
from assignkit.messages.text import LANGUAGES, LanguageCode, catalogue, recognised, say

_SHOWN_RULES = 12  # failing rules that a text shows; the data has all
_SHOWN_CANDIDATES = 20

_CODE_WORDS = {"inactive": "inactive agent", "excluded": "excluded agent"}


def render_text(why: Mapping[str, Any], *, language: str = "en") -> str:
    """Return an explanation, given as JSON-ready data, as text in `language` (`en` or `zh`)."""
    words = _words(language)
    lines = [*_headline(why, words), *_rules(why.get("rules", ()), words)]
    for step in why.get("steps", ()):
        lines += _step(step, words)
    lines += [words["note"].format(note=_known(note, "why.note ", words)) for note in why.get("notes", ())]
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
    return words.between.join(words.get(f"why {reason}", reason) for reason in reasons)


class _Words(dict[str, str]):
    """The templates of explanations in one language."""

    def __init__(self, language: LanguageCode) -> None:
        own = LANGUAGES.index(language)
        super().__init__((name, str(entry[own])) for name, entry in catalogue("why").items())
        self.language: LanguageCode = language
        self.between = "; " if language == "en" else "；"
        self.comma = ", " if language == "en" else "，"


def queue_text(queue: str, *, language: str = "en") -> str:
    """Return a queue, such as `team "East"`, as a person reads it."""
    return _known(queue, "why.queue ", _words(language))


@cache
def _words(language: str) -> _Words:
    known = next((each for each in LANGUAGES if each == language), None)
    if known is None:
        msg = f"explanations are written in {' and '.join(LANGUAGES)}, not in `{language}`"
        raise ConfigurationError(msg)
    return _Words(known)


def _headline(why: Mapping[str, Any], words: _Words) -> Iterator[str]:
    reasons = reasons_text(why.get("reasons") or (), language=words.language) or "–"
    item = words["item"].format(kind=words.get(f"kind {why['kind']}", why["kind"]), item_id=why["item_id"])
    outcome = why.get("outcome") or "none"
    conditional = f"if {outcome}"
    queue = _known(why.get("queue") or "", "why.queue ", words)
    facts = {"agent": why.get("agent_id"), "queue": queue, "pool": why.get("pool"), "reasons": reasons}
    yield words[conditional if why.get("dry_run") and conditional in words else outcome].format(item=item, **facts)
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


def _rules(trials: list[Mapping[str, Any]], words: _Words) -> Iterator[str]:
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


def _trial(trial: Mapping[str, Any], words: _Words) -> str:
    clause = trial.get("clause") or ""
    if clause:
        clause = f"`{clause}`{_found(trial.get('values', ()), words)}"
    if trial["verdict"] == "matched" and clause:
        clause = f"{words.comma}{clause}"
    return words[trial["verdict"]].format(position=trial["position"], rule=f'"{trial["rule"]}"', clause=clause)


def _found(values: list[Mapping[str, Any]], words: _Words) -> str:
    told = [
        words["problem" if v.get("problem") else "missing" if v.get("missing") else "value"].format(
            field=v["field"], value=_plain(v.get("value")), problem=v.get("problem")
        )
        for v in values
    ]
    return words["found values"].format(values=words.between.join(told)) if told else ""


def _plain(value: object) -> str:
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, list | tuple):
        return f"({', '.join(map(_plain, value))})"
    if isinstance(value, Mapping):
        return f"({', '.join(f'{_plain(k)} {v}' for k, v in value.items())})"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _step(step: Mapping[str, Any], words: _Words) -> Iterator[str]:
    yield words["step"].format(step=step["step"], action=step["action"])
    if step["result"] == "not due":
        yield words["not due"].format(at=_moment(step["due_at"]))
        return
    if step.get("members") is not None:
        yield words["examined"].format(examined=step.get("examined"), members=step["members"])
    if step.get("counts"):
        told = words.comma.join(f"{_counted(code, words)} {count}" for code, count in step["counts"].items())
        yield words["counts"].format(counts=told)
    candidates = step.get("candidates", ())
    for view in candidates[:_SHOWN_CANDIDATES]:
        yield _candidate(view, step, words)
    if len(candidates) > _SHOWN_CANDIDATES:
        yield words["more candidates"].format(count=len(candidates) - _SHOWN_CANDIDATES)
    if step["result"] == "nobody":
        yield words["nobody"]


def _candidate(view: Mapping[str, Any], step: Mapping[str, Any], words: _Words) -> str:
    agent = view["agent_id"]
    if view.get("code"):
        hint = f"{words.between}{_hint(view['hint'], words)}" if view.get("hint") else ""
        return words["excluded"].format(
            agent=agent, reason=reason_text(view["code"], view.get("detail", {}), language=words.language), hint=hint
        )
    pieces = [piece for key in view.get("key", ()) for piece in key.split(", ")]
    told = words.comma.join(_known(piece, "why.key ", words) for piece in pieces)
    key = words["found values"].format(values=told) if told else ""
    which = "winner" if agent == step.get("winner") else "runner up" if agent == step.get("runner_up") else "eligible"
    return words[which].format(agent=agent, key=key)


def _counted(code: str, words: _Words) -> str:
    return words.get(f"count {code}", code)


def _known(english: str, family: str, words: _Words) -> str:
    """Return a text that explanations hold in English, in the language of the words if it is one of a family."""
    found = recognised(english, family) if words.language != "en" else None
    if found is None:
        return english
    facts = {name: recognised(str(fact), "why.queue ") or fact for name, fact in found.facts.items()}
    return say(found.key, **facts).in_language(words.language)


def _hint(hint: str, words: _Words) -> str:
    code, _, value = hint.partition(": ")
    return words[code].format(load=value, at=_moment(value) if code == "eligible from" else value)


def _moment(text: str) -> str:
    return moment_told(datetime.fromisoformat(text))


def moment_told(at: datetime) -> str:
    """Return an instant as people write it: to the minute where it is one, with its offset."""
    clock = "%H:%M" if at.second == at.microsecond == 0 else "%H:%M:%S"
    return f"{at:%Y-%m-%d {clock}} {'UTC' if not at.utcoffset() else f'{at:%z}'[:3] + ':' + f'{at:%z}'[3:5]}"
