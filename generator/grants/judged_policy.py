"""What a judgement is about: the policies of one registry or role, and the answer about them."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeAlias

from generator.data.managed_policies import ManagedPolicy
from generator.estate.managed_policies import aws_policy_behind
from generator.frozen_data import frozen
from generator.iam import (
    Judgement,
    Policy,
    PolicyKind,
    Question,
    Statement,
    UnderGrant,
)
from generator.intent.registry_forms import RegistryStatement
from generator.model.estate import (
    Record,
    Unknown,
)
from generator.model.span import Span
from generator.model.values import AccountId

StatementSpan: TypeAlias = Callable[[Record, int, str], Span | None]
"""Where one statement (by its position) of a record's policy attribute stands in the code."""


@frozen
class JudgedPolicy:
    """The policies of one registry or role, and the answer about them.

    `what` names them in words. `records` are the records and attributes they come from, by the
    policies' sources; `place` is
    where a missing statement belongs, `topology` the line that declares the access.
    `attachment_seen` is false for a policy that code elsewhere may attach, or nobody. `service` is
    who alone may assume the role, for a trust policy; `wanted` are the statements that `generate`
    writes, for a registry policy. `is_elsewhere` when the topology leaves it to other code to write it.
    `is_in_aws` when they were read there, and no file holds them.
    `templates` are the creation templates whose policies give what a registry's policy lacks,
    `kept_refusals` what is refused by networks because the topology keeps statements that do.
    `is_perhaps_unread` when it is not in what was read, and may be in what was not.
    `holder` is the role, or pattern of roles, that has the identity policies of a consumer.
    """

    what: str
    kind: PolicyKind
    policies: tuple[Policy, ...]
    records: Mapping[str, tuple[Record, str]]
    statement_span: StatementSpan
    address: str
    place: Span | None
    topology: Span
    judgement: Judgement
    account: AccountId | Unknown
    attachment_seen: bool = True
    service: str | None = None
    wanted: tuple[RegistryStatement, ...] = ()
    is_elsewhere: bool = False
    templates: tuple[str, ...] = ()
    is_in_aws: bool = False
    kept_refusals: tuple[UnderGrant, ...] = ()
    holder: str | None = None
    is_perhaps_unread: bool = False

    def place_in(self, source: str, position: int) -> Span | None:
        """Where a statement of one of the policies stands in the code."""
        if source not in self.records:
            return self.place
        record, name = self.records[source]
        return self.statement_span(record, position, name) or self.place

    def span_of(self, statement: Statement) -> Span | None:
        """Where a statement stands in the code."""
        return self.place_in(statement.source, statement.index)

    @property
    def managed_by_aws(self) -> Mapping[str, ManagedPolicy]:
        """Those of the policies that AWS manages, by their sources."""
        found = {source: aws_policy_behind(record) for source, (record, _) in self.records.items()}
        return {source: policy for source, policy in found.items() if policy is not None}


def only_over_grants(judgement: Judgement) -> Judgement:
    """The judgement, with nothing but what it says about surplus access."""
    return replace(
        judgement,
        under=(),
        undecided=tuple(
            question for question in judgement.undecided if question.question is Question.OVER_GRANT
        ),
    )
