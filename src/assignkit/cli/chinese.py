"""The command line in Chinese: helps, headings, and what is wrong with how a command was called."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import typer
from typer import rich_utils
from typer.main import get_command

from assignkit.cli.exits import USAGE
from assignkit.messages.help import HELP
from assignkit.messages.text import Text, say
from assignkit.rules.suggestions import nearest

_HEADINGS = {
    "ARGUMENTS_PANEL_TITLE": "参数",
    "OPTIONS_PANEL_TITLE": "选项",
    "COMMANDS_PANEL_TITLE": "命令",
    "DEFAULT_STRING": "[默认：{}]",
    "REQUIRED_LONG_STRING": "[必填]",
}
_SHOWS_HELP = "显示本说明并退出。"
_NO_COMMAND = re.compile(r"No such command '(.*?)'")
_UsageError: Any = typer.BadParameter.__bases__[0]  # typer brings a click of its own, or takes the one that is there


def run(app: typer.Typer) -> None:
    """Run the command line and leave the process with its exit code, as `app()` does in English."""
    for name, heading in _HEADINGS.items():
        setattr(rich_utils, name, heading)
    rich_utils._make_rich_text = partial(_folding, rich_utils._make_rich_text)  # noqa: SLF001 - typer has no other way in
    command = get_command(app)
    for each in _all(command):
        each.help = HELP.get(each.help or "", each.help)
        for parameter in each.params:
            parameter.help = HELP.get(getattr(parameter, "help", None) or "", getattr(parameter, "help", None))
        shows_help = each.get_help_option(typer.Context(each))
        if shows_help is not None:
            shows_help.help = _SHOWS_HELP
        each.get_usage = partial(_usage, each.get_usage)
    try:
        code = command.main(standalone_mode=False)
    except _UsageError as error:
        if error.format_message():  # nothing to say: no more than the name of a group was given, and its help is told
            _tell(error)
        code = USAGE
    sys.exit(code if isinstance(code, int) else 0)


def _folding(make: Callable[..., Any], **given: Any) -> Any:  # noqa: ANN401 - as typer has them
    """Return a help that goes on in the next line wherever this one is full: Chinese has no spaces, and was cut off."""
    text = make(**given)
    text.overflow = "fold"
    return text


def _usage(told: Callable[[Any], str], context: Any) -> str:  # noqa: ANN401 - as click has them
    return told(context).replace("Usage: ", "用法：", 1)


def _tell(error: Any) -> None:  # noqa: ANN401 - one of click's errors
    sys.stderr.write(f"assignkit: {_told(error).in_language('zh')}\n")
    if error.ctx is not None:
        see = say("cli.see_help", command=error.ctx.command_path)
        sys.stderr.write(f"{see.in_language('zh')}\n")


def _all(command: Any) -> Iterator[Any]:  # noqa: ANN401 - as click has them
    yield command
    for each in getattr(command, "commands", {}).values():
        yield from _all(each)


def _told(error: Any) -> Text:  # noqa: ANN401 - one of click's errors
    """Return what is wrong with how the command was called."""
    match type(error).__name__:
        case "MissingParameter":
            return say("cli.missing_option", what=_parameter(error.param))
        case "NoSuchOption" if error.possibilities:
            near = nearest(error.option_name, error.possibilities)
            return say("cli.no_such_option_near", name=error.option_name, near=near)
        case "NoSuchOption":
            return say("cli.no_such_option", name=error.option_name)
        case "BadParameter" if error.param is not None:
            return say("cli.bad_value", what=_parameter(error.param), why=_why(error))
    if error.format_message() == "Missing command.":
        return say("cli.missing_command")
    command = _NO_COMMAND.search(error.format_message())
    return _no_command(command[1], error.ctx) if command else say("cli.usage", why=error.format_message())


def _no_command(name: str, context: Any) -> Text:  # noqa: ANN401 - as above
    near = nearest(name, context.command.commands)
    return say("cli.no_such_command_near" if near else "cli.no_such_command", name=name, near=near)


def _parameter(parameter: Any) -> Text | str:  # noqa: ANN401 - an option or an argument
    if parameter is None:
        return ""
    if parameter.param_type_name == "option":
        return say("cli.option", name=parameter.opts[0])
    return say("cli.argument", name=parameter.metavar or parameter.name)


def _why(error: Any) -> Text | str:  # noqa: ANN401 - as above
    message = str(error.message)
    choices = message.partition("is not one of ")[2].rstrip(".")
    if choices:
        return say("cli.one_of", choices=tuple(choices.split(", ")))
    return say("cli.a_number") if "integer" in message else message
