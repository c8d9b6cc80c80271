"""Options that belong together: a command that takes a dataclass is called with its fields as options."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, is_dataclass
from typing import Any, TypeGuard


@dataclass(frozen=True, slots=True)
class Spread:
    """The parameters of a command, with the fields of its groups in their places."""

    parameters: tuple[inspect.Parameter, ...]
    groups: Mapping[str, type]

    def gathered(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """Return the options as the command takes them: those of a group as one."""
        left = dict(options)
        made = {}
        for name, group in self.groups.items():
            made[name] = group(**{field: left.pop(field) for field in _fields(group) if field in left})
        return {**left, **made}


def spread(command: Callable[..., None]) -> Spread:
    """Return the parameters of `command` as typer is to read them."""
    given = inspect.signature(command, eval_str=True).parameters.values()
    groups: dict[str, type] = {each.name: each.annotation for each in given if _is_group(each.annotation)}
    parameters = [
        parameter
        for each in given
        for parameter in (_fields(each.annotation).values() if each.name in groups else (each,))
    ]
    return Spread(tuple(parameters), groups)


def _is_group(annotation: Any) -> TypeGuard[type]:  # noqa: ANN401 - whatever stands there
    return isinstance(annotation, type) and is_dataclass(annotation)


def _fields(group: type) -> Mapping[str, inspect.Parameter]:
    return inspect.signature(group, eval_str=True).parameters
