"""The least IAM policy for the role that a snapshot enters an account by, from the calls that it makes."""

from collections.abc import Iterable, Iterator

from generator.aws.calls import CALLS, PROBES, SECRET_PREFIX
from generator.intent.deployer_policies import Document, RolePolicy
from generator.model.snapshot import Fact, Wanted

_REGISTRY = (Fact.RULES, Fact.TEMPLATES, Fact.REGISTRY_POLICY, Fact.SCOPE)
_SECRET = (Fact.SECRET, Fact.SECRET_POLICY)
_ROLE = (Fact.ROLE, Fact.ROLE_POLICIES, Fact.ROLE_POLICY, Fact.ATTACHED)
_POLICY = (Fact.POLICY, Fact.POLICY_DOCUMENT, Fact.HOLDERS)
_REPOSITORY = (
    Fact.REPOSITORIES,
    Fact.REPOSITORY_POLICY,
    Fact.LIFECYCLE_POLICY,
    Fact.REPOSITORY_TAGS,
)


def reading_policies(
    wanted: Iterable[Wanted], *, is_deep: bool = False, may_probe: bool = False
) -> tuple[RolePolicy, ...]:
    """One policy for each account that is read, sorted by the account's name.

    `is_deep` adds what a deep snapshot asks, `may_probe` what `doctor` does.
    """
    units: dict[str, list[Wanted]] = {}
    for unit in wanted:
        units.setdefault(unit.name, []).append(unit)
    return tuple(
        RolePolicy(
            account=name,
            account_id=some[0].account,
            document={
                "Version": "2012-10-17",
                "Statement": tuple(_statements(some, is_deep=is_deep, may_probe=may_probe)),
            },
        )
        for name, some in sorted(units.items())
    )


def _statements(units: list[Wanted], *, is_deep: bool, may_probe: bool) -> Iterator[Document]:
    """What is asked; whatever takes no resource is narrowed to the regions that are read."""
    first = units[0]
    partition, account = first.home.aws_partition.id, first.account
    regions = tuple(sorted(str(unit.region) for unit in units if unit.region is not None))
    yield _statement("Registries", _REGISTRY, ("*",), regions)
    yield _statement("NamesOfSecrets", (Fact.SECRETS,), ("*",), regions)
    # A secret that is not there is asked for by its name alone, without the end of its ARN.
    secrets = f"arn:{partition}:secretsmanager:*:{account}:secret:{SECRET_PREFIX}*"
    yield _statement("SecretsButNotTheirValues", _SECRET, (secrets,))
    yield _statement("NamesOfRoles", (Fact.ROLES,), ("*",))
    # A role that serves ECR and that the topology does not know may have any name and any policy.
    yield _statement("Roles", _ROLE, (f"arn:{partition}:iam::{account}:role/*",))
    policies = (
        f"arn:{partition}:iam::{account}:policy/*",
        f"arn:{partition}:iam::aws:policy/*",
    )
    yield _statement("Policies", _POLICY, policies)
    aliases = tuple(sorted(str(unit.region) for unit in units if unit.has_aliases))
    if aliases:
        yield _statement("KeyAliases", (Fact.ALIASES,), ("*",), aliases)
    repositories = tuple(
        f"arn:{partition}:ecr:{region}:{account}:repository/*" for region in regions
    )
    if is_deep or may_probe:
        yield _statement("Repositories", _REPOSITORY, repositories)
    if may_probe:
        images, validation, simulation = PROBES
        yield _allow("Images", [images], repositories)
        yield _allow("LoginsUpstream", [validation], ("*",), regions)
        roles = (f"arn:{partition}:iam::{account}:role/*",)
        yield _allow("SimulatedRights", [simulation], roles)


def _statement(
    sid: str, facts: Iterable[Fact], resources: tuple[str, ...], regions: tuple[str, ...] = ()
) -> Document:
    return _allow(sid, [CALLS[fact].action for fact in facts], resources, regions)


def _allow(
    sid: str, actions: Iterable[str], resources: tuple[str, ...], regions: tuple[str, ...] = ()
) -> Document:
    statement: dict[str, Document] = {
        "Sid": sid,
        "Effect": "Allow",
        "Action": tuple(sorted(actions)),
        "Resource": resources,
    }
    if regions:
        statement["Condition"] = {"StringEquals": {"aws:RequestedRegion": regions}}
    return statement
