"""The whole tree of errors: every exception that assignkit raises on purpose is an `AssignkitError`.

Errors are keyword-built, keep their facts as attributes, show their message through `str()`, and survive pickling.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Self

from assignkit.messages.text import LanguageCode, say, spelled_out, told

if TYPE_CHECKING:
    from assignkit.diagnostics import Diagnostic


def _rebuild(kind: Callable[..., AssignkitError], facts: Mapping[str, Any]) -> AssignkitError:
    return kind(**facts)


class AssignkitError(Exception):
    """Base of every error of the library; `facts` are the keyword arguments it was built from."""

    _template: ClassVar[str] = ""

    def __init__(self, message: str = "", **facts: Any) -> None:  # noqa: ANN401 - each subclass types its own facts
        self.facts: dict[str, Any] = {"message": message, **facts} if message else dict(facts)
        self.message = message or self._template.format_map(facts)
        for name, value in facts.items():
            setattr(self, name, value)
        super().__init__(self.message)

    def __str__(self) -> str:
        return spelled_out(self.message)  # what was given stands in it, and a message has to go through any terminal

    def told(self, language: LanguageCode = "en") -> str:
        """Return the message in `language` (`en` or `zh`); what a host or a database said stays as it is."""
        return spelled_out(told(self.message, language))

    def __reduce__(self) -> tuple[Callable[..., AssignkitError], tuple[type[Self], dict[str, Any]]]:
        return _rebuild, (type(self), self.facts)


class ConfigurationError(AssignkitError, ValueError):
    """The library was set up wrongly: a bad argument, an unknown name, an extra that is not installed."""


class UnknownStrategyError(ConfigurationError):
    """An order was named that nobody registered; `suggestion` is the nearest known name, or None."""

    name: str
    suggestion: str | None

    def __init__(self, *, name: str, suggestion: str | None = None) -> None:
        key = "error.unknown_strategy_near" if suggestion else "error.unknown_strategy"
        super().__init__(say(key, name=name, suggestion=suggestion), name=name, suggestion=suggestion)
        del self.facts["message"]


class MissingExtraError(ConfigurationError):
    """An optional part needs packages that are not installed; `extra` is what to install."""

    extra: str

    def __init__(self, *, extra: str) -> None:
        super().__init__(say("error.missing_extra", extra=extra), extra=extra)
        del self.facts["message"]


class RuleError(AssignkitError):
    """A rule file has errors; `diagnostics` holds all of them, located, in source order."""

    diagnostics: tuple[Diagnostic, ...]

    def __init__(self, *, diagnostics: Sequence[Diagnostic]) -> None:
        found = tuple(diagnostics)
        super().__init__("\n".join(d.render() for d in found) or say("error.rules_have_errors"), diagnostics=found)
        del self.facts["message"]

    def told(self, language: LanguageCode = "en") -> str:
        """Return all findings with their lines, in `language`."""
        return "\n".join(d.render(language=language) for d in self.diagnostics) or super().told(language)


class RuleSyntaxError(RuleError):
    """The text is not in the rule language."""


class RuleCheckError(RuleError):
    """The text is in the rule language, but names or types in it are wrong."""


class AssignmentError(AssignkitError):
    """A decision or a change of holder cannot be carried out; nothing was changed."""


class InvalidItemError(AssignmentError):
    """An item or agent does not fit the schema; `problems` has one sentence per field."""

    problems: tuple[str, ...]

    def __init__(self, *, item_id: str | None, problems: Sequence[str]) -> None:
        every = tuple(problems)
        key = "error.invalid_item" if item_id else "error.invalid_nameless"
        super().__init__(say(key, item=item_id, problems="; ".join(every)), item_id=item_id, problems=every)
        del self.facts["message"]


class NotEligibleError(AssignmentError):
    """The agent may not have this item; `reasons` holds one sentence per filter that said no."""

    reasons: tuple[str, ...]

    def __init__(self, *, agent_id: str, item_id: str, reasons: Sequence[str]) -> None:
        every = tuple(reasons)
        super().__init__(
            say("error.not_eligible", agent=agent_id, item=item_id, reasons="; ".join(every)),
            agent_id=agent_id,
            item_id=item_id,
            reasons=every,
        )
        del self.facts["message"]


class InvalidTransitionError(AssignmentError):
    """The item is not in a state from which this can be done."""

    def __init__(self, *, item_id: str, state: str, attempted: str) -> None:
        message = say("error.invalid_transition", item=item_id, state=state, attempted=attempted)
        super().__init__(message, item_id=item_id, state=state, attempted=attempted)
        del self.facts["message"]


class InfeasibleError(AssignmentError):
    """No solution satisfies all constraints."""


class PublishingError(AssignkitError):
    """Rules cannot be published, approved, rolled back to or withdrawn like this; nothing was changed."""

    def __init__(self, *, version: str, attempted: str, why: str) -> None:
        message = say("error.publishing", version=version, attempted=attempted, why=why)
        super().__init__(message, version=version, attempted=attempted, why=why)
        del self.facts["message"]


class RepositoryError(AssignkitError):
    """A store could not do what was asked; nothing was changed."""


class NotFoundError(RepositoryError, LookupError):
    """There is no such record; `help` says what there is, where that is known."""

    def __init__(self, *, noun: str, key: str, help: str | None = None) -> None:
        message = say("error.not_found_but" if help else "error.not_found", noun=noun, key=key, help=help)
        super().__init__(message, noun=noun, key=key, help=help)
        del self.facts["message"]


class AlreadyExistsError(RepositoryError):
    """A record with this identity is there already."""

    def __init__(self, *, noun: str, key: str) -> None:
        article = "an" if noun[:1] in "aeiou" else "a"
        super().__init__(say("error.already_exists", article=article, noun=noun, key=key), noun=noun, key=key)
        del self.facts["message"]


class InUseError(RepositoryError):
    """The record cannot be removed while something depends on it; `uses` says what."""

    def __init__(self, *, noun: str, key: str, uses: str) -> None:
        super().__init__(say("error.in_use", noun=noun, key=key, uses=uses), noun=noun, key=key, uses=uses)
        del self.facts["message"]


class ConflictError(RepositoryError):
    """Somebody else was there first: a version or a fence is not what the caller expected."""

    def __init__(self, *, what: str, expected: object, found: object) -> None:
        message = say("error.conflict", what=what, expected=str(expected), found=str(found))
        super().__init__(message, what=what, expected=expected, found=found)
        del self.facts["message"]


class IdempotencyError(RepositoryError):
    """An idempotency key was used before, with other arguments."""

    def __init__(self, *, operation: str, key: str) -> None:
        super().__init__(say("error.idempotency", operation=operation, key=key), operation=operation, key=key)
        del self.facts["message"]


class UnreadableError(RepositoryError):
    """What is stored is not as the library wrote it: somebody else has changed it, or it is damaged."""

    number: int
    key: str

    def __init__(self, *, noun: str, number: int, key: str) -> None:
        message = say("error.unreadable", noun=noun, number=number, key=key)
        super().__init__(message, noun=noun, number=number, key=key)
        del self.facts["message"]


class BackendError(RepositoryError):
    """The store's own machinery failed, and retrying did not help."""
