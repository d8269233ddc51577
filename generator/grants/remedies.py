"""What to write where access is missing: a statement, or an entry of a generated module call."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

from generator.generate.access_calls import pull_entry, registry_grant, repositories_argument
from generator.iam import Access, PolicyKind, UnderGrant
from generator.intent import addresses
from generator.intent.consumer_policies import PullGrant
from generator.intent.registry_forms import UPSTREAM, RegistryStatement
from generator.model.estate import Json
from generator.model.levels import DOWNSTREAM_ACTIONS, UPSTREAM_ACTIONS, Level
from generator.model.values import repository_arn
from generator.render import hcl

if TYPE_CHECKING:
    from generator.grants.judged_policy import JudgedPolicy
    from generator.render.literal import Value

_Scope: TypeAlias = tuple[bool, str | None, str | None]
"""Whether it is an account; else the organization, and the path of a unit of it."""


def level_of(access: Access) -> str | None:
    """The level that an access stands for, `None` for what no grant of a topology is about."""
    for level in Level:
        if access.actions == frozenset(level.actions):
            return level.value
    return UPSTREAM if access.actions == frozenset(UPSTREAM_ACTIONS) else None


def level_that_is_left(grant: UnderGrant) -> str | None:
    """The highest level that a policy gives in full of an access that it does not give in full."""
    if grant.access is None:
        return None
    given = grant.access.actions.difference(grant.actions)
    return next((level.value for level in reversed(Level) if given.issuperset(level.actions)), None)


def missing_statements(policy: "JudgedPolicy", grants: Sequence[UnderGrant]) -> tuple[Json, ...]:
    """The statements that give what is missing and nothing else, for grants that lack the same."""
    actions = grants[0].actions
    match policy.kind:
        case PolicyKind.TRUST:
            return (
                {
                    "Effect": "Allow",
                    "Principal": {"Service": policy.service},
                    "Action": actions,
                },
            )
        case PolicyKind.IDENTITY:
            resources = tuple(dict.fromkeys(_resource(grant.access) for grant in grants))
            return ({"Effect": "Allow", "Action": actions, "Resource": resources},)
        case PolicyKind.REGISTRY | PolicyKind.REPOSITORY:
            return tuple(_resource_statements(actions, _accesses(grants)))


def _resource_statements(
    actions: tuple[str, ...], accesses: Sequence[Access]
) -> Iterator[dict[str, Json]]:
    """Statements for those who lack the same repositories; only accounts share one."""
    resources: dict[tuple[_Scope, str | None, str | None], list[str]] = {}
    for access in accesses:
        scope = (access.account is not None, access.organization, access.unit)
        lacked_by_one = resources.setdefault((scope, access.account, _arn(access)), [])
        if (resource := _resource(access)) not in lacked_by_one:
            lacked_by_one.append(resource)
    merged: dict[tuple[_Scope, tuple[str, ...], bool], list[tuple[str | None, str | None]]] = {}
    for (scope, account, arn), lacked in resources.items():
        merged.setdefault((scope, tuple(lacked), arn is None), []).append((account, arn))
    for ((_, organization, unit), lacked_by_all, _), principals in merged.items():
        accounts = tuple(sorted({account for account, _ in principals if account is not None}))
        conditions: dict[str, Json] = {}
        if arns := tuple(sorted({arn for _, arn in principals if arn is not None})):
            operator = "ArnLike" if set("*?") & set("".join(arns)) else "ArnEquals"
            conditions[operator] = {"aws:PrincipalArn": arns}
        if unit is not None:
            conditions["ForAnyValue:StringLike"] = {"aws:PrincipalOrgPaths": (f"{unit}*",)}
        elif organization is not None:
            conditions["StringEquals"] = {"aws:PrincipalOrgID": (organization,)}
        yield {
            "Effect": "Allow",
            "Principal": {"AWS": accounts or ("*",)},
            "Action": actions,
            "Resource": lacked_by_all,
            **({"Condition": conditions} if conditions else {}),
        }


def _arn(access: Access) -> str | None:
    if access.role is None or access.region is None:
        return None
    return f"arn:{access.region.aws_partition.id}:iam::{access.account or '*'}:role/{access.role}"


def missing_entries(
    policy: "JudgedPolicy", grants: Sequence[UnderGrant]
) -> Mapping[str, tuple[str, ...]]:
    """The entries, by the argument they belong to, for a policy that a generated call makes.

    It is empty for every other policy, and for what its call does not take entry by entry.
    """
    accesses = _accesses(grants)
    if len(accesses) != len(grants):
        return {}
    call = ".".join(policy.address.split(".", 2)[:2])
    found: dict[str, dict[str, None]] = {}
    for access in accesses:
        for argument, entry in _entries(policy, call, access):
            found.setdefault(f"`{argument}` of `{call}`", {})[entry] = None
        if not found:
            return {}
    return {argument: tuple(entries) for argument, entries in found.items()}


def _entries(policy: "JudgedPolicy", call: str, access: Access) -> Iterator[tuple[str, str]]:
    if access.region is None or access.registry_account is None:
        return
    level = level_of(access)
    key = policy.address.rpartition('["')[2].removesuffix('"]')
    if policy.kind is PolicyKind.REGISTRY and call == addresses.access(access.region):
        for statement in policy.wanted:
            if level == statement.level and _is_of(access, statement):
                yield "grants", f"{statement.sid} = {hcl(registry_grant(statement))}"
    elif call == addresses.PULLERS and (written := _written_entry(policy, access, level)):
        yield f"policies.{key}.grants", f"{hcl(pull_entry(written))},"
    elif call == addresses.PULLERS and level is not None:
        grant: dict[str, Value] = {
            "level": level,
            "account_id": str(access.registry_account),
            "region": str(access.region),
            **repositories_argument([access.repositories]),
        }
        yield f"policies.{key}.grants", f"{hcl(grant)},"
    elif call == addresses.UPSTREAM_ACCESS:
        place: dict[str, Value] = {
            "region": str(access.region),
            "prefix": "ROOT" if access.repositories == "*" else access.repositories[:-2],
        }
        if level == UPSTREAM:
            place = {"account_id": str(access.registry_account), **place}
            yield f"roles.{key}.upstreams", f"{hcl(place)},"
        elif access.actions == frozenset(DOWNSTREAM_ACTIONS):
            yield f"roles.{key}.caches", f"{hcl(place)},"


def _written_entry(policy: "JudgedPolicy", access: Access, level: str | None) -> PullGrant | None:
    """The entry that `generate` writes for an access, with all that it puts into it."""
    return next(
        (
            grant
            for grant in policy.pull_grants
            if grant.level.value == level
            and (grant.account_id, grant.region) == (access.registry_account, access.region)
            and access.repositories in grant.repositories
        ),
        None,
    )


def _is_of(access: Access, statement: RegistryStatement) -> bool:
    """Whether a statement that generate writes gives an access of its level."""
    if (
        access.repositories not in statement.repositories
        or (access.role is None) != (not statement.principal_arns)
        or (access.unit is None and access.organization != statement.organization)
    ):
        return False
    if access.unit is not None:
        return access.unit in statement.units
    if access.account is None or not statement.account_ids:
        return not statement.units and (
            access.account is None or _arn(access) in statement.principal_arns
        )
    return access.account in statement.account_ids


def statements_text(statements: Iterable[Json]) -> str:
    """Statements as JSON, as a list has them, one element a line."""
    return ",\n".join(map(_statement_text, statements))


def _statement_text(statement: Json) -> str:
    assert isinstance(statement, Mapping)  # noqa: S101 - statements are made here
    lines = ",\n".join(
        f"  {json.dumps(name)}: {json.dumps(value)}" for name, value in statement.items()
    )
    return f"{{\n{lines}\n}}"


def indented(texts: Iterable[str]) -> str:
    """Texts to copy as lines of a message, which indents what keeps its shape."""
    return "\n".join(f"  {line}" for text in texts for line in text.split("\n"))


def _accesses(grants: Sequence[UnderGrant]) -> list[Access]:
    return [grant.access for grant in grants if grant.access is not None]


def _resource(access: Access | None) -> str:
    if access is None or access.region is None or access.registry_account is None:
        return "*"
    return repository_arn(access.region, access.registry_account, access.repositories)
