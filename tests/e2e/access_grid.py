"""What code makes true, asked one concrete request after another: the measure for drift and check.

Only the reading of the code and the plain evaluator are used, not the engine that drift and check
judge with.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from generator.estate.spellings import matches_role
from generator.iam import Policy, PolicyKind, Request, decide, parse_policy
from generator.intent.consumer_policies import consumer_document, consumer_policies
from generator.intent.records import intend
from generator.intent.service_roles import upstream_roles
from generator.model.estate import (
    Absent,
    Attribute,
    Estate,
    Json,
    Kind,
    Known,
    Link,
    Record,
    Unknown,
)
from generator.model.topology import IdentitySide, Topology

EMPTY: Json = {"Version": "2012-10-17", "Statement": ()}
OUTSIDE = "999988887777"
ROLES = ("eks-node", "forebay-upstream", "other", "ci/builder")
SERVICES = ("pullthroughcache.ecr.amazonaws.com", "ecr.amazonaws.com")
ACTIONS = (
    "ecr:BatchGetImage",
    "ecr:BatchImportUpstreamImage",
    "ecr:CreateRepository",
    "ecr:DeleteRepository",
    "ecr:GetAuthorizationToken",
    "ecr:GetDownloadUrlForLayer",
    "ecr:GetImageCopyStatus",
    "ecr:PutImage",
    "ecr:SetRepositoryPolicy",
    "ecr:DescribeImages",
)
PULLS = frozenset(
    {
        "ecr:BatchGetImage",
        "ecr:BatchImportUpstreamImage",
        "ecr:CreateRepository",
        "ecr:GetDownloadUrlForLayer",
    }
)
WRITES = frozenset({"ecr:DeleteRepository", "ecr:PutImage", "ecr:SetRepositoryPolicy"})
Fact = tuple[str, ...]
Answers = Mapping[Fact, "str | bool | None"]
"""What is so, by what it is about; `None` stands for what nobody can tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """The requests that are asked about one topology."""

    topology: Topology

    @property
    def accounts(self) -> list[str]:
        """The accounts of the topology and one outside."""
        return [*(account.id for account in self.topology.accounts.values()), OUTSIDE]

    @property
    def partition(self) -> str:
        """The partition of the topology's regions."""
        return next(iter(self.topology.accounts.values())).regions[0].aws_partition.id

    def people(self, accounts: Iterable[str]) -> list[str]:
        """Roles of some accounts and the accounts themselves."""
        return [
            f"arn:{self.partition}:iam::{account}:{name}"
            for account in accounts
            for name in ("root", *(f"role/{role}" for role in ROLES))
        ]

    def repositories(self, region: str, account: str) -> list[str]:
        """Repositories in and beside every prefix, in one registry."""
        prefixes = {str(cache.prefix) for cache in self.topology.caches if not cache.prefix.is_root}
        prefixes |= {str(cache.upstream_prefix) for cache in self.topology.caches}
        names = [*(f"{prefix}/app" for prefix in sorted(prefixes)), "own/app", "platformx/app"]
        return [f"arn:{self.partition}:ecr:{region}:{account}:repository/{name}" for name in names]

    def registries(self) -> list[tuple[str, str]]:
        """Account and region of each registry."""
        return [
            (account.id, str(region))
            for account in self.topology.accounts.values()
            for region in account.regions
        ]


def facts(topology: Topology, estate: Estate) -> dict[Fact, str | bool | None]:
    """Everything that the topology says something about, as the code has it."""
    grid = Grid(topology=topology)
    found: dict[Fact, str | bool | None] = {}
    found |= _settings(topology, estate)
    for registry in grid.registries():
        found |= _registry_answers(grid, estate, *registry)
    found |= _role_answers(grid, topology, estate)
    return found


def lost_or_changed(before: Answers, after: Answers) -> list[Fact]:
    """What drift must speak of: everything but rights that other policies add to a role."""
    return [
        fact
        for fact in sorted(before.keys() | after.keys())
        if before.get(fact) != after.get(fact)
        and not (fact[0] == "identity" and before[fact] is False and after[fact] is True)
        and fact[0] != "opaque"
    ]


def gained(topology: Topology, before: Answers, after: Answers) -> list[Fact]:
    """What check must speak of: requests that are, or may be, allowed and were not."""
    scopes = [
        f":{cache.region}:{topology.accounts[cache.account].id}:repository/"
        f"{cache.prefix.repositories.rstrip('*')}"
        for cache in topology.caches
    ]
    return [
        fact
        for fact, answer in after.items()
        if answer is not False
        and before.get(fact, False) is False
        and fact[0] in {"registry", "identity", "trust", "opaque", "policies refused"}
        and not _is_harmless(before, fact)
        # Elsewhere than in caches, identity policies are judged on pulls and imports alone.
        and (
            fact[0] != "identity"
            or fact[3] in PULLS
            or (fact[3] in WRITES and any(scope in fact[4] for scope in scopes))
        )
    ]


def lost(before: Answers, after: Answers) -> list[Fact]:
    """Requests that were allowed and are not any more, or may not be."""
    return [
        fact
        for fact, answer in before.items()
        if answer is True
        and after.get(fact) is not True
        and fact[0] in {"registry", "identity", "trust"}
        and not _is_harmless(before, fact)
    ]


def _is_harmless(before: Answers, fact: Fact) -> bool:
    """Reading more about what one may pull anyway; a token without which nothing is pulled."""
    if fact[-2:] == ("ecr:GetAuthorizationToken", "*"):
        return fact[0] == "registry" or before.get(fact) is not True
    return (
        fact[-2:-1] == ("ecr:DescribeImages",)
        and before.get((*fact[:-2], "ecr:BatchGetImage", fact[-1])) is True
    )


def _settings(topology: Topology, estate: Estate) -> dict[Fact, str | bool | None]:
    """Attributes of rules, secrets and settings, as texts."""
    kinds = {
        Kind.CACHE_RULE,
        Kind.CREATION_TEMPLATE,
        Kind.ACCOUNT_SETTING,
        Kind.SECRET,
        Kind.SECRET_VERSION,
    }
    wanted = {record.identity for record in intend(topology).records}
    registries = {
        (account.id, region) for account in topology.accounts.values() for region in account.regions
    }
    found: dict[Fact, str | bool | None] = {}
    for record in estate.records:
        if record.kind not in kinds:
            continue
        identity = record.identity
        if identity is None:
            found["unknown", record.address] = None
            continue
        if (identity.account, identity.region) not in registries or (
            record.kind in {Kind.SECRET, Kind.SECRET_VERSION}
            and not identity.key.startswith("ecr-pullthroughcache/")
        ):
            continue
        if record.kind is Kind.SECRET_VERSION and identity not in wanted:
            continue
        where = (record.kind.value, identity.account, str(identity.region), identity.key)
        found[where] = None if record.uncertain else True
        for name, attribute in record.attributes.items():
            if name not in {"ecr_repository_prefix", "secret_id", "name"}:
                found[*where, name] = _text(name, attribute)
    return {fact: value for fact, value in found.items() if value != ""}


def _text(name: str, attribute: Attribute) -> str | None:
    match attribute:
        case Absent():
            return ""
        case Link(target=target):
            return f"{target.kind.value} {target.account} {target.region} {target.key}"
        case Unknown():
            return None
        case Known(value=value):
            text = "" if value in ((), None) else str(value)
            return "" if name == "upstream_repository_prefix" and text in {"", "ROOT"} else text


def _policy(record: Record, name: str) -> Policy:
    """A policy as it stands; nothing is known of one that may not be there."""
    attribute = record.get(name)
    document: Json = EMPTY
    if record.uncertain is not None:
        document = record.uncertain
    elif isinstance(attribute, Known):
        document = attribute.value
    elif isinstance(attribute, Unknown):
        document = attribute
    return _parsed(repr(document), document, record.address)


_POLICIES: dict[tuple[str, str], Policy] = {}
_ANSWERS: dict[tuple[object, ...], bool | None] = {}


def _parsed(text: str, document: Json, source: str) -> Policy:
    """A policy, parsed once: most edits leave most policies as they are."""
    if (text, source) not in _POLICIES:
        _POLICIES[text, source] = parse_policy(document, source=source)
    return _POLICIES[text, source]


def _is_allowed(
    request: Request,
    *,
    account: str,
    resource: Sequence[Policy] | None = None,
    identity: Sequence[Policy] | None = None,
    kind: PolicyKind = PolicyKind.REGISTRY,
) -> bool | None:
    """The answer to a request to a resource of an account, worked out once for the same policies."""
    # Policies are kept, so each has its own id; `None` is a side that is not looked at.
    sides = (None if side is None else tuple(map(id, side)) for side in (resource, identity))
    asked = (request.principal, request.action, request.resource, account, kind, *sides)
    if asked not in _ANSWERS:
        _ANSWERS[asked] = decide(
            request,
            resource_account=account,
            resource_policies=resource,
            identity_policies=identity,
            kind=kind,
        ).allowed
    return _ANSWERS[asked]


def _registry_answers(
    grid: Grid, estate: Estate, account: str, region: str
) -> dict[Fact, str | bool | None]:
    """Who may do what by the registry policy alone; identity policies are taken to allow all."""
    records = [
        record
        for record in estate.records
        if record.kind is Kind.REGISTRY_POLICY
        and (record.account == account or isinstance(record.account, Unknown))
        and (record.region == region or isinstance(record.region, Unknown))
    ]
    found: dict[Fact, str | bool | None] = {
        ("registry policies", account, region): str(len(records))
    }
    policies = [_policy(record, "policy") for record in records[:1]]
    if policies and policies[0].problems:
        found["registry policy refused", account, region] = True
    people = grid.people(grid.accounts)
    for principal, action, resource in itertools.product(
        [*people, "*", *SERVICES], ACTIONS, grid.repositories(region, account)
    ):
        target = "*" if action == "ecr:GetAuthorizationToken" else resource
        request = _request(principal, action, target)
        answer = _is_allowed(request, account=account, resource=policies)
        found["registry", account, region, principal, action, target] = answer
    return found


def _role_answers(grid: Grid, topology: Topology, estate: Estate) -> dict[Fact, str | bool | None]:
    """What the roles of forebay and of consumers may do by their own policies, and who may be them."""
    found: dict[Fact, str | bool | None] = {}
    resources = [
        resource
        for account, region in [*grid.registries(), (OUTSIDE, "eu-west-1")]
        for resource in grid.repositories(region, account)
    ]
    for account_name, role in _judged_roles(topology):
        account = topology.accounts[account_name].id
        trusts = [
            record
            for record in estate.records
            if record.kind is Kind.ROLE and record.account == account and record.key == role
        ]
        if upstream_roles(topology).get(account_name) and (
            upstream_roles(topology)[account_name].name == role
        ):
            policies = [_policy(record, "assume_role_policy") for record in trusts]
            for principal in (*grid.people(grid.accounts), "*", *SERVICES):
                found["trust", account, role, principal] = _is_allowed(
                    _request(principal, "sts:AssumeRole", ""),
                    account=account,
                    resource=policies,
                    kind=PolicyKind.TRUST,
                )
        policies = [
            _policy(record, "policy") for record in _reaching(topology, estate, account_name, role)
        ]
        found["policies refused", account, role] = any(policy.problems for policy in policies)
        for key in _attached(estate, account, role):
            if key.startswith("arn:"):
                found["opaque", account, role, key] = True
        for action, resource in itertools.product(ACTIONS, resources):
            target = "*" if action == "ecr:GetAuthorizationToken" else resource
            request = _request(f"arn:{grid.partition}:iam::{account}:role/{role}", action, target)
            answer = _is_allowed(request, account=resource.split(":")[4], identity=policies)
            found["identity", account, role, action, target] = answer
    return found


def _request(principal: str, action: str, resource: str) -> Request:
    context = {"aws:SecureTransport": "true"}
    return Request(principal=principal, action=action, resource=resource, context=context)


def _judged_roles(topology: Topology) -> list[tuple[str, str]]:
    roles = {(name, role.name) for name, role in upstream_roles(topology).items()}
    for grant in topology.grants:
        if grant.consumer.identity is not IdentitySide.ELSEWHERE and grant.consumer.role:
            roles.add((grant.consumer_account, grant.consumer.role))
    return sorted(roles)


def _plain(document: object) -> object:
    """A document whose lists are of one type, to be compared."""
    if isinstance(document, Mapping):
        return {key: _plain(value) for key, value in document.items()}
    return [*map(_plain, document)] if isinstance(document, list | tuple) else document


def _reaching(topology: Topology, estate: Estate, account_name: str, role: str) -> list[Record]:
    """The policies of a role: its own, those attached, and for a consumer those meant for it.

    Meant for a consumer are those of its name, and those that say the same under another one.
    """
    account = topology.accounts[account_name].id
    meant = (
        [
            policy
            for policy in consumer_policies(topology).values()
            if policy.account == account_name and policy.role == role
        ]
        if role not in {each.name for each in upstream_roles(topology).values()}
        else []
    )
    names = {policy.name for policy in meant}
    in_code = any(
        record.kind is Kind.ROLE and isinstance(record.key, str) and matches_role(role, record.key)
        for record in estate.records
        if record.account == account
    )
    attached = _attached(estate, account, role)
    said = []
    if not in_code:
        attached |= names
        said = [_plain(consumer_document(policy)) for policy in meant]
    return [
        record
        for record in estate.records
        if record.account == account
        and (
            (
                record.kind is Kind.ROLE_POLICY
                and (isinstance(record.key, Unknown) or record.key.rpartition(":")[0] == role)
            )
            or (
                record.kind is Kind.MANAGED_POLICY
                and (
                    # Where a policy is by its path does not matter to anybody but its owner.
                    (
                        isinstance(record.key, str)
                        and {record.key, record.key.rpartition("/")[2]} & attached
                    )
                    or _plain(getattr(record.get("policy"), "value", None)) in said
                )
            )
        )
    ]


def _attached(estate: Estate, account: str, role: str) -> set[str]:
    """Keys or ARNs of the managed policies that are attached to a role."""
    return {
        record.key.partition(":")[2]
        for record in estate.records
        if record.kind is Kind.ATTACHMENT
        and record.account == account
        and isinstance(record.key, str)
        and record.key.partition(":")[0] == role.rsplit("/", 1)[-1]
    }
