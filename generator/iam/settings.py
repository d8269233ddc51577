"""Where the policies of a registry and of a role are asked: alike for what they allow and what they never do."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from generator.iam.access import Access, Organization
from generator.iam.document import PolicyKind
from generator.iam.principals import Setting
from generator.model.values import AccountId, Region


def seconds(now: datetime | None) -> int | None:
    """A moment in seconds since 1970."""
    return None if now is None else int(now.timestamp())


def resource_setting(
    registry_account: AccountId,
    region: Region,
    *,
    repository: str | None,
    asked: Iterable[Access],
    known_accounts: Collection[AccountId],
    organization: Organization | None,
    now: datetime | None,
) -> Setting:
    """The setting of a registry's policy, or with `repository` of the policy of those repositories."""
    return Setting(
        kind=PolicyKind.REGISTRY if repository is None else PolicyKind.REPOSITORY,
        account=registry_account,
        partition=region.aws_partition.id,
        region=region,
        known_accounts={
            *known_accounts,
            *(access.account for access in asked if access.account is not None),
        },
        organization=organization,
        regions=(region,),
        now=seconds(now),
    )


def identity_setting(
    account: AccountId,
    *,
    regions: Sequence[Region],
    organization: Organization | None,
    now: datetime | None,
) -> Setting:
    """The setting of the identity policies of an account's role that is asked in those regions."""
    return Setting(
        kind=PolicyKind.IDENTITY,
        account=account,
        partition=regions[0].aws_partition.id if regions else "aws",
        region=regions[0] if regions else "",
        known_accounts={account},
        organization=organization,
        regions=tuple(regions),
        now=seconds(now),
    )


def bearer_of(account: AccountId, role: str | None) -> Access:
    """Who bears identity policies, as access that asks for nothing."""
    return Access(
        account=account,
        role=role,
        actions=frozenset(),
        repositories="*",
        region=Region("us-east-1"),
        registry_account=account,
    )
