"""What a topology asks for, as an estate: the records that should exist in every account."""

from collections.abc import Iterator, Mapping

from generator import addresses
from generator.levels import PULL_THROUGH_SERVICE
from generator.model.estate import Absent, Attribute, Estate, Identity, Kind, Known, Link, Record
from generator.model.topology import Cache, Credential, CredentialValue, Topology
from generator.policies import (
    is_exported,
    puller_document,
    puller_policies,
    registry_policy_document,
    registry_statements,
    trust_document,
    upstream_role_document,
    upstream_roles,
)
from generator.span import Span
from generator.values import Region

UPSTREAM_ROLE_POLICY = "pull-through-cache"
"""The name of the inline policy of a role for cross-account upstreams."""

PLACEHOLDER_STAGES = ("AWSCURRENT", "forebay-placeholder")
"""The staging labels of a placeholder version: one of its own keeps it from being deleted."""


def intend(topology: Topology) -> Estate:
    """All records that should exist; every record's and attribute's span is a topology line."""
    records = (
        *_cache_rules(topology),
        *_secrets(topology),
        *_registry_policies(topology),
        *_upstream_roles(topology),
        *_pullers(topology),
    )
    return Estate(records=records)


def created_credentials(topology: Topology) -> dict[tuple[str, Region, str], Credential]:
    """The secrets that `generate` creates, by account, region and name."""
    return {
        (cache.account, cache.region, cache.credential.secret): cache.credential
        for cache in topology.caches
        if cache.credential is not None and cache.credential.value is not CredentialValue.EXISTING
    }


def secret_link(topology: Topology, cache: Cache, credential: Credential) -> Identity:
    """The identity of the secret that a cache's credential means."""
    return Identity(
        kind=Kind.SECRET,
        account=topology.accounts[cache.account].id,
        region=cache.region,
        key=credential.secret,
    )


def _cache_rules(topology: Topology) -> Iterator[Record]:
    roles = upstream_roles(topology)
    for cache in topology.caches:
        account = topology.accounts[cache.account].id
        credential: Attribute = Absent(span=cache.span)
        if cache.credential is not None:
            target = secret_link(topology, cache, cache.credential)
            credential = Link(target=target, span=cache.credential.span)
        role: Attribute = Absent(span=cache.span)
        if cache.upstream_account is not None and cache.upstream_account != cache.account:
            target = Identity(
                kind=Kind.ROLE, account=account, region=None, key=roles[cache.account].name
            )
            role = Link(target=target, span=cache.span)
        yield _record(
            topology,
            cache.account,
            kind=Kind.CACHE_RULE,
            region=cache.region,
            key=str(cache.prefix),
            attributes={
                "upstream_registry_url": Known(value=cache.upstream_host, span=cache.span),
                "upstream_repository_prefix": Known(
                    value=str(cache.upstream_prefix), span=cache.span
                ),
                "credential_arn": credential,
                "custom_role_arn": role,
            },
            address=addresses.instance(
                addresses.caches(cache.region), "aws_ecr_pull_through_cache_rule.this", cache.prefix
            ),
            span=cache.span,
        )


def _secrets(topology: Topology) -> Iterator[Record]:
    for (account, region, name), credential in sorted(created_credentials(topology).items()):
        module = addresses.credentials(region)
        yield _record(
            topology,
            account,
            kind=Kind.SECRET,
            region=region,
            key=name,
            attributes={
                "recovery_window_in_days": Known(
                    value=credential.recovery_days, span=credential.span
                ),
                "kms_key_id": Absent(span=credential.span),
                "policy": Absent(span=credential.span),
            },
            address=addresses.instance(module, "aws_secretsmanager_secret.this", name),
            span=credential.span,
        )
        yield _record(
            topology,
            account,
            kind=Kind.SECRET_VERSION,
            region=region,
            key=name,
            attributes={
                "version_stages": (
                    Known(value=PLACEHOLDER_STAGES, span=credential.span)
                    if credential.version is None
                    else Absent(span=credential.span)
                ),
                "secret_string_wo_version": Known(
                    value=credential.version or 1, span=credential.span
                ),
            },
            address=addresses.instance(
                module,
                "aws_secretsmanager_secret_version."
                + ("placeholder" if credential.version is None else "written"),
                name,
            ),
            span=credential.span,
        )


def _registry_policies(topology: Topology) -> Iterator[Record]:
    for (account, region), statements in registry_statements(topology).items():
        if is_exported(topology, account):
            continue
        module = addresses.access(region)
        span = topology.accounts[account].span
        yield _record(
            topology,
            account,
            kind=Kind.ACCOUNT_SETTING,
            region=region,
            key="REGISTRY_POLICY_SCOPE",
            attributes={"value": Known(value="V2", span=span)},
            address=f"{module}.aws_ecr_account_setting.registry_policy_scope",
            span=span,
        )
        document = registry_policy_document(topology, account, region, statements)
        yield _record(
            topology,
            account,
            kind=Kind.REGISTRY_POLICY,
            region=region,
            key="",
            attributes={"policy": Known(value=document, span=statements[0].span)},
            address=f"{module}.aws_ecr_registry_policy.this",
            span=statements[0].span,
        )


def _upstream_roles(topology: Topology) -> Iterator[Record]:
    for account, role in upstream_roles(topology).items():
        yield _record(
            topology,
            account,
            kind=Kind.ROLE,
            region=None,
            key=role.name,
            attributes={
                "assume_role_policy": Known(
                    value=trust_document(PULL_THROUGH_SERVICE), span=role.span
                ),
                "permissions_boundary": Absent(span=role.span),
            },
            address=addresses.instance(addresses.UPSTREAM_ACCESS, "aws_iam_role.this", role.name),
            span=role.span,
        )
        yield _record(
            topology,
            account,
            kind=Kind.ROLE_POLICY,
            region=None,
            key=f"{role.name}:{UPSTREAM_ROLE_POLICY}",
            attributes={
                "policy": Known(value=upstream_role_document(topology, role), span=role.span)
            },
            address=addresses.instance(
                addresses.UPSTREAM_ACCESS, "aws_iam_role_policy.this", role.name
            ),
            span=role.span,
        )


def _pullers(topology: Topology) -> Iterator[Record]:
    for (account, name), policy in puller_policies(topology).items():
        yield _record(
            topology,
            account,
            kind=Kind.MANAGED_POLICY,
            region=None,
            key=name,
            attributes={"policy": Known(value=puller_document(policy), span=policy.span)},
            address=addresses.instance(addresses.PULLERS, "aws_iam_policy.this", name),
            span=policy.span,
        )
        if policy.attach_to is not None:
            target = Identity(
                kind=Kind.MANAGED_POLICY,
                account=topology.accounts[account].id,
                region=None,
                key=name,
            )
            yield _record(
                topology,
                account,
                kind=Kind.ATTACHMENT,
                region=None,
                key=f"{policy.attach_to}:{name}",
                attributes={
                    "role": Known(value=policy.attach_to, span=policy.span),
                    "policy_arn": Link(target=target, span=policy.span),
                },
                address=addresses.instance(
                    addresses.PULLERS,
                    "aws_iam_role_policy_attachment.this",
                    f"{name}:{policy.attach_to}",
                ),
                span=policy.span,
            )


def _record(
    topology: Topology,
    account: str,
    *,
    kind: Kind,
    region: Region | None,
    key: str,
    attributes: Mapping[str, Attribute],
    address: str,
    span: Span,
) -> Record:
    return Record(
        kind=kind,
        account=topology.accounts[account].id,
        region=region,
        key=key,
        attributes=attributes,
        address=address,
        span=span,
        root=topology.folder(account),
    )
