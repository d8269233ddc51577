"""What a root's README tells beside its caches: what must be there before, and who pulls how."""

from collections.abc import Iterator

from generator.export.show import pull_uri
from generator.generate.root_plan import RootPlan
from generator.model.topology import Cache, CredentialValue, IdentitySide, Topology
from generator.model.values import registry_host

_MOST_PULLS = 12
"""Images that are shown at most to those who pull from other accounts."""


def needed_before(topology: Topology, plan: RootPlan) -> list[dict[str, str]]:
    """What has to exist before the first apply, each with why."""
    return [
        {"what": what, "name": name, "why": why}
        for what, name, why in dict.fromkeys(_needed(topology, plan))
    ]


def _needed(topology: Topology, plan: RootPlan) -> Iterator[tuple[str, str, str]]:
    for policy in plan.pullers:
        if policy.attach_to is not None:
            yield "role", policy.role or policy.attach_to, "its policy is attached to it"
    boundary = topology.permissions_boundary(plan.account)
    if boundary is not None and (plan.upstream_role or plan.template_role):
        yield "policy", boundary, "it is the permissions boundary of each role that is made"
    for cache in plan.caches:
        if cache.named_role is not None:
            yield "role", cache.named_role, f"the cache {cache.prefix} reads its upstream with it"
    for placed in plan.templates:
        if placed.template.role is not None:
            yield (
                "role",
                placed.template.role,
                f"the creation template for {placed.prefix} takes it",
            )
    for cache in plan.caches:
        credential = cache.credential
        if credential is not None and credential.value is CredentialValue.EXISTING:
            yield (
                "secret",
                f"{credential.secret} in {cache.region}",
                f"the cache {cache.prefix} takes its token from it",
            )


def policies_of_pullers(topology: Topology, plan: RootPlan) -> list[dict[str, object]]:
    """The policies for those who pull: their names, and what is left to do with each."""
    account = topology.accounts[plan.account]
    partition = plan.region.aws_partition.id
    found: list[dict[str, object]] = []
    for policy in plan.pullers:
        is_exact = policy.role is not None and not set(policy.role) & set("*?")
        found.append(
            {
                "name": policy.name,
                "who": policy.who,
                "is_attached": policy.attach_to is not None,
                "role": policy.role.rsplit("/", 1)[-1] if is_exact and policy.role else "ROLE",
                "arn": f"arn:{partition}:iam::{account.id}:policy/{policy.key}",
            }
        )
    return found


def pulls_elsewhere(topology: Topology, account: str) -> list[dict[str, object]]:
    """The registries of other accounts that those of an account pull from, with an image of each cache."""
    caches: dict[tuple[str, str], list[Cache]] = {}
    shown = 0
    for grant in topology.grants_to(account):
        cache = grant.cache
        if (
            grant.consumer_account != account
            or cache.account == account
            or grant.identity is IdentitySide.ELSEWHERE
        ):
            continue
        of_registry = caches.setdefault((cache.account, str(cache.region)), [])
        if cache not in of_registry and shown < _MOST_PULLS:
            of_registry.append(cache)
            shown += 1
    return [
        {
            "region": region,
            "name": registry_host(found[0].region, topology.accounts[owner].id),
            "uris": [pull_uri(topology, cache) for cache in found],
        }
        for (owner, region), found in sorted(caches.items())
        if found
    ]
