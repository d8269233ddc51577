"""The condition keys that a request leaves open, with every value that policies tell apart."""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from ipaddress import IPv4Address, IPv6Address, ip_address
from itertools import chain, combinations
from math import ceil, floor
from typing import assert_never

from generator.frozen_data import frozen
from generator.iam.automaton import representatives
from generator.iam.document import Comparison, Condition, Statement
from generator.iam.globs import Glob, TooComplexError
from generator.iam.key_values import values_of
from generator.iam.keys import Bearers, KeyFacts, KeyRole, KeySort, KeyValue, key_facts
from generator.iam.principals import Setting
from generator.iam.readings import condition_readings
from generator.iam.scalars import instant_in, instant_text, network_in, number_in

_CALLER_TEXTS = ("anything", "something-else")
_EXAMPLES = {
    "aws:requestedregion": ("us-east-1", "eu-west-1", "ap-southeast-2"),
    "aws:sourcevpce": ("vpce-0a1b2c3d4e5f67890", "vpce-99999999999999999"),
    "aws:sourcevpc": ("vpc-0a1b2c3d4e5f67890", "vpc-99999999999999999"),
    "aws:vpceaccount": ("999999999999", "888888888888"),
    "aws:useragent": ("aws-cli/2.15.0 Python/3.11", "docker/26.1 go/1.22"),
}
_ANY_ADDRESSES = ("203.0.113.10", "2001:db8::10")
_ANY_INSTANT = 1_893_456_000
_SETS_OF_AT_MOST = 8


@frozen
class ContextKey:
    """A condition key that caller and resource leave open; `None` among the values: absent.

    With `is_of_tagging` only requests that set or take away tags carry it.
    """

    name: str
    role: KeyRole
    values: tuple[KeyValue, ...]
    bearers: Bearers = Bearers.ANYBODY
    is_of_tagging: bool = False


def context_keys_of(statements: Iterable[Statement], setting: Setting) -> tuple[ContextKey, ...]:
    """The open keys that the statements test, each with every value that can matter.

    Raises `TooComplexError`.
    """
    facts: dict[str, KeyFacts] = {}
    spelled: dict[str, str] = {}
    tested: dict[str, list[Condition]] = {}
    for statement in statements:
        for condition in statement.conditions:
            found = key_facts(condition.key)
            if condition.comparison is None or found is None:
                continue
            if found.role in {KeyRole.PRINCIPAL, KeyRole.RESOURCE}:
                continue
            if found.role is KeyRole.REGION and setting.regions:
                continue
            facts.setdefault(found.name, found)
            same_name = condition.key.lower() == found.name
            if found.name not in spelled or same_name:
                spelled[found.name] = condition.key if same_name else _spelled(condition, found)
            tested.setdefault(found.name, []).append(condition)
    keys = []
    for name, conditions in tested.items():
        fact = facts[name]
        is_there = fact.is_always_there
        values = _values(fact, conditions, setting.now)
        if fact.role is KeyRole.TRANSPORT and setting.regions:
            # ECR has no endpoint without TLS.
            values, is_there = ("true",), True
        absent: tuple[KeyValue, ...] = () if is_there else (None,)
        keys.append(
            ContextKey(
                name=spelled[name],
                role=fact.role,
                values=(*absent, *values),
                bearers=fact.bearers,
                is_of_tagging=fact.is_of_tagging and bool(setting.regions),
            )
        )
    return tuple(keys)


def _spelled(condition: Condition, facts: KeyFacts) -> str:
    """The first name of a value that the condition calls by its second one."""
    if facts.name == "aws:currenttime":
        return "aws:CurrentTime"
    return f"aws:ResourceTag/{condition.key.partition('/')[2]}"


def _values(
    facts: KeyFacts, conditions: Sequence[Condition], now: int | None
) -> Sequence[KeyValue]:
    match facts.sort:
        case KeySort.BOOL:
            return ("true", "false")
        case KeySort.TEXT:
            return _texts(facts, conditions)
        case KeySort.NUMBER:
            ends = _ends(conditions)
            return tuple(str(number) for number in _around(ends, 1) if number >= 0) or ("0",)
        case KeySort.DATE | KeySort.SECONDS:
            instants = _around(_ends(conditions), _ANY_INSTANT)
            if facts.name == "aws:currenttime" and now is not None:
                instants = (now, *(one for one in instants if one > now))
            return tuple(text for one in instants if (text := instant_text(one)) is not None)
        case KeySort.ADDRESS:
            return _addresses(conditions)
        case _:
            assert_never(facts.sort)


def _texts(facts: KeyFacts, conditions: Sequence[Condition]) -> Sequence[KeyValue]:
    globs: dict[Glob, None] = {}
    for condition in conditions:
        readings = condition_readings(condition)
        globs.update(dict.fromkeys((*readings.sure, *readings.possible)))
    preferred = _EXAMPLES.get(facts.name, _CALLER_TEXTS)
    found = representatives(globs, values_of(facts.name, globs), preferred=preferred)
    if not facts.is_multivalued:
        return found
    if len(found) > _SETS_OF_AT_MOST:
        raise TooComplexError(f"{len(found)} values of {facts.name} in every combination")
    sizes = range(1, len(found) + 1)
    return tuple(chain.from_iterable(combinations(found, size) for size in sizes))


def _ends(conditions: Sequence[Condition]) -> list[Fraction]:
    """The numbers (or instants) at which the conditions begin or cease to hold."""
    ends = []
    for condition in conditions:
        for text in condition.values:
            if condition.comparison is None or text.plain is None:
                continue
            if condition.comparison is Comparison.NULL:
                continue
            read = number_in if condition.comparison.is_of_numbers else instant_in
            if (end := read(text.plain)) is not None:
                ends.append(end)
    return ends


def _around(ends: Iterable[Fraction], otherwise: int) -> tuple[int, ...]:
    """Whole numbers at, between and beyond the ends: one for each way to compare with them."""
    near = {
        number for end in ends for number in (floor(end) - 1, floor(end), ceil(end), ceil(end) + 1)
    }
    return tuple(sorted(near)) or (otherwise,)


def _addresses(conditions: Sequence[Condition]) -> tuple[str, ...]:
    """One address for each combination of networks that an address can lie in."""
    networks = {
        network
        for condition in conditions
        for text in condition.values
        if text.plain is not None and (network := network_in(text.plain)) is not None
    }
    candidates: dict[IPv4Address | IPv6Address, None] = dict.fromkeys(
        map(ip_address, _ANY_ADDRESSES)
    )
    for network in sorted(networks, key=str):
        first, last = int(network.network_address), int(network.broadcast_address)
        # An address in the middle reads better than the first one, where nothing else is known.
        for number in (first + 1, first, last, first - 1, last + 1):
            if 0 <= number < 1 << network.max_prefixlen:
                make = IPv4Address if network.version == 4 else IPv6Address
                candidates.setdefault(make(number))
    found: dict[frozenset[object], str] = {}
    for address in candidates:
        inside = frozenset(network for network in networks if address in network)
        found.setdefault(frozenset((*inside, address.version)), str(address))
    return tuple(found.values())
