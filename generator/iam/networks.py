"""Where a request comes from: which values of the keys about networks can stand together.

A request comes from a public address, or through a VPC endpoint and then without one: of
`aws:SourceIp` and the keys of an endpoint only one sort is there (IAM user guide, global condition
keys). A pull is a call of the consumer itself; what a service calls in its name is another passage. Whether a service behind an endpoint is told who owns it is not documented for each.
"""

from enum import IntEnum

from generator.iam.cases import Case
from generator.iam.keys import KeyRole, KeyValue
from generator.iam.universe import Universe

_ADDRESS = "aws:sourceip"
_FOR_A_CALLER = "aws:viaawsservice"
_SERVICES = ("aws:calledvia", "aws:calledviafirst", "aws:calledvialast")
_OWNER = frozenset({"aws:vpceaccount", "aws:vpceorgid"})


class Passage(IntEnum):
    """How a request with some values of the network keys travels, the plainest first."""

    PUBLIC = 0
    ENDPOINT = 1
    UNCLEAR = 2
    BY_A_SERVICE = 3
    IMPOSSIBLE = 4

    @property
    def is_known(self) -> bool:
        """Whether such requests are known to exist."""
        return self in {Passage.PUBLIC, Passage.ENDPOINT}


def network_of(universe: Universe, case: Case) -> tuple[tuple[str, KeyValue], ...]:
    """The values of the network keys in a case, by the keys' names in lower case."""
    return tuple(
        (key.name.lower(), key.values[place])
        for number, place in case.cell.items()
        for key in (universe.context_keys[number],)
        if key.role is KeyRole.NETWORK
    )


def passage_of(network: tuple[tuple[str, KeyValue], ...]) -> Passage:
    """How requests travel that carry these values, and no others that are asked for."""
    values = dict(network)
    address = values.pop(_ADDRESS, None)
    tests_address = any(name == _ADDRESS for name, _ in network)
    services = [values.pop(name) for name in (*_SERVICES, _FOR_A_CALLER) if name in values]
    owners = [value for name, value in values.items() if name in _OWNER]
    through = [value is not None for name, value in values.items() if name not in _OWNER]
    has_endpoint = any(through) or any(value is not None for value in owners)
    if any(through) and not all(through):
        return Passage.IMPOSSIBLE
    if has_endpoint and (address is not None or (through and not any(through))):
        return Passage.IMPOSSIBLE
    if any(value not in {None, "false"} for value in services):
        # What such a request says of its network is not documented for each service.
        return Passage.BY_A_SERVICE
    if has_endpoint:
        return Passage.ENDPOINT
    if tests_address and address is None:
        # Only an endpoint leaves the address out, and no key of one is asked for, or none is there.
        return Passage.UNCLEAR if values else Passage.ENDPOINT
    return Passage.PUBLIC
