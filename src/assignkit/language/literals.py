"""What literals mean: numbers, texts, dates, instants, times of day, durations."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from assignkit.diagnostics import Span
from assignkit.language import codes
from assignkit.messages.text import Text, has, say

MOST_SIGNIFICANT_DIGITS = 15
MOST_DIGITS = 30
LONGEST_DURATION = timedelta(days=36_525)

NO_TIME = time(0, 0, 0, 1)
"""What stands for a time of day that could not be read; no other has microseconds."""

_SCALES = {"万": 4, "亿": 8}
_UNIT_SECONDS = {"SECOND": 1, "MINUTE": 60, "HOUR": 3_600, "DAY": 86_400, "WEEK": 604_800}
_INSTANT = re.compile(r"([0-9-]+)T([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,6}))?)?(Z|[+-][0-9]{2}:[0-9]{2})?")
_GROUPED = re.compile(r"[0-9]+(?:_[0-9]+)*(?:\.[0-9]+(?:_[0-9]+)*)?")
_ESCAPE = re.compile(r'\\(?:(["\\nt])|u\{([0-9A-Fa-f]{1,6})\}|(.?))', re.DOTALL)
_ESCAPED = {'"': '"', "\\": "\\", "n": "\n", "t": "\t"}


class BadLiteralError(ValueError):
    """A literal that has the right look but no meaning; `span` is relative to its start, None for all of it."""

    def __init__(self, code: str, message: Text, *, help: Text | None = None, span: Span | None = None) -> None:
        super().__init__(message)
        self.code, self.message, self.help, self.span = code, message, help, span


def number(written: str) -> Decimal:
    """Return the value of `1_000`, `0.25`, `20%`, `500万`, exactly; whole values have exponent 0."""
    digits = written.removesuffix("%")
    shift = _SCALES.get(digits[-1], 0) - 2 * (digits != written)
    digits = digits.rstrip("万亿")
    if len(digits) <= MOST_SIGNIFICANT_DIGITS and digits.isdecimal() and shift == 0:
        return Decimal(digits)
    if not _GROUPED.fullmatch(digits):
        shown = written if len(written) <= MOST_DIGITS else f"{written[:MOST_DIGITS]}…"
        help = say("form.underscores")
        raise BadLiteralError(codes.BAD_NUMBER, say("form.not_a_number", written=shown), help=help)
    whole, _, fraction = digits.replace("_", "").partition(".")
    return _exact((whole + fraction).lstrip("0"), exponent=shift - len(fraction))


def _exact(digits: str, *, exponent: int) -> Decimal:
    significant = digits.rstrip("0")
    exponent += len(digits) - len(significant)
    if len(significant) > MOST_SIGNIFICANT_DIGITS or abs(exponent) + len(significant) > MOST_DIGITS:
        message = say("form.too_many_digits", significant=len(significant), digits=len(digits))
        help = say("form.digits_kept", significant=MOST_SIGNIFICANT_DIGITS, digits=MOST_DIGITS)
        raise BadLiteralError(codes.BAD_NUMBER, message, help=help)
    if not significant:
        return Decimal(0)
    return Decimal(significant + "0" * exponent) if exponent > 0 else Decimal(f"{significant}E{exponent}")


def calendar_date(written: str) -> date:
    """Return the date of `2026-11-21`."""
    try:
        return date.fromisoformat(written)
    except ValueError as error:
        well_formed = re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", written)
        why = _sentence(error) if well_formed else say("form.date_in_full")
        message = say("form.not_a_date", written=written)
        raise BadLiteralError(codes.BAD_MOMENT, message, help=why) from None


def instant(written: str) -> datetime:
    """Return the aware instant of `2026-11-21T09:00+08:00`."""
    parts = _INSTANT.fullmatch(written)
    if parts is None:
        help = say("form.instant_form")
        raise BadLiteralError(codes.BAD_MOMENT, say("form.not_an_instant", written=written), help=help)
    if parts[6] is None:
        help = say("form.say_the_zone", written=written)
        raise BadLiteralError(codes.BAD_MOMENT, say("form.no_offset", written=written), help=help)
    try:
        moment = datetime.fromisoformat(written)
        moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        message = say("form.not_an_instant", written=written)
        raise BadLiteralError(codes.BAD_MOMENT, message, help=_sentence(error)) from None
    return moment


def _sentence(error: Exception) -> Text:
    part = str(error).partition(" ")[0]  # of what Python says: `month must be in 1..12`
    return say(f"form.{part}_range") if has(f"form.{part}_range") else say("form.no_such_moment")


def time_of_day(written: str) -> time | None:
    """Return the time of `09:00`; None for `24:00`, the end of the day."""
    hour, minute = map(int, written.split(":"))
    if (hour, minute) == (24, 0):
        return None
    try:
        return time(hour, minute)
    except ValueError:
        message = say("form.not_a_time", written=written)
        raise BadLiteralError(codes.BAD_MOMENT, message, help=say("form.time_form")) from None


def duration(count: Decimal, unit: str) -> timedelta:
    """Return `count` units, the unit named by its terminal (`MINUTE`); refuses more than 100 years."""
    seconds = count * _UNIT_SECONDS[unit]
    if seconds > int(LONGEST_DURATION.total_seconds()):
        message = say("form.duration_too_long")
        raise BadLiteralError(codes.BAD_DURATION, message, help=say("form.at_most_100_years"))
    return timedelta(microseconds=int(seconds * 1_000_000))


def text(inside: str) -> str:
    """Return what a quoted text means: its inside with the escapes for quotes, breaks and code points resolved."""
    return _ESCAPE.sub(_unescaped, inside) if "\\" in inside else inside


def _unescaped(escape: re.Match[str]) -> str:
    plain, hexadecimal = escape[1], escape[2]
    if plain:
        return _ESCAPED[plain]
    if hexadecimal and _is_scalar(int(hexadecimal, 16)):
        return chr(int(hexadecimal, 16))
    message = say("form.not_an_escape", written=escape[0])
    raise BadLiteralError(codes.BAD_ESCAPE, message, help=say("form.escapes"), span=Span(*escape.span()))


def _is_scalar(code_point: int) -> bool:
    return 0 < code_point < 0xD800 or 0xE000 <= code_point <= 0x10FFFF  # noqa: PLR2004 - Unicode's own bounds
