"""What somebody of an access gets by policies: nothing means that nobody of it does.

The opposite of a demand: all else may be allowed, and is not asked for.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from generator.iam.access import Access, Judgement, Organization, RepositoryScope
from generator.iam.actions import ecr_actions
from generator.iam.demands import Want, demands_of
from generator.iam.document import Policy
from generator.iam.globs import TooComplexError
from generator.iam.judge import judgement_of, too_complex, universe_of
from generator.iam.reach import JudgedScopes
from generator.iam.settings import bearer_of, identity_setting, resource_setting
from generator.iam.universe import Universe
from generator.model.values import AccountId, Region


def given_by_resource_policy(
    policy: Policy,
    *,
    registry_account: AccountId,
    region: Region,
    asked: Sequence[Access],
    known_accounts: Collection[AccountId],
    organization: Organization | None = None,
    repository: str | None = None,
    without: Sequence[str] = (),
    now: datetime | None = None,
) -> Judgement:
    """What a registry's policy gives to anybody of the asked, as over-grants.

    As if every identity policy allowed everything. With `repository` it is the policy of those
    repositories, as in `judge_resource_policy`.
    """
    setting = resource_setting(
        registry_account,
        region,
        repository=repository,
        asked=asked,
        known_accounts=known_accounts,
        organization=organization,
        now=now,
    )
    try:
        universe, resolved = universe_of(
            (policy,),
            setting,
            intended=asked,
            actions=ecr_actions(),
            repository=repository,
            without=without,
        )
        return _given(universe, resolved, (policy,), asked)
    except TooComplexError as problem:
        return too_complex((policy,), problem)


def given_by_identity_policies(
    policies: Sequence[Policy],
    *,
    account: AccountId,
    role: str | None,
    asked: Sequence[Access],
    judged_prefixes: Iterable[RepositoryScope],
    organization: Organization | None = None,
    boundary: Policy | None = None,
    now: datetime | None = None,
) -> Judgement:
    """What the identity policies of a role give of the asked, within its boundary, as over-grants."""
    scopes = JudgedScopes.of(judged_prefixes)
    limits = () if boundary is None else (boundary,)
    regions = tuple(dict.fromkeys(one.region for one in asked if one.region is not None))
    setting = identity_setting(account, regions=regions, organization=organization, now=now)
    bearer = bearer_of(account, role)
    try:
        universe, resolved = universe_of(
            (*policies, *limits),
            setting,
            intended=(*asked, bearer),
            actions=ecr_actions(),
            judged=scopes.in_reach((*policies, *limits)),
            bearer=bearer,
        )
        own = resolved[: len(policies)]
        return _given(universe, own, policies, asked, (resolved[len(policies) :], limits))
    except TooComplexError as problem:
        return too_complex(policies, problem)


def _given(
    universe: Universe,
    resolved: Sequence[Policy],
    written: Sequence[Policy],
    asked: Sequence[Access],
    limits: tuple[Sequence[Policy], Sequence[Policy]] = ((), ()),
) -> Judgement:
    everyone = universe.everyone
    every_action, everywhere = universe.every_action, universe.every_resource
    principals = actions = resources = 0
    for demand in demands_of(universe, asked):
        principals |= demand.want.principals
        actions |= demand.want.actions
        resources |= demand.want.resources
    return judgement_of(
        universe,
        resolved,
        written,
        wants=(
            Want(everyone & ~principals, every_action, everywhere),
            Want(everyone, every_action & ~actions, everywhere),
            Want(everyone, every_action, everywhere & ~resources),
        ),
        accepted=(),
        demands=(),
        given=0,
        limits=limits,
    )
