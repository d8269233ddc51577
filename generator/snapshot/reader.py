"""Reads a snapshot of AWS into an estate, with what it does not tell."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from generator.estate.resources import RecordBuilder
from generator.frozen_data import frozen
from generator.intent.records import intend
from generator.model.estate import Estate, Identity, Kind, Record, Root
from generator.model.finding import Finding, FindingKind, Severity
from generator.model.reading import Reading, Source
from generator.model.snapshot import Fact, Key, NotRead, Reason, Snapshot, Unit, text_of
from generator.model.span import first_line
from generator.model.topology import Topology
from generator.model.values import AccountId
from generator.snapshot.document import Merged
from generator.snapshot.key_names import key_names
from generator.snapshot.resources import reason_unknown, resources_of, secrets_of
from generator.snapshot.wording import findings_by_reason, group_key

LONG_AGO = timedelta(hours=24)
"""From this age on a reading says how old it is."""


@frozen
class Ages:
    """What the time is, and how old a reading may be to count; `None` for any age."""

    now: datetime
    most: timedelta | None = None


def read_snapshot(merged: Merged, file: Path, topology: Topology | None, ages: Ages) -> Reading:
    """The estate that a snapshot shows; `file` is what it is called in results.

    What is asked for and may be there unread is named in `unanswered`, with the result that says why.
    """
    names = {} if topology is None else {a.id: name for name, a in topology.accounts.items()}
    units = tuple(_without_old(unit, ages) for unit in merged.snapshot.units)
    partitions = _partitions(units)
    keys = key_names(units, topology)
    records = tuple(
        record
        for unit in units
        for record in RecordBuilder(
            str(unit.account),
            resources_of(unit, partitions.get(unit.account, "aws"), keys.get(unit.account, {})),
        ).records()
    )
    estate = Estate(
        records=records,
        roots=tuple(
            Root(name=str(account), account=account, first_file=first_line(file))
            for account in sorted({unit.account for unit in units})
        ),
    )
    why: dict[Identity, NotRead] = {}
    if topology is not None:
        units, why = _unanswered(topology, estate, units)
    snapshot = replace(merged.snapshot, units=units)
    findings = findings_by_reason(snapshot, names)
    return Reading(
        source=Source.LIVE,
        estate=estate,
        problems=(
            *findings.values(),
            *_told_twice(merged.replaced, names),
            *_old(merged.snapshot, ages),
        ),
        unanswered={identity: findings[group_key(entry)] for identity, entry in why.items()},
        unread_records=tuple(_unread_records(units)),
        units=units,
        waiting=frozenset(_waiting(units)),
        read_at={(unit.account, unit.region): unit.read_at for unit in units},
    )


def _waiting(units: Iterable[Unit]) -> Iterator[Identity]:
    """The secrets that are marked as deleted: not there, and not free to be made anew."""
    for unit in units:
        for secret in secrets_of(unit, deleted=True):
            yield Identity(
                kind=Kind.SECRET,
                account=unit.account,
                region=unit.region,
                key=text_of(secret, "Name"),
            )


def _unread_records(units: Iterable[Unit]) -> Iterator[Record]:
    """A registry policy of unknown content for each registry whose policy was not read."""
    for unit in units:
        entry = unit.why_not_read(Fact.REGISTRY_POLICY)
        if unit.region is not None and entry is not None:
            yield Record(
                kind=Kind.REGISTRY_POLICY,
                account=unit.account,
                region=unit.region,
                key="",
                attributes={"policy": reason_unknown(unit, entry, "the registry policy")},
                address=f"ecr:{unit.region}:{unit.account}:registry-policy",
                root=str(unit.account),
            )


def _without_old(unit: Unit, ages: Ages) -> Unit:
    """The unit, or one that says nothing where it is older than it may be."""
    if ages.most is None or ages.now - unit.read_at <= ages.most:
        return unit
    entry = NotRead(fact=None, call="", reason=Reason.OLD, words=shown_time(unit.read_at))
    return replace(unit, facts={}, not_read=(entry,))


def _partitions(units: Iterable[Unit]) -> Mapping[AccountId, str]:
    return {unit.account: unit.region.aws_partition.id for unit in units if unit.region is not None}


def _unanswered(
    topology: Topology, estate: Estate, units: tuple[Unit, ...]
) -> tuple[tuple[Unit, ...], dict[Identity, NotRead]]:
    """Which intended records may be there though the estate does not show them, and why.

    What the snapshot did not ask for, because it was taken for another topology, is added to its units.
    """
    placed = {(unit.account, unit.region): unit for unit in units}
    asked = {unit.account for unit in units}
    found = {record.identity for record in estate.records}
    why: dict[Identity, NotRead] = {}
    for record in intend(topology).records:
        identity = record.identity
        if identity is None or identity.account not in asked or identity in found:
            continue
        place = (identity.account, identity.region)
        unit = placed.get(place)
        if unit is None:
            entry = NotRead(fact=None, call="", reason=Reason.NOT_ASKED)
            now = datetime.fromtimestamp(0, tz=UTC)
            placed[place] = Unit(
                account=identity.account,
                region=identity.region,
                read_at=now,
                facts={},
                not_read=(entry,),
            )
            why[identity] = entry
        elif (
            hidden := _why_hidden(unit, record, _partition(topology, identity.account))
        ) is not None:
            if hidden.reason is Reason.NOT_ASKED and hidden not in unit.not_read:
                placed[place] = replace(unit, not_read=(*unit.not_read, hidden))
            why[identity] = hidden
    return tuple(sorted(placed.values(), key=lambda unit: (unit.account, unit.region or ""))), why


def _partition(topology: Topology, account: AccountId) -> str:
    return topology.accounts_by_id[account].regions[0].aws_partition.id


def _why_hidden(unit: Unit, record: Record, partition: str) -> NotRead | None:
    """Why a record that is not shown may be there all the same; `None` when it is surely not there."""
    ways = list(_ways(unit, record, partition))
    if any(all(key in unit.facts for key in way) for way in ways):
        return None
    for way in ways:
        for fact, item in way:
            entry = unit.why_not_read(fact, item)
            if entry is not None:
                return entry
    fact, item = next(key for key in ways[0] if key not in unit.facts)
    return NotRead(fact=fact, item=item, call="", reason=Reason.NOT_ASKED)


def _ways(unit: Unit, record: Record, partition: str) -> Iterator[tuple[Key, ...]]:
    """The ways to know that there is no such record: the facts that have to be answered for each."""
    key = str(record.key)
    match record.kind:
        case Kind.CACHE_RULE:
            yield ((Fact.RULES, ""),)
        case Kind.CREATION_TEMPLATE:
            yield ((Fact.TEMPLATES, ""),)
        case Kind.REGISTRY_POLICY:
            yield ((Fact.REGISTRY_POLICY, ""),)
        case Kind.ACCOUNT_SETTING:
            yield ((Fact.SCOPE, ""),)
        case Kind.SECRET | Kind.SECRET_VERSION | Kind.SECRET_POLICY:
            # A list that shows the secret is an answer; one that does not may lag behind.
            if _is_listed(unit, key):
                yield ((Fact.SECRETS, ""),)
            yield ((Fact.SECRET, key),)
        case Kind.ROLE:
            name = key.rsplit("/", 1)[-1]
            yield ((Fact.ROLE, name),)
            if not _is_role_listed(unit, name):
                yield ((Fact.ROLES, ""),)
        case Kind.ROLE_POLICY:
            name = key.partition(":")[0].rsplit("/", 1)[-1]
            # Where the path of the role is not known, its policies cannot be told by their names.
            yield ((Fact.ROLE_POLICIES, name), (Fact.ROLE, name))
            if unit.facts.get((Fact.ROLE, name), True) is None:
                yield ((Fact.ROLE, name),)
        case Kind.MANAGED_POLICY:
            yield ((Fact.POLICY, _policy_arn(record, key, partition)),)
        case Kind.ATTACHMENT:
            name, _, policy = key.partition(":")
            arn = _policy_arn(record, policy, partition)
            yield ((Fact.ATTACHED, name),)
            yield ((Fact.HOLDERS, arn),)
            if unit.facts.get((Fact.POLICY, arn), True) is None:
                yield ((Fact.POLICY, arn),)
            if unit.facts.get((Fact.ROLE, name), True) is None:
                yield ((Fact.ROLE, name),)
        case _:
            yield ((Fact.RULES, ""),)


def _policy_arn(record: Record, key: str, partition: str) -> str:
    return f"arn:{partition}:iam::{record.account}:policy/{key}"


def _is_listed(unit: Unit, name: str) -> bool:
    listed = unit.facts.get((Fact.SECRETS, ""))
    return isinstance(listed, tuple) and any(
        isinstance(one, Mapping) and one.get("Name") == name for one in listed
    )


def _is_role_listed(unit: Unit, name: str) -> bool:
    listed = unit.facts.get((Fact.ROLES, ""))
    return isinstance(listed, tuple) and any(
        isinstance(one, Mapping) and one.get("RoleName") == name for one in listed
    )


def _told_twice(replaced: Iterable[Unit], names: Mapping[AccountId, str]) -> Iterator[Finding]:
    """One note that several snapshots told about the same places, of which the last counts."""
    places = sorted(
        {f"{names.get(unit.account, unit.account)} {unit.region or 'global'}" for unit in replaced}
    )
    if places:
        more = f" and {len(places) - 5} more" if len(places) > 5 else ""
        yield Finding(
            kind=FindingKind.FINDING,
            rule="read-twice",
            severity=Severity.INFO,
            title="Several snapshots tell about the same places",
            message=f"{', '.join(places[:5])}{more}: what was read last counts.",
            subject="read twice",
        )


def _old(snapshot: Snapshot, ages: Ages) -> Iterator[Finding]:
    """One note on how old a reading is that was not taken lately."""
    oldest = min((unit.read_at for unit in snapshot.units), default=ages.now)
    if ages.most is None and ages.now - oldest > LONG_AGO:
        hours = int((ages.now - oldest).total_seconds() // 3600)
        age = f"{hours // 24} days" if hours >= 48 else f"{hours} hours"
        yield Finding(
            kind=FindingKind.FINDING,
            rule="old-reading",
            severity=Severity.INFO,
            title=f"AWS was read {age} ago",
            message=(
                f"The oldest part of the snapshot is of {shown_time(oldest)}: what changed since is "
                "not seen. `--max-age 24h` makes older parts undecided."
            ),
            subject="old reading",
        )


def shown_time(moment: datetime) -> str:
    """A moment as people read it: `2026-11-29 02:10 UTC`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
