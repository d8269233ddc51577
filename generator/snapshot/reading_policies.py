"""The least IAM policy for the role that a snapshot enters an account by, from the calls that it makes."""

from collections.abc import Iterable, Iterator

from generator.aws.calls import CALLS, SECRET_PREFIX
from generator.intent.deployer_policies import Document, RolePolicy
from generator.model.snapshot import Fact, Wanted
from generator.model.topology import Topology
from generator.snapshot.wanted import wanted_units

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


def reading_policies(topology: Topology, *, is_deep: bool = False) -> tuple[RolePolicy, ...]:
    """One policy for each account that is read, sorted by the account's name."""
    units: dict[str, list[Wanted]] = {}
    for unit in wanted_units(topology):
        units.setdefault(unit.name, []).append(unit)
    return tuple(
        RolePolicy(
            account=name,
            account_id=some[0].account,
            document={
                "Version": "2012-10-17",
                "Statement": tuple(_statements(some, is_deep=is_deep)),
            },
        )
        for name, some in sorted(units.items())
    )


def _statements(units: list[Wanted], *, is_deep: bool) -> Iterator[Document]:
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
    if is_deep:
        repositories = tuple(
            f"arn:{partition}:ecr:{region}:{account}:repository/*" for region in regions
        )
        yield _statement("Repositories", _REPOSITORY, repositories)


def _statement(
    sid: str, facts: Iterable[Fact], resources: tuple[str, ...], regions: tuple[str, ...] = ()
) -> Document:
    statement: dict[str, Document] = {
        "Sid": sid,
        "Effect": "Allow",
        "Action": tuple(sorted(CALLS[fact].action for fact in facts)),
        "Resource": resources,
    }
    if regions:
        statement["Condition"] = {"StringEquals": {"aws:RequestedRegion": regions}}
    return statement
