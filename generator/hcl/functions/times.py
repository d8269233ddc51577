"""Functions of dates and times; none of them asks what time it is."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from generator.hcl.conversions import as_text
from generator.hcl.functions.signatures import Arguments, Function, function
from generator.hcl.values import EvaluationError, NotComputedError

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d)")
_DURATION = re.compile(r"-?(?:\d{1,6}[hms])+|0")
_UNITS = {"h": 3600, "m": 60, "s": 1}
_PIECE = re.compile(r"'(?:[^']|'')*'|([A-Za-z])\1*|[^A-Za-z']+|'")
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


def _time(text: str) -> datetime:
    if _TIME.fullmatch(text) is None:
        if re.match(r"\d{4}-\d\d-\d\d[Tt ]", text):
            # Fractions of seconds and other spellings are left alone.
            raise NotComputedError("the time is not evaluated")
        raise EvaluationError("the text is no time")
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise EvaluationError("the text is no time") from None


def _offset(time: datetime) -> tuple[str, int, int]:
    seconds = int((time.utcoffset() or timedelta()).total_seconds())
    hours, minutes = divmod(abs(seconds) // 60, 60)
    return ("-" if seconds < 0 else "+"), hours, minutes


def _zone(time: datetime, between: str) -> str:
    sign, hours, minutes = _offset(time)
    return f"{sign}{hours:02}{between}{minutes:02}"


def _is_utc(time: datetime) -> bool:
    return not time.utcoffset()


def _timeadd(arguments: Arguments) -> str:
    time, duration = _time(as_text(arguments[0])), as_text(arguments[1])
    if _DURATION.fullmatch(duration) is None:
        raise NotComputedError("the duration is not evaluated")
    seconds = sum(
        int(number) * _UNITS[unit] for number, unit in re.findall(r"(\d+)([hms])", duration)
    )
    try:
        time += timedelta(seconds=-seconds if duration.startswith("-") else seconds)
    except OverflowError:
        raise NotComputedError("the time is out of range") from None
    zone = "Z" if _is_utc(time) else _zone(time, ":")
    return f"{time.year:04}-{time.month:02}-{time.day:02}T{time:%H:%M:%S}{zone}"


def _timecmp(arguments: Arguments) -> int:
    first, second = (_time(as_text(argument)) for argument in arguments)
    return (first > second) - (first < second)


_WORDS: Mapping[str, Callable[[datetime], str]] = {
    "YYYY": lambda time: f"{time.year:04}",
    "YY": lambda time: f"{time.year % 100:02}",
    "MMMM": lambda time: _MONTHS[time.month - 1],
    "MMM": lambda time: _MONTHS[time.month - 1][:3],
    "MM": lambda time: f"{time.month:02}",
    "M": lambda time: str(time.month),
    "DD": lambda time: f"{time.day:02}",
    "D": lambda time: str(time.day),
    "EEEE": lambda time: _DAYS[time.weekday()],
    "EEE": lambda time: _DAYS[time.weekday()][:3],
    "hh": lambda time: f"{time.hour:02}",
    "h": lambda time: str(time.hour),
    "HH": lambda time: f"{(time.hour - 1) % 12 + 1:02}",
    "H": lambda time: str((time.hour - 1) % 12 + 1),
    "AA": lambda time: "AM" if time.hour < 12 else "PM",
    "aa": lambda time: "am" if time.hour < 12 else "pm",
    "mm": lambda time: f"{time.minute:02}",
    "m": lambda time: str(time.minute),
    "ss": lambda time: f"{time.second:02}",
    "s": lambda time: str(time.second),
    "ZZZZZ": lambda time: _zone(time, ":"),
    "ZZZZ": lambda time: _zone(time, ""),
    "ZZZ": lambda time: "UTC" if _is_utc(time) else _zone(time, ""),
    "Z": lambda time: "Z" if _is_utc(time) else _zone(time, ":"),
}


def _formatdate(arguments: Arguments) -> str:
    layout, time = as_text(arguments[0]), _time(as_text(arguments[1]))
    found = []
    for match in _PIECE.finditer(layout):
        piece = match[0]
        if piece == "'":
            raise EvaluationError("a quoted text is not closed")
        if piece.startswith("'"):
            found.append(piece[1:-1].replace("''", "'") or "'")
        elif match[1] is not None:
            word = _WORDS.get(piece)
            if word is None:
                raise EvaluationError(f"`{piece}` has no meaning in a format of dates")
            found.append(word(time))
        else:
            found.append(piece)
    return "".join(found)


FUNCTIONS: Mapping[str, Function] = {
    "formatdate": function(_formatdate, 2),
    "timeadd": function(_timeadd, 2),
    "timecmp": function(_timecmp, 2),
}
