"""What two estates are compared by, and in which scope their policies are read."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from generator.drift.grants import GrantPlaces
from generator.drift.meetings import Meetings
from generator.drift.words import where
from generator.estate.wording import capital
from generator.model.estate import Estate, Identity, Record, Unknown
from generator.model.reading import Source, UnreadModule
from generator.model.span import Span
from generator.model.topology import Topology
from generator.model.values import AccountId, Region


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What is compared: the intended estate, the found one, and where found statements stand.

    `asked` are the accounts that the source is about, `None` for all of the topology's.
    `unanswered` are intended things that may be there unread; `read_at` is when AWS was asked;
    `waiting` are secrets that are marked as deleted. `argument_in` finds the value of the one of some
    arguments that is written in a stretch of code, `None` where there is none or more.
    """

    topology: Topology
    intended: Estate
    found: Estate
    statement_span: Callable[[Record, int, str], Span | None]
    unread: tuple[UnreadModule, ...] = ()
    source: Source = Source.CODE
    asked: frozenset[AccountId] | None = None
    unanswered: Collection[Identity] = ()
    read_at: Mapping[tuple[AccountId, Region | None], datetime] = field(default_factory=dict)
    waiting: Collection[Identity] = ()
    argument_in: Callable[[Span, Collection[str]], Span | None] = lambda _span, _names: None

    @cached_property
    def home_regions(self) -> Mapping[AccountId, Region]:
        """The first region of each account, to whose partition its global records belong."""
        return {account.id: account.regions[0] for account in self.topology.accounts.values()}

    @cached_property
    def account_names(self) -> Mapping[AccountId | Unknown, str]:
        """The name that the topology gives each account."""
        return {account.id: name for name, account in self.topology.accounts.items()}

    @cached_property
    def meetings(self) -> Meetings:
        """What compares policies, and remembers how."""
        return Meetings()

    @cached_property
    def grant_places(self) -> GrantPlaces:
        """The lines of the topology's grants."""
        return GrantPlaces(topology=self.topology)

    @property
    def found_records(self) -> Mapping[Identity, Sequence[Record]]:
        """The found records by identity."""
        return self.found.by_identity

    def is_found(self, record: Record) -> bool:
        """Whether there is a found record of the same identity."""
        return record.identity in self.found_records

    @cached_property
    def intended_records(self) -> Mapping[Identity, Record]:
        """The intended records by identity."""
        return {
            identity: record
            for record in self.intended.records
            if (identity := record.identity) is not None
        }


def place_words(comparison: Comparison, record: Record) -> str:
    """The account and region of a record, as a message begins: `Account hub (1111…), eu-west-1`."""
    words = where(record)
    account = comparison.account_names.get(record.account)
    if account is not None:
        words = words.replace(str(record.account), f"{account} ({record.account})", 1)
    return capital(words)


def scope(comparison: Comparison, record: Record) -> tuple[AccountId, Region]:
    """The account and region whose registry or identities a policy is about."""
    assert isinstance(record.account, AccountId)  # noqa: S101 - intended records are known
    if isinstance(record.region, Region):
        return record.account, record.region
    return record.account, comparison.home_regions[record.account]
