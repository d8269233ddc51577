"""What AWS did not tell, as records of which nothing is known: for questions that need every policy."""

from dataclasses import replace

from generator.model.estate import Estate, Kind, Record, Unknown
from generator.model.reading import Reading, Source
from generator.model.snapshot import Fact
from generator.model.values import AccountId, Region


def with_unread(
    reading: Reading, account: AccountId | None = None, region: Region | None = None
) -> Estate:
    """The estate, with a record of unknown content for each policy that may be there unread.

    The registry of `account` in `region` is the one that a question is about: no snapshot need have
    asked for it.
    """
    unread = [*reading.unread_records]
    if reading.source is Source.LIVE and account is not None and region is not None:
        is_told = any(
            (unit.account, unit.region) == (account, region)
            and (Fact.REGISTRY_POLICY, "") in unit.facts
            for unit in reading.units
        )
        if not is_told and not any(
            (record.account, record.region) == (account, region) for record in unread
        ):
            unread.append(_unasked(account, region))
    if not unread:
        return reading.estate
    return replace(reading.estate, records=(*reading.estate.records, *unread))


def _unasked(account: AccountId, region: Region) -> Record:
    return Record(
        kind=Kind.REGISTRY_POLICY,
        account=account,
        region=region,
        key="",
        attributes={
            "policy": Unknown(
                reason="no snapshot that was given is about it",
                reference=f"the registry policy of account {account}",
            )
        },
        address=f"ecr:{region}:{account}:registry-policy",
        root=str(account),
    )
