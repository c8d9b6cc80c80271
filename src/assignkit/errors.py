"""The whole tree of errors: every exception that assignkit raises on purpose is an `AssignkitError`.

Errors are keyword-built, keep their facts as attributes, show their message through `str()`, and survive pickling.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Self

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
        return self.message

    def __reduce__(self) -> tuple[Callable[..., AssignkitError], tuple[type[Self], dict[str, Any]]]:
        return _rebuild, (type(self), self.facts)


class ConfigurationError(AssignkitError, ValueError):
    """The library was set up wrongly: a bad argument, an unknown name, an extra that is not installed."""


class UnknownStrategyError(ConfigurationError):
    """An order was named that nobody registered; `suggestion` is the nearest known name, or None."""

    name: str
    suggestion: str | None

    def __init__(self, *, name: str, suggestion: str | None = None) -> None:
        hint = f"; did you mean `{suggestion}`?" if suggestion else ""
        super().__init__(f"no order is called `{name}`{hint}", name=name, suggestion=suggestion)
        del self.facts["message"]


class MissingExtraError(ConfigurationError):
    """An optional part needs packages that are not installed; `extra` is what to install."""

    extra: str

    def __init__(self, *, extra: str) -> None:
        super().__init__(f'this needs more packages: pip install "assignkit[{extra}]"', extra=extra)
        del self.facts["message"]


class RuleError(AssignkitError):
    """A rule file has errors; `diagnostics` holds all of them, located, in source order."""

    diagnostics: tuple[Diagnostic, ...]

    def __init__(self, *, diagnostics: Sequence[Diagnostic]) -> None:
        found = tuple(diagnostics)
        super().__init__("\n".join(d.render() for d in found) or "the rules have errors", diagnostics=found)
        del self.facts["message"]


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
        told = tuple(problems)
        label = f"`{item_id}`" if item_id else "the item"
        super().__init__(f"{label} does not fit: {'; '.join(told)}", item_id=item_id, problems=told)
        del self.facts["message"]


class NotEligibleError(AssignmentError):
    """The agent may not have this item; `reasons` holds one sentence per filter that said no."""

    reasons: tuple[str, ...]

    def __init__(self, *, agent_id: str, item_id: str, reasons: Sequence[str]) -> None:
        told = tuple(reasons)
        super().__init__(
            f"agent `{agent_id}` may not have `{item_id}`: {'; '.join(told)}",
            agent_id=agent_id,
            item_id=item_id,
            reasons=told,
        )
        del self.facts["message"]


class InvalidTransitionError(AssignmentError):
    """The item is not in a state from which this can be done."""

    def __init__(self, *, item_id: str, state: str, attempted: str) -> None:
        super().__init__(
            f"`{item_id}` is {state}: cannot {attempted}", item_id=item_id, state=state, attempted=attempted
        )
        del self.facts["message"]


class InfeasibleError(AssignmentError):
    """No solution satisfies all constraints."""


class PublishingError(AssignkitError):
    """Rules cannot be published, approved, rolled back to or withdrawn like this; nothing was changed."""

    def __init__(self, *, version: str, attempted: str, why: str) -> None:
        super().__init__(f"cannot {attempted} rules `{version}`: {why}", version=version, attempted=attempted, why=why)
        del self.facts["message"]


class RepositoryError(AssignkitError):
    """A store could not do what was asked; nothing was changed."""


class NotFoundError(RepositoryError, LookupError):
    """There is no such record; `help` says what there is, where that is known."""

    def __init__(self, *, noun: str, key: str, help: str | None = None) -> None:
        advice = f": {help}" if help else ""
        super().__init__(f"there is no {noun} `{key}`{advice}", noun=noun, key=key, help=help)
        del self.facts["message"]


class AlreadyExistsError(RepositoryError):
    """A record with this identity is there already."""

    def __init__(self, *, noun: str, key: str) -> None:
        article = "an" if noun[:1] in "aeiou" else "a"
        super().__init__(f"there is {article} {noun} `{key}` already", noun=noun, key=key)
        del self.facts["message"]


class InUseError(RepositoryError):
    """The record cannot be removed while something depends on it; `uses` says what."""

    def __init__(self, *, noun: str, key: str, uses: str) -> None:
        super().__init__(f"{noun} `{key}` cannot be removed: {uses}", noun=noun, key=key, uses=uses)
        del self.facts["message"]


class ConflictError(RepositoryError):
    """Somebody else was there first: a version or a fence is not what the caller expected."""

    def __init__(self, *, what: str, expected: object, found: object) -> None:
        super().__init__(f"{what}: expected {expected}, found {found}", what=what, expected=expected, found=found)
        del self.facts["message"]


class IdempotencyError(RepositoryError):
    """An idempotency key was used before, with other arguments."""

    def __init__(self, *, operation: str, key: str) -> None:
        super().__init__(
            f"key `{key}` was used for another `{operation}` request: use a new key", operation=operation, key=key
        )
        del self.facts["message"]


class UnreadableError(RepositoryError):
    """What is stored is not as the library wrote it: somebody else has changed it, or it is damaged."""

    number: int
    key: str

    def __init__(self, *, noun: str, number: int, key: str) -> None:
        super().__init__(
            f"{noun} {number}, `{key}`, cannot be read: it is not as it was written", noun=noun, number=number, key=key
        )
        del self.facts["message"]


class BackendError(RepositoryError):
    """The store's own machinery failed, and retrying did not help."""
