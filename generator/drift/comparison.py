"""What two estates are compared by, and in which scope their policies are read."""

from collections.abc import Callable
from dataclasses import dataclass

from generator.model.estate import Estate, Record
from generator.model.reading import Source, UnreadModule
from generator.model.span import Span
from generator.model.topology import Topology
from generator.model.values import AccountId, Region


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What is compared: the intended estate, the found one, and where found statements stand.

    `asked` are the accounts that the source is about, `None` for all of the topology's.
    """

    topology: Topology
    intended: Estate
    found: Estate
    statement_span: Callable[[Record, int, str], Span | None]
    unread: tuple[UnreadModule, ...] = ()
    source: Source = Source.CODE
    asked: frozenset[AccountId] | None = None


def scope(topology: Topology, record: Record) -> tuple[AccountId, Region]:
    """The account and region whose registry or identities a policy is about."""
    assert isinstance(record.account, AccountId)  # noqa: S101 - intended records are known
    if isinstance(record.region, Region):
        return record.account, record.region
    account = next(a for a in topology.accounts.values() if a.id == record.account)
    return record.account, account.regions[0]
