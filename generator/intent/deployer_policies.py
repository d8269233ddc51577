"""The least IAM policies for the role that applies a root module, and for one that only reads.

Which calls the AWS provider makes for a resource is known from the provider; which of them take a
resource in a policy, from the Service Authorization Reference. Where an action takes none, the
policy narrows it by `aws:RequestedRegion` instead. Whether ECR asks for `iam:PassRole` when a rule or
a template names a role is not documented: it is given for exactly these roles and services.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import TypeAlias

from generator.frozen_data import frozen
from generator.intent.records import intend
from generator.intent.registry_policies import policy_size
from generator.model.estate import Absent, Kind, Known, Link, Record
from generator.model.levels import PULL_THROUGH_SERVICE, TEMPLATE_SERVICE
from generator.model.topology import CredentialValue, IdentitySide, Topology
from generator.model.values import AccountId, Region, fill_placeholders, role_arn

Document: TypeAlias = "str | tuple[Document, ...] | Mapping[str, Document]"
"""A policy, or a part of one."""

MANAGED_POLICY_LIMIT = 6_144
"""Characters of a managed policy, white space not counted (IAM quotas)."""

_SERVICE_LINKED_ROLE = "AWSServiceRoleForECRPullThroughCache"
_READ_SECRET = ("DescribeSecret", "GetResourcePolicy")
_READ_ROLE = ("GetRole", "GetRolePolicy", "ListAttachedRolePolicies", "ListRolePolicies")
_READ_POLICY = ("GetPolicy", "GetPolicyVersion", "ListPolicyVersions")


class Purpose(StrEnum):
    """What a role does with an account."""

    DEPLOYER = "deployer"
    READER = "reader"


@frozen
class RolePolicy:
    """The policy of a role in one account."""

    account: str
    account_id: AccountId
    document: Document

    @property
    def size(self) -> int:
        """Its length as IAM counts it: characters without white space."""
        return policy_size(self.document)


@frozen
class _Root:
    """What an account's root module holds, and where."""

    account: AccountId
    partition: str
    regions: tuple[Region, ...]
    records: Sequence[Record]

    def of(self, *kinds: Kind) -> list[Record]:
        """The records of some kinds."""
        return [record for record in self.records if record.kind in kinds]

    def regions_of(self, *kinds: Kind) -> list[str]:
        """The regions that have a record of some kinds, sorted."""
        return sorted({str(record.region) for record in self.of(*kinds)})

    def iam(self, kind: str, key: str) -> str:
        """The ARN of a role or policy of the account by its name or path and name."""
        return f"arn:{self.partition}:iam::{self.account}:{kind}/{key}"


def _key(record: Record) -> str:
    """The key of a record; what a topology intends is all known."""
    assert isinstance(record.key, str)  # noqa: S101 - only readers of code have unknown keys
    return record.key


def role_policies(topology: Topology, purpose: Purpose) -> tuple[RolePolicy, ...]:
    """One policy for each account that has a root module, sorted by the account's name."""
    records: dict[AccountId, list[Record]] = {}
    for record in intend(topology).records:
        assert isinstance(record.account, AccountId)  # noqa: S101 - as with the key
        records.setdefault(record.account, []).append(record)
    found = []
    for name, account in sorted(topology.accounts.items()):
        if account.id not in records:
            continue
        root = _Root(
            account=account.id,
            partition=account.regions[0].aws_partition.id,
            regions=account.regions,
            records=records[account.id],
        )
        applies = purpose is Purpose.DEPLOYER
        statements = (
            *_registry(root, applies=applies),
            *_keys(topology, root, name),
            *_secrets(topology, root, name, applies=applies),
            *_roles(root, applies=applies),
            *_policies(root, _attached_roles(topology, name), applies=applies),
        )
        document: Document = {"Version": "2012-10-17", "Statement": tuple(statements)}
        found.append(RolePolicy(account=name, account_id=account.id, document=document))
    return tuple(found)


def _statement(
    sid: str,
    service: str,
    actions: Iterable[str],
    resources: Iterable[str],
    condition: Mapping[str, Document] | None = None,
) -> Document:
    statement: dict[str, Document] = {
        "Sid": sid,
        "Effect": "Allow",
        "Action": tuple(sorted(f"{service}:{action}" for action in actions)),
        "Resource": tuple(sorted(set(resources))),
    }
    if condition is not None:
        statement["Condition"] = condition
    return statement


def _in_regions(regions: Iterable[str]) -> Mapping[str, Document]:
    return {"StringEquals": {"aws:RequestedRegion": tuple(regions)}}


def _registry(root: _Root, *, applies: bool) -> Iterator[Document]:
    """Rules, creation templates, the registry policy and its scope: none takes a resource."""
    for sid, kind, read, write in (
        (
            "CacheRules",
            Kind.CACHE_RULE,
            ("DescribePullThroughCacheRules",),
            tuple(f"{verb}PullThroughCacheRule" for verb in ("Create", "Delete", "Update")),
        ),
        (
            "CreationTemplates",
            Kind.CREATION_TEMPLATE,
            ("DescribeRepositoryCreationTemplates",),
            tuple(f"{verb}RepositoryCreationTemplate" for verb in ("Create", "Delete", "Update")),
        ),
        (
            "RegistryPolicies",
            Kind.REGISTRY_POLICY,
            ("GetRegistryPolicy",),
            ("DeleteRegistryPolicy", "PutRegistryPolicy"),
        ),
        (
            "RegistryPolicyScope",
            Kind.ACCOUNT_SETTING,
            ("GetAccountSetting",),
            ("PutAccountSetting",),
        ),
    ):
        if regions := root.regions_of(kind):
            actions = (*read, *write) if applies else read
            yield _statement(sid, "ecr", actions, ["*"], _in_regions(regions))
    if applies and root.of(Kind.CACHE_RULE):
        yield _statement(
            "FirstRuleOfTheAccount",
            "iam",
            ["CreateServiceLinkedRole"],
            [root.iam("role", f"aws-service-role/{PULL_THROUGH_SERVICE}/{_SERVICE_LINKED_ROLE}")],
            {"StringEquals": {"iam:AWSServiceName": PULL_THROUGH_SERVICE}},
        )
    if applies:
        yield from _passed_roles(root)


def _passed_roles(root: _Root) -> Iterator[Document]:
    """The roles that rules and templates name, each for the one service that assumes it."""
    for sid, kind, service in (
        ("PassUpstreamRoles", Kind.CACHE_RULE, PULL_THROUGH_SERVICE),
        ("PassTemplateRoles", Kind.CREATION_TEMPLATE, TEMPLATE_SERVICE),
    ):
        passed = set()
        for record in root.of(kind):
            match record.attributes.get("custom_role_arn"):
                case Link(target=target):
                    passed.add(role_arn(root.partition, root.account, target.key))
                case Known(value=str() as arn):
                    passed.add(arn)
                case _:
                    pass
        if passed:
            yield _statement(
                sid,
                "iam",
                ["PassRole"],
                passed,
                {"StringEquals": {"iam:PassedToService": service}},
            )


def _keys(topology: Topology, root: _Root, account: str) -> Iterator[Document]:
    """The keys that are looked up by an alias, which may name any key of the region."""
    regions = sorted(
        {
            str(placed.region)
            for placed in topology.templates
            if placed.account == account and placed.kms_alias is not None
        }
    )
    if regions:
        yield _statement("KeyAliases", "kms", ["ListAliases"], ["*"], _in_regions(regions))
        keys = (f"arn:{root.partition}:kms:{region}:{root.account}:key/*" for region in regions)
        yield _statement("KeysByAlias", "kms", ["DescribeKey"], keys)


def _secrets(topology: Topology, root: _Root, account: str, *, applies: bool) -> Iterator[Document]:
    """The secrets that are made, those that are looked up, and those that are copied."""
    made = {
        _secret_arn(root, record.region, _key(record))
        for record in root.of(Kind.SECRET)
        if isinstance(record.region, Region)
    }
    looked_up = set()
    copied = set()
    for cache in topology.caches:
        if cache.account != account or cache.credential is None:
            continue
        if cache.credential.value is CredentialValue.EXISTING:
            looked_up.add(_secret_arn(root, cache.region, cache.credential.secret))
        if cache.credential.copy_of is not None:
            copied.add(
                fill_placeholders(
                    cache.credential.copy_of, account=root.account, region=cache.region
                )
            )
    if made and applies:
        yield _statement(
            "Secrets",
            "secretsmanager",
            (
                *_READ_SECRET,
                "CreateSecret",
                "DeleteSecret",
                "GetSecretValue",
                "ListSecretVersionIds",
                "PutSecretValue",
                "TagResource",
                "UntagResource",
                "UpdateSecret",
                "UpdateSecretVersionStage",
            ),
            made,
        )
    elif made:
        yield _statement("Secrets", "secretsmanager", _READ_SECRET, made)
    if looked_up:
        yield _statement("ExistingSecrets", "secretsmanager", _READ_SECRET, looked_up)
    if copied and applies:
        yield _statement("CopiedSecrets", "secretsmanager", ["GetSecretValue"], copied)


def _secret_arn(root: _Root, region: Region, name: str) -> str:
    # Secrets Manager adds a hyphen and six characters of its own to the name.
    return f"arn:{root.partition}:secretsmanager:{region}:{root.account}:secret:{name}-??????"


def _roles(root: _Root, *, applies: bool) -> Iterator[Document]:
    roles = root.of(Kind.ROLE)
    if roles:
        write = (
            "CreateRole",
            "DeleteRole",
            "DeleteRolePolicy",
            "ListInstanceProfilesForRole",
            "PutRolePolicy",
            "TagRole",
            "UntagRole",
            "UpdateAssumeRolePolicy",
            "UpdateRole",
        )
        bounded = any(
            not isinstance(record.attributes["permissions_boundary"], Absent) for record in roles
        )
        boundary = ("DeleteRolePermissionsBoundary", "PutRolePermissionsBoundary") * bounded
        yield _statement(
            "Roles",
            "iam",
            (*_READ_ROLE, *write, *boundary) if applies else _READ_ROLE,
            (root.iam("role", _key(record)) for record in roles),
        )


def _attached_roles(topology: Topology, account: str) -> set[str]:
    """The roles of an account that policies are attached to, with their paths."""
    return {
        grant.consumer.role
        for grant in topology.grants
        if grant.identity is IdentitySide.ATTACH
        and grant.consumer_account == account
        and grant.consumer.role is not None
    }


def _policies(root: _Root, attached: Iterable[str], *, applies: bool) -> Iterator[Document]:
    """The policies of consumers, and the roles that they are attached to."""
    policies = {
        _key(record): root.iam("policy", _key(record)) for record in root.of(Kind.MANAGED_POLICY)
    }
    if policies:
        write = (
            "CreatePolicy",
            "CreatePolicyVersion",
            "DeletePolicy",
            "DeletePolicyVersion",
            "TagPolicy",
            "UntagPolicy",
        )
        yield _statement(
            "PullerPolicies",
            "iam",
            (*_READ_POLICY, *write) if applies else _READ_POLICY,
            policies.values(),
        )
    roles = [root.iam("role", role) for role in attached]
    if roles:
        yield _statement("ReadPullerRoles", "iam", ["GetRole", "ListAttachedRolePolicies"], roles)
        if applies:
            yield _statement(
                "AttachToPullerRoles",
                "iam",
                ["AttachRolePolicy", "DetachRolePolicy"],
                roles,
                {"ArnEquals": {"iam:PolicyARN": tuple(sorted(policies.values()))}},
            )
