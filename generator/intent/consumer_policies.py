"""The identity policies of consumers: which statements each gets, and the documents."""

from collections.abc import Iterable

from generator.frozen_data import frozen
from generator.intent.statements import allow
from generator.model.estate import Json
from generator.model.levels import AUTHORIZATION_ACTION, Level
from generator.model.span import Span
from generator.model.topology import Grant, IdentitySide, Topology
from generator.model.values import AccountId, Region, repositories_order, repository_arn


@frozen
class PullGrant:
    """One statement of a consumer's policy: a level on repositories (patterns) of one registry."""

    level: Level
    account_id: AccountId
    region: Region
    repositories: tuple[str, ...]


@frozen
class ConsumerPolicy:
    """The identity policy of one consumer in one account; `attach_to` is its role's name or None.

    `key` is its path and name. `account` is a unit or the organization for a policy that is handed
    over; `who` has it, in words.
    """

    account: str
    name: str
    key: str
    role: str | None
    who: str
    grants: tuple[PullGrant, ...]
    attach_to: str | None
    span: Span


def consumer_policies(topology: Topology) -> dict[tuple[str, str], ConsumerPolicy]:
    """The identity policies that `generate` writes, by account and policy name."""
    return _policies_of(
        topology,
        (grant for grant in topology.grants if grant.identity is not IdentitySide.ELSEWHERE),
    )


def consumer_policies_in(topology: Topology, account: str) -> tuple[ConsumerPolicy, ...]:
    """Those of one account, by its name."""
    grants = (
        grant
        for grant in topology.grants_to(account)
        if grant.identity is not IdentitySide.ELSEWHERE and grant.consumer_account == account
    )
    return tuple(_policies_of(topology, grants).values())


def handed_over_policies(topology: Topology) -> dict[tuple[str, str], ConsumerPolicy]:
    """The identity policies that somebody else must add, by scope and policy name.

    The scope is an account's name or id, `unit NAME` or `organization`.
    """
    grants = (grant for grant in topology.grants if grant.is_handed_over)
    return _policies_of(topology, grants)


def _policies_of(
    topology: Topology, chosen: Iterable[Grant]
) -> dict[tuple[str, str], ConsumerPolicy]:
    grouped: dict[tuple[str, str], list[Grant]] = {}
    for grant in chosen:
        name = topology.name_prefix + grant.consumer.policy_name
        grouped.setdefault((grant.scope, name), []).append(grant)
    return {
        (account, name): ConsumerPolicy(
            account=account,
            name=name,
            key=topology.iam.key(name),
            role=grants[0].consumer.role,
            who=grants[0].consumer.who,
            grants=_pull_grants(topology, grants),
            attach_to=_attach_to(grants[0]),
            span=grants[0].consumer.span,
        )
        for (account, name), grants in sorted(grouped.items())
    }


def consumer_document(policy: ConsumerPolicy) -> Json:
    """The identity policy of a consumer as a JSON-like value."""
    statements: list[Json] = [allow((AUTHORIZATION_ACTION,), ("*",))]
    for grant in policy.grants:
        arns = (
            repository_arn(grant.region, grant.account_id, repositories)
            for repositories in grant.repositories
        )
        statements.append(allow(grant.level.actions, tuple(arns)))
    return {"Version": "2012-10-17", "Statement": tuple(statements)}


def _pull_grants(topology: Topology, grants: Iterable[Grant]) -> tuple[PullGrant, ...]:
    """One grant for each registry and level, with what a higher level covers left out."""
    strongest: dict[tuple[AccountId, Region, str], Level] = {}
    for grant in grants:
        cache = grant.cache
        key = (topology.accounts[cache.account].id, cache.region, grant.repositories)
        known = strongest.get(key)
        if known is None or set(known.actions) < set(grant.level.actions):
            strongest[key] = grant.level
    grouped: dict[tuple[AccountId, Region, str], list[str]] = {}
    for (account_id, region, repositories), level in strongest.items():
        grouped.setdefault((account_id, region, level.value), []).append(repositories)
    return tuple(
        PullGrant(
            level=Level(level),
            account_id=account_id,
            region=region,
            repositories=tuple(sorted(of_level, key=repositories_order)),
        )
        for (account_id, region, level), of_level in sorted(grouped.items())
    )


def _attach_to(grant: Grant) -> str | None:
    """The role's own name, without its path: what an attachment takes."""
    if grant.identity is not IdentitySide.ATTACH or grant.consumer.role is None:
        return None
    return grant.consumer.role.rsplit("/", 1)[-1]
