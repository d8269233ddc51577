"""Numbers, dates and IP addresses as policies write them."""

import re
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import TypeAlias

Network: TypeAlias = IPv4Network | IPv6Network

_NUMBER = re.compile(r"[+-]?(\d{1,30}(\.\d{0,30})?|\.\d{1,30})")
_DAY = re.compile(r"\d{4}-\d{2}(-\d{2})?")
_MOMENT = re.compile(
    r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})", re.IGNORECASE
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def number_in(text: str) -> Fraction | None:
    """The number that a text writes, or `None`."""
    return Fraction(text) if _NUMBER.fullmatch(text) else None


def instant_in(text: str) -> Fraction | None:
    """The instant that a text writes, in seconds since 1970: ISO 8601, or a count of seconds.

    A bare year is `None`: it could be either.
    """
    if re.fullmatch(r"-?\d{5,15}(\.\d{1,6})?", text):
        return Fraction(text)
    try:
        if _DAY.fullmatch(text):
            moment = datetime.fromisoformat(text if len(text) == 10 else f"{text}-01")
        elif _MOMENT.fullmatch(text):
            moment = datetime.fromisoformat(text.upper())
        else:
            return None
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return Fraction((moment - _EPOCH) // timedelta(microseconds=1), 1_000_000)


def instant_text(seconds: int) -> str | None:
    """An instant in the form that AWS gives it; `None` outside the years 1 to 9999."""
    try:
        moment = _EPOCH + timedelta(seconds=seconds)
    except OverflowError:
        return None
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ").rjust(20, "0")


def network_in(text: str) -> Network | None:
    """The addresses that a text writes, `203.0.113.0/24` or one address, or `None`."""
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None
