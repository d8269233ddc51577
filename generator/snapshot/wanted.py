"""What a topology makes worth asking AWS about: its accounts and regions, and in them things by name."""

from collections.abc import Collection, Iterable, Iterator

from generator.intent.records import intend
from generator.model.estate import Kind, Record
from generator.model.snapshot import Wanted
from generator.model.topology import Account, Topology
from generator.model.values import AccountId, Region


def wanted_units(topology: Topology, accounts: Collection[str] = ()) -> tuple[Wanted, ...]:
    """One unit for each region of each managed account and one for what is global in it.

    `accounts` narrows it to some accounts by name.
    """
    records: dict[AccountId, list[Record]] = {}
    for record in intend(topology).records:
        if isinstance(record.account, AccountId):
            records.setdefault(record.account, []).append(record)
    return tuple(
        unit
        for name, account in sorted(topology.managed_accounts.items())
        if not accounts or name in accounts
        for unit in _units(topology, account, records.get(account.id, ()))
    )


def plain_units(
    accounts: Iterable[tuple[str, AccountId, Collection[Region]]],
) -> tuple[Wanted, ...]:
    """Units for accounts of which there is no topology: a name, the id and its regions."""
    return tuple(
        Wanted(
            account=account,
            name=name,
            home=min(regions),
            region=region,
            has_aliases=region is not None,
            has_all_roles=region is None,
        )
        for name, account, regions in accounts
        for region in (None, *sorted(regions))
    )


def _units(topology: Topology, account: Account, records: Iterable[Record]) -> Iterator[Wanted]:
    home = account.regions[0]
    records = tuple(records)
    yield Wanted(
        account=account.id,
        name=account.name,
        home=home,
        region=None,
        roles=tuple(sorted(set(_roles(topology, account, records)))),
        policies=tuple(
            sorted(
                f"arn:{home.aws_partition.id}:iam::{account.id}:policy/{record.key}"
                for record in records
                if record.kind is Kind.MANAGED_POLICY
            )
        ),
    )
    for region in account.regions:
        yield Wanted(
            account=account.id,
            name=account.name,
            home=home,
            region=region,
            secrets=tuple(
                sorted(
                    {
                        cache.credential.secret
                        for cache in topology.caches
                        if cache.account == account.name
                        and cache.region == region
                        and cache.credential is not None
                    }
                )
            ),
            has_aliases=any(
                placed.account == account.name
                and placed.region == region
                and placed.kms_alias is not None
                for placed in topology.templates
            ),
        )


def _roles(topology: Topology, account: Account, records: Iterable[Record]) -> Iterator[str]:
    """The names, without paths, of the roles that matter: made, named, and those of consumers."""
    for record in records:
        if record.kind is Kind.ROLE:
            yield _name(str(record.key))
    for cache in topology.caches:
        if cache.account == account.name and cache.named_role is not None:
            yield _name(cache.named_role)
    for placed in topology.templates:
        if placed.account == account.name and placed.template.role is not None:
            yield _name(placed.template.role)
    for grant in topology.grants:
        consumer = grant.consumer
        if (
            grant.consumer_account == account.name
            and consumer.role is not None
            and not consumer.is_pattern
        ):
            yield _name(consumer.role)


def _name(key: str) -> str:
    return key.rsplit("/", 1)[-1]
