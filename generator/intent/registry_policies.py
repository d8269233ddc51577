"""The statements that registry policies need, and the policies with what stays in them."""

import json
from collections.abc import Iterator, Mapping, Sequence

from generator.data.aws_data import registry_policy_limits
from generator.intent.registry_forms import (
    UPSTREAM,
    PrincipalAccess,
    RegistryPolicyForm,
    RegistryStatement,
    merge,
    statement_document,
)
from generator.intent.service_roles import upstream_role_key
from generator.model.estate import Json
from generator.model.topology import Consumer, Grant, RegistryPolicyMode, Topology
from generator.model.values import Region, role_arn


def registry_statements(
    topology: Topology,
) -> dict[tuple[str, Region], tuple[RegistryStatement, ...]]:
    """The statements each registry's policy needs, by account and region.

    Only access from other accounts needs one. Each policy has the first form that ECR has room for,
    and the smallest one when there is room for none.
    """
    limit = registry_policy_limits().maximum
    chosen = {}
    for (account, region), forms in statement_forms(topology).items():
        sizes = {}
        for form, statements in forms.items():
            document = registry_policy_document(topology, account, region, statements)
            sizes[form] = policy_size(document)
            if sizes[form] <= limit:
                chosen[account, region] = statements
                break
        else:
            chosen[account, region] = forms[min(sizes, key=sizes.__getitem__)]
    return chosen


def registry_policy_sizes(
    topology: Topology,
) -> dict[tuple[str, Region], dict[RegistryPolicyForm, int]]:
    """The characters that each registry's policy has in each form."""
    return {
        (account, region): {
            form: policy_size(registry_policy_document(topology, account, region, statements))
            for form, statements in forms.items()
        }
        for (account, region), forms in statement_forms(topology).items()
    }


def policy_size(document: Json) -> int:
    """The characters of a policy as AWS counts them, without white space between the parts."""
    return len(json.dumps(document, separators=(",", ":"), ensure_ascii=False))


def statement_forms(
    topology: Topology,
) -> dict[tuple[str, Region], dict[RegistryPolicyForm, tuple[RegistryStatement, ...]]]:
    """The statements of each registry's policy in every form."""
    wanted = {
        registry: accesses
        for registry, accesses in _upstream_access(topology).items()
        if registry[0] in topology.accounts
    }
    for grant in topology.grants:
        if grant.crosses_accounts:
            wanted.setdefault((grant.cache.account, grant.cache.region), []).extend(
                _grant_access(topology, grant)
            )
    return {
        registry: {form: merge(entries, form) for form in RegistryPolicyForm}
        for registry, entries in sorted(wanted.items())
    }


def foreign_statements(
    topology: Topology,
) -> dict[tuple[str, Region], tuple[RegistryStatement, ...]]:
    """The statements for registries outside the topology that caches read, by account id."""
    return {
        registry: merge(accesses, RegistryPolicyForm.EACH_ROLE)
        for registry, accesses in sorted(_upstream_access(topology).items())
        if registry[0] not in topology.accounts
    }


def _upstream_access(topology: Topology) -> dict[tuple[str, Region], list[PrincipalAccess]]:
    """The access that caches need to other accounts' registries, by account (name or id) and region."""
    accesses: dict[tuple[str, Region], list[PrincipalAccess]] = {}
    for cache in topology.caches:
        if not cache.crosses_accounts:
            continue
        assert cache.upstream_account is not None  # noqa: S101 - it crosses accounts
        assert cache.upstream_region is not None  # noqa: S101 - set together with the account
        account_id = topology.accounts[cache.account].id
        partition = cache.upstream_region.aws_partition.id
        accesses.setdefault((cache.upstream_account, cache.upstream_region), []).append(
            PrincipalAccess(
                level=UPSTREAM,
                repositories=cache.upstream_prefix.repositories,
                account_id=account_id,
                principal_arn=role_arn(partition, account_id, upstream_role_key(topology, cache)),
                span=cache.span,
            )
        )
    return accesses


def _grant_access(topology: Topology, grant: Grant) -> Iterator[PrincipalAccess]:
    """The access that a grant needs of a registry's policy, for each of its patterns of roles."""
    account_id = topology.consumer_account_id(grant)
    unit = topology.unit_path(grant.consumer)
    partition = grant.cache.region.aws_partition.id
    patterns: tuple[str | None, ...] = grant.consumer.role_patterns or (None,)
    for pattern in patterns:
        yield PrincipalAccess(
            level=grant.level.value,
            repositories=grant.repositories,
            account_id=account_id,
            organization=_organization_of(topology, grant.consumer),
            unit=unit,
            principal_arn=None
            if pattern is None
            else f"arn:{partition}:iam::{account_id or '*'}:role/{pattern}",
            span=grant.span,
        )


def _organization_of(topology: Topology, consumer: Consumer) -> str | None:
    if not consumer.is_organization or topology.organization is None:
        return None
    return topology.organization.id


def registry_policy_document(
    topology: Topology, account: str, region: Region, statements: Sequence[RegistryStatement]
) -> Json:
    """The registry policy of one registry, statements to keep first, as a JSON-like value.

    Where other code owns the policy, it holds those already.
    """
    account_id = topology.account_id(account)
    is_written = account not in topology.accounts or not is_exported(topology, account)
    kept = kept_statements(topology, account, region) if is_written else ()
    return {
        "Version": "2012-10-17",
        "Statement": (
            *kept,
            *(statement_document(entry, account_id, region) for entry in statements),
        ),
    }


def kept_statements(topology: Topology, account: str, region: Region) -> tuple[Json, ...]:
    """The statements that stay in one registry's policy, or that other code has there, filled in."""
    entry = topology.accounts.get(account)
    kept = entry.kept if entry is not None else None
    if kept is None:
        return ()
    words = {
        "{partition}": region.aws_partition.id,
        "{region}": str(region),
        "{account_id}": str(topology.accounts[account].id),
    }
    return tuple(_filled(statement, words) for statement in kept.statements)


def is_exported(topology: Topology, account: str) -> bool:
    """Whether other code owns the account's registry policies."""
    return topology.accounts[account].registry_policy is RegistryPolicyMode.EXPORT


def _filled(value: Json, words: Mapping[str, str]) -> Json:
    match value:
        case str():
            for word, text in words.items():
                value = value.replace(word, text)
            return value
        case tuple():
            return tuple(_filled(item, words) for item in value)
        case Mapping():
            return {key: _filled(item, words) for key, item in sorted(value.items())}
        case _:
            return value
