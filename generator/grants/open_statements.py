"""The request that shows what an open statement of code lets in, where no topology says who is meant."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from generator.grants.code_policies import CodePolicies, CodePolicy, Holder
from generator.grants.replay import Side, words_for
from generator.iam import (
    Judgement,
    OverGrant,
    PrincipalKind,
    judge_resource_policy,
    judge_trust_policy,
)
from generator.model.errors import InvalidValueError
from generator.model.estate import Kind
from generator.model.finding import Finding, FindingKind, Witness
from generator.model.levels import TEMPLATE_SERVICE
from generator.model.span import Span
from generator.model.values import AccountId, Prefix, Region

_STRANGERS = frozenset(
    {PrincipalKind.ANONYMOUS, PrincipalKind.ANY_ACCOUNT, PrincipalKind.FEDERATED}
)
"""Callers whom an open statement lets in, and nobody named."""


class OpenStatements:
    """Shows findings about open statements by a request; each policy is judged once."""

    def __init__(self, code: CodePolicies) -> None:
        """Begin with the policies that findings are about."""
        self._code = code
        self._let_in: dict[tuple[str, str], tuple[OverGrant, ...]] = {}
        self._policies: dict[tuple[str | None, Span | None], tuple[CodePolicy, int]] | None = None

    def shown(self, finding: Finding) -> Finding:
        """The finding with a request that its statement lets in, where one certainly gets through."""
        if finding.kind is not FindingKind.FINDING or finding.location is None:
            return finding
        found = self._statements().get((finding.address, finding.location))
        witness = None if found is None else self._witness(*found, finding.location)
        return finding if witness is None else replace(finding, witness=witness)

    def _statements(self) -> Mapping[tuple[str | None, Span | None], tuple[CodePolicy, int]]:
        if self._policies is None:
            self._policies = {
                (each.record.address, each.span): (policy, each.statement.index)
                for policy in self._code.policies
                for each in policy.statements
            }
        return self._policies

    def _witness(self, policy: CodePolicy, index: int, place: Span) -> Witness | None:
        account = policy.record.account
        if not isinstance(account, AccountId):
            return None
        name = (policy.record.address, policy.attribute)
        if name not in self._let_in:
            judgement = _judgement(policy, account, self._code.asked_at)
            self._let_in[name] = () if judgement is None else tuple(_strangers(judgement.over))
        for grant in self._let_in[name]:
            if any(statement.index == index for statement in grant.statements):
                return _as_witness(policy, account, grant, place)
        return None


def _strangers(grants: Iterable[OverGrant]) -> Iterable[OverGrant]:
    return (grant for grant in grants if grant.principal_kind in _STRANGERS)


def _judgement(policy: CodePolicy, account: AccountId, now: datetime | None) -> Judgement | None:
    """Who gets in by a policy for which nobody is meant; nothing for what the engine does not know."""
    record = policy.record
    region = record.region if isinstance(record.region, Region) else None
    if policy.holder is Holder.TRUST:
        return judge_trust_policy(
            policy.policy,
            account=account,
            service=TEMPLATE_SERVICE,
            partition=region.aws_partition.id if region is not None else "aws",
            now=now,
        )
    if region is None or policy.holder not in {Holder.REGISTRY, Holder.REPOSITORY, Holder.TEMPLATE}:
        return None
    repository = None
    if policy.holder is not Holder.REGISTRY:
        if not isinstance(record.key, str):
            return None
        repository = record.key
        if record.kind is Kind.CREATION_TEMPLATE:
            try:
                repository = Prefix.parse(record.key.removesuffix("/")).repositories
            except InvalidValueError:
                return None
    return judge_resource_policy(
        policy.policy,
        registry_account=account,
        region=region,
        intended=(),
        known_accounts=(),
        repository=repository,
        now=now,
    )


def _as_witness(policy: CodePolicy, account: AccountId, grant: OverGrant, place: Span) -> Witness:
    record = policy.record
    region = record.region if isinstance(record.region, Region) else None
    partition = region.aws_partition.id if region is not None else "aws"
    role = registry = None
    if policy.holder is Holder.TRUST:
        role = f"arn:{partition}:iam::{account}:role/{record.key}"
    elif region is not None:
        registry = f"{account}/{region}"
    witness = Witness(
        principal=grant.principal,
        action=grant.action,
        resource=grant.resource,
        context=dict(grant.context),
        statement=place,
    )
    words = words_for(witness, side=Side.RESOURCE, registry=registry, role=role)
    return replace(witness, replay=words)
