"""The statements that make an edge work, on both of its sides, as AWS gets them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from generator.intent.consumer_policies import (
    ConsumerPolicy,
    consumer_document,
    consumer_policies,
    handed_over_policies,
)
from generator.intent.registry_forms import UPSTREAM, RegistryStatement, statement_document
from generator.intent.registry_policies import foreign_statements, registry_statements
from generator.intent.service_roles import upstream_role_key
from generator.intent.statements import allow
from generator.model.estate import Json
from generator.model.levels import AUTHORIZATION_ACTION
from generator.model.topology import Cache, Grant, Topology
from generator.model.values import AccountId, Region, repository_arn, role_arn

_MOST = 4_000
"""Characters of a statement that are shown: it may list a thousand accounts."""


@dataclass(frozen=True, kw_only=True)
class Statements:
    """The statements of one topology, found once."""

    topology: Topology

    @cached_property
    def of_registries(self) -> Mapping[tuple[str, Region], Sequence[RegistryStatement]]:
        """What each registry's policy lets in, those outside of the topology by their account's id."""
        return {**registry_statements(self.topology), **foreign_statements(self.topology)}

    @cached_property
    def of_consumers(self) -> Mapping[tuple[str, str], ConsumerPolicy]:
        """The policies of consumers by scope and name, those for others to add as well."""
        return {**handed_over_policies(self.topology), **consumer_policies(self.topology)}

    def lets_in(self, grant: Grant) -> str | None:
        """The statement of the registry's policy that lets a grant's consumer in, if it needs one."""
        if not grant.crosses_accounts:
            return None
        for statement in self.of_registries.get((grant.cache.account, grant.cache.region), ()):
            about = (statement.level, grant.repositories in statement.repositories)
            if about == (grant.level.value, True) and self._names(statement, grant):
                account = self.topology.account_id(grant.cache.account)
                return _shown(statement_document(statement, account, grant.cache.region))
        return None

    def _names(self, statement: RegistryStatement, grant: Grant) -> bool:
        """Whether a statement is for a grant's consumer."""
        account = self.topology.consumer_account_id(grant)
        unit = self.topology.unit_path(grant.consumer)
        patterns = grant.consumer.role_patterns
        arns = statement.principal_arns
        if bool(patterns) != bool(arns):
            return False
        own = [arn for arn in arns if account is None or f"::{account}:" in arn or "::*:" in arn]
        if patterns and not any(arn.endswith(f":role/{one}") for arn in own for one in patterns):
            return False
        if account is not None:
            return account in statement.account_ids or not statement.account_ids
        return unit in statement.units if unit is not None else bool(statement.organization)

    def own(self, grant: Grant) -> str:
        """What the consumer's own policy gives for a grant, whoever writes it."""
        policy = self.of_consumers.get(
            (grant.scope, self.topology.name_prefix + grant.consumer.policy_name)
        )
        if policy is None:
            account = self.topology.account_id(grant.cache.account)
            arn = repository_arn(grant.cache.region, account, grant.repositories)
            sign_in = allow((AUTHORIZATION_ACTION,), ("*",))
            return _shown((sign_in, allow(grant.level.actions, (arn,))))
        return _shown(consumer_document(policy))

    def lets_copy(self, cache: Cache) -> str | None:
        """The statement of the upstream's registry policy that lets a cache's role in."""
        if not cache.crosses_accounts or cache.upstream_region is None:
            return None
        account = self.topology.accounts[cache.account].id
        partition = cache.upstream_region.aws_partition.id
        role = role_arn(partition, account, upstream_role_key(self.topology, cache))
        upstream = cache.upstream_account or ""
        for statement in self.of_registries.get((upstream, cache.upstream_region), ()):
            inside = cache.upstream_prefix.repositories in statement.repositories
            if statement.level == UPSTREAM and inside and _is_for(statement, account, role):
                document = statement_document(
                    statement, self.topology.account_id(upstream), cache.upstream_region
                )
                return _shown(document)
        return None


def _is_for(statement: RegistryStatement, account: AccountId, role: str) -> bool:
    name = role.partition(":role/")[2]
    return (account in statement.account_ids or not statement.account_ids) and any(
        arn.endswith(f":role/{name}") for arn in statement.principal_arns
    )


def _shown(document: Json) -> str:
    text = json.dumps(document, indent=2, ensure_ascii=False)
    if len(text) <= _MOST:
        return text
    kept = text[:_MOST].rpartition("\n")[0]
    return f"{kept}\n… {text.count(chr(10)) - kept.count(chr(10)):,} more lines"
