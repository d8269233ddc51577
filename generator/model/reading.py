"""What a reader hands over: an estate, what of its source could not be read, and where things stand."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from generator.frozen_data import frozen
from generator.model.estate import Estate, Identity, Record, Unknown
from generator.model.finding import Finding
from generator.model.generated_code import GeneratedCode
from generator.model.span import Span
from generator.model.values import AccountId, Region

if TYPE_CHECKING:
    from generator.model.snapshot import Unit

StatementKey = tuple[str, str, str, int]
"""Root, record address, attribute, position of the statement."""


class Source(StrEnum):
    """What an estate was read from, in the word that messages use for it."""

    CODE = "code"
    PLAN = "plan"
    STATE = "state"
    POLICY = "policy"
    LIVE = "live"

    @property
    def in_words(self) -> str:
        """The source with its article: `the code`, `AWS`."""
        return "AWS" if self is Source.LIVE else f"the {self.value}"


@frozen
class UnreadModule:
    """A module call whose code was not looked at, or a plan or root that is not whole.

    It may hold any record, or, with `makes_only_roles`, only roles and what they hold. `address` is empty for a root of which an error says why; `remedy` says what to do so that it can be read.
    `evidence` is the call, in a text that is another one when it says something else.
    """

    root: str
    address: str
    span: Span
    reason: str
    title: str = "A module was not read"
    remedy: str = "Put the module's code inside the project, so that it can be read."
    makes_only_roles: bool = False
    evidence: str = ""


@frozen
class UnknownName:
    """A name in an object of a module call that the module's type does not have: Terraform drops it.

    `path` leads to it from the call, such as `rules.quay.upstream`; `known` are the names there are.
    """

    path: str
    span: Span
    known: tuple[str, ...]


@frozen
class NamedBlock:
    """The names in one resource block or module call; `type` is empty for a module call.

    `names` are paths such as `encryption_configuration.kms_key`. `inputs` are those that the called
    module declares, `None` when it was not read, or for a resource. `provider_versions` are the versions
    of the AWS provider that the block's module and the root allow, each with its place. `unknown_names` are those within the
    objects of a call.
    """

    root: str
    address: str
    type: str
    names: Mapping[str, Span]
    inputs: frozenset[str] | None = None
    provider_versions: tuple[tuple[str, Span], ...] = ()
    unknown_names: tuple[UnknownName, ...] = ()


@frozen
class Reading:
    """What one source says, and what of it could not be read.

    `unanswered` are the things that a topology asks for and AWS did not tell about, each with the
    result that says why; `unread_records` are policies that may be there with unknown content; `read_at` is when AWS was asked,
    by account and region. `intended` are the records that the topology asks for, where the reader was
    told them; `units` are the answers of AWS themselves, and `waiting` the
    secrets that are marked as deleted; `untouched` are the folders of the roots whose files are as `generate` would write them;
    `off_by_default` is what code makes only when a variable has another value than its default;
    `supposed` are roots as they are where their conditions that are not known turn out in one way or another,
    and `hangs_on` says of such roots, by name, what a condition hangs on;
    `account_words` are what code calls accounts, where that was asked; `digest` names a reading of code
    among those that are kept. `generated` tells what became of the files that `generate` wrote, for code.
    """

    estate: Estate
    problems: tuple[Finding, ...]
    statement_spans: Mapping[StatementKey, Span] = field(default_factory=dict)
    unread_modules: tuple[UnreadModule, ...] = ()
    source: Source = Source.CODE
    named_blocks: Sequence[NamedBlock] = ()
    unanswered: Mapping[Identity, Finding] = field(default_factory=dict)
    unread_records: tuple[Record, ...] = ()
    read_at: Mapping[tuple[AccountId, Region | None], datetime] = field(default_factory=dict)
    intended: Estate | None = None
    units: "tuple[Unit, ...]" = ()
    waiting: frozenset[Identity] = frozenset()
    untouched: frozenset[Path] = frozenset()
    off_by_default: tuple[Record, ...] = ()
    supposed: "tuple[Reading, ...]" = ()
    hangs_on: Mapping[str, Unknown] = field(default_factory=dict)
    account_words: Mapping[AccountId, str] = field(default_factory=dict)
    digest: str | None = field(default=None, compare=False)
    generated: Callable[[], GeneratedCode | None] | None = None

    def statement_span(
        self, record: Record, position: int, attribute: str = "policy"
    ) -> Span | None:
        """Where a person changes one statement of a record's policy, as exactly as is known."""
        span = self.statement_spans.get((record.root, record.address, attribute, position))
        return span or record.get(attribute).span or record.span
