"""Functions of IP networks."""

import ipaddress
import re
from collections.abc import Mapping
from typing import TypeAlias

from generator.hcl.conversions import as_integer, as_text
from generator.hcl.functions.signatures import Arguments, Function, function, texts_of
from generator.hcl.values import EvaluationError, Items, NotComputedError

_Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network
# Wider steps are computed in another way by older versions.
_MOST_BITS = 32


def _network(text: str) -> _Network:
    if re.search(r"(?:^|\.)0\d", text) or ("." in text and ":" in text):
        # Programs read leading zeros and mixed spellings in different ways.
        raise NotComputedError("the network is not evaluated")
    if re.fullmatch(r"[0-9a-fA-F:.]+/\d{1,3}", text) is None:
        raise EvaluationError("the text is no network")
    try:
        found = ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise EvaluationError("the text is no network") from None
    if isinstance(found, ipaddress.IPv6Network) and found.network_address.ipv4_mapped is not None:
        raise NotComputedError("the network is not evaluated")
    return found


def _cidrhost(arguments: Arguments) -> str:
    network, number = _network(as_text(arguments[0])), as_integer(arguments[1])
    if not -network.num_addresses <= number < network.num_addresses:
        raise EvaluationError("the network has no such host")
    if number < 0:
        number += network.num_addresses
    return str(network.network_address + number)


def _cidrnetmask(arguments: Arguments) -> str:
    network = _network(as_text(arguments[0]))
    if isinstance(network, ipaddress.IPv6Network):
        raise EvaluationError("only a network of IPv4 has a mask")
    return str(network.netmask)


def _longer(network: _Network, bits: int) -> int:
    if bits < 0 or bits > _MOST_BITS:
        raise NotComputedError("the number of bits is not evaluated")
    if network.prefixlen + bits > network.max_prefixlen:
        raise EvaluationError("the network has no room for so many bits")
    return network.prefixlen + bits


def _subnet(network: _Network, address: int, length: int) -> _Network:
    return type(network)((address, length), strict=False)


def _cidrsubnet(arguments: Arguments) -> str:
    network = _network(as_text(arguments[0]))
    bits, number = as_integer(arguments[1]), as_integer(arguments[2])
    length = _longer(network, bits)
    if number < 0:
        raise NotComputedError("a negative number is not evaluated")
    if number >= 1 << bits:
        raise EvaluationError("the network has no such subnet")
    first = int(network.network_address) + (number << (network.max_prefixlen - length))
    return str(_subnet(network, first, length))


def _cidrsubnets(arguments: Arguments) -> Items:
    network = _network(as_text(arguments[0]))
    found: list[_Network] = []
    for argument in arguments[1:]:
        bits = as_integer(argument)
        if bits < 1:
            raise EvaluationError("a subnet needs at least one more bit")
        length = _longer(network, bits)
        if not found:
            found.append(_subnet(network, int(network.network_address), length))
            continue
        # The first one of this size that begins behind all of the one before.
        last = _subnet(network, int(found[-1].broadcast_address), length)
        begin = int(last.broadcast_address) + 1
        if begin > int(network.broadcast_address):
            raise EvaluationError("the network has no room for so many subnets")
        found.append(_subnet(network, begin, length))
    return texts_of([str(each) for each in found])


def _cidrcontains(arguments: Arguments) -> bool:
    network, text = _network(as_text(arguments[0])), as_text(arguments[1])
    inner = _network(text if "/" in text else f"{text}/{network.max_prefixlen}")
    if inner.version != network.version:
        raise NotComputedError("networks of two versions are not compared")
    return inner.network_address in network and int(inner.broadcast_address) in _numbers_of(network)


def _numbers_of(network: _Network) -> range:
    return range(int(network.network_address), int(network.broadcast_address) + 1)


FUNCTIONS: Mapping[str, Function] = {
    "cidrcontains": function(_cidrcontains, 2),
    "cidrhost": function(_cidrhost, 2),
    "cidrnetmask": function(_cidrnetmask, 1),
    "cidrsubnet": function(_cidrsubnet, 3),
    "cidrsubnets": function(_cidrsubnets, 1, None),
}
