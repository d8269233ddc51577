"""What a topology asks for and is there already: what the roots take over, and what they leave behind."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from generator.drift.compare import record_differences
from generator.drift.comparison import Comparison
from generator.drift.words import the, where
from generator.estate.spellings import holds_unknown
from generator.estate.wording import capital, what_decides
from generator.frozen_data import frozen
from generator.generate.adopting import is_adoptable
from generator.imported.facts import REGISTRY_KINDS, as_json, known_text
from generator.intent.records import intend
from generator.model.address import is_reference, resource_type, without_keys
from generator.model.estate import Estate, Identity, Json, Kind, Known, Record, Unknown
from generator.model.filetree import Adopted
from generator.model.finding import Finding, FindingKind, Severity
from generator.model.quotes import quoted
from generator.model.reading import Reading, Source
from generator.model.span import Span
from generator.model.topology import Topology
from generator.model.values import AccountId

_TAGGED = frozenset({Kind.ROLE, Kind.MANAGED_POLICY})
_SECRETS = frozenset({Kind.SECRET, Kind.SECRET_VERSION})
_HOLDS_ADDRESSES = frozenset({Source.CODE, Source.STATE})


@frozen
class Old:
    """A reading of what is there, and the folder with its code, where it is code."""

    reading: Reading
    folder: Path | None = None


@frozen
class TakenOver:
    """A record that a root takes over; `moved_from` is its address in the same state."""

    record: Record
    moved_from: str | None = None


@frozen
class Released:
    """A block of old code whose resources a new root takes over.

    `root` is the old root's folder, or the file with its state. `is_whole` is set when all that the block
    makes is taken over; else only `instances` are. `is_moved` is set where the new root lies in the same
    folder and has the same state.
    """

    root: str
    address: str
    instances: tuple[str, ...]
    is_whole: bool
    is_moved: bool
    span: Span | None


@frozen
class Adoption:
    """What is taken over, what old code has to let go, and what a person ought to know."""

    taken: tuple[TakenOver, ...]
    released: tuple[Released, ...]
    findings: tuple[Finding, ...]

    @property
    def by_root(self) -> Mapping[str, Adopted]:
        """What each root takes over, by its folder."""
        found: dict[str, dict[str, str | None]] = {}
        for each in self.taken:
            found.setdefault(each.record.root, {})[each.record.address] = each.moved_from
        return found


@frozen
class _Found:
    """A record that was read, and how it is compared with what the topology asks for."""

    old: Old
    record: Record
    comparison: Comparison


def adoption(
    topology: Topology, olds: Sequence[Old], out: Path, only: Collection[AccountId] = ()
) -> Adoption:
    """Find each thing that the topology asks for in what was read; `out` is where roots are written.

    `only` narrows it to some accounts.
    """
    intended = intend(topology)
    there = _there(topology, intended, olds)
    modes = {account.id: account.registry_policy for account in topology.accounts.values()}
    taken: list[TakenOver] = []
    released: dict[tuple[str, str], list[_Found]] = {}
    findings: list[Finding] = []
    for record in intended.records:
        identity = record.identity
        if identity is None or (only and identity.account not in only):
            continue
        found = there.get(identity, [])
        if any(each.record.address == record.address for each in found):
            # The root has it already: its own code or state was read.
            continue
        if not found or not _is_certain(identity, found, olds):
            findings.extend(_doubts(identity, record, found, olds))
            continue
        same = next((each for each in found if _is_in_same_state(each, record, out)), None)
        if same is not None and _can_move(same, record):
            taken.append(TakenOver(record=record, moved_from=same.record.address))
        elif record.kind in _SECRETS:
            if record.kind is Kind.SECRET:
                findings.append(_secret_is_there(record))
            continue
        elif is_adoptable(record, modes.get(identity.account)):
            taken.append(TakenOver(record=record))
        for each in found:
            if each.old.reading.source in _HOLDS_ADDRESSES:
                block = (_root_name(each.old, each.record), without_keys(each.record.address))
                released.setdefault(block, []).append(each)
        findings.extend(_changes(record, found, topology.tags))
    findings.extend(_unread_tags(topology, there, taken))
    findings.extend(
        problem
        for old in olds
        for problem in old.reading.problems
        if problem.kind is FindingKind.ERROR
    )
    return Adoption(
        taken=tuple(taken),
        released=tuple(_released(olds, released, {each.moved_from for each in taken})),
        findings=tuple(findings),
    )


def _there(
    topology: Topology, intended: Estate, olds: Iterable[Old]
) -> Mapping[Identity, list[_Found]]:
    """What was read, by identity: what runs first, then what states and at last what code says."""
    order = (Source.LIVE, Source.STATE, Source.CODE)
    there: dict[Identity, list[_Found]] = {}
    for old in sorted(olds, key=lambda old: order.index(old.reading.source)):
        comparison = _comparison(topology, intended, old)
        for record in old.reading.estate.records:
            if (identity := record.identity) is not None:
                there.setdefault(identity, []).append(
                    _Found(old=old, record=record, comparison=comparison)
                )
    return there


def _is_certain(identity: Identity, found: Sequence[_Found], olds: Iterable[Old]) -> bool:
    """Whether it is there for certain: AWS was asked, or a state has it, or code surely makes it."""
    if any(each.old.reading.source is Source.LIVE for each in found):
        return True
    place = (identity.account, identity.region)
    if any(place in old.reading.read_at and identity not in old.reading.unanswered for old in olds):
        return False
    return any(each.record.uncertain is None for each in found)


def _doubts(
    identity: Identity, record: Record, found: Sequence[_Found], olds: Iterable[Old]
) -> Iterator[Finding]:
    for old in olds:
        if not found and (reason := old.reading.unanswered.get(identity)) is not None:
            yield reason
            return
    if not found:
        yield from _perhaps(record, olds)
        return
    doubt = found[0].record.uncertain
    why = (
        "AWS was asked and has none: it will be made"
        if doubt is None
        else f"{doubt.reason} (`{doubt.reference}`): give a state or a snapshot as well"
    )
    yield Finding(
        kind=FindingKind.FINDING if doubt is None else FindingKind.UNDECIDED,
        rule="not-adopted",
        severity=Severity.INFO if doubt is None else Severity.MEDIUM,
        title=f"{capital(the(record))} is not imported",
        message=f"{capital(where(record))}: `{found[0].record.address}` makes it in old code, but {why}.",
        subject=f"not adopted {record.address} {record.root}",
        address=record.address,
        location=found[0].record.span,
    )


def _perhaps(record: Record, olds: Iterable[Old]) -> Iterator[Finding]:
    """That old code may make something, of which a part is not known."""
    if record.kind not in REGISTRY_KINDS:
        return
    candidates = (
        each
        for old in olds
        for each in (*old.reading.estate.records, *old.reading.off_by_default)
        if each.kind is record.kind and _may_be(each, record)
    )
    if (found := next(candidates, None)) is None:
        return
    parts = (found.uncertain, found.account, found.region, found.key)
    doubt = next(part for part in parts if isinstance(part, Unknown))
    advice = what_decides(doubt)
    if doubt is found.region:
        advice = "Give the region with `--region`."
    yield Finding(
        kind=FindingKind.UNDECIDED,
        rule="not-adopted",
        severity=Severity.MEDIUM,
        title=f"Cannot tell whether {the(record)} is there already",
        message=(
            f"{capital(where(record))}: `{found.address}` in old code may make it: {doubt.reason} "
            f"({quoted(doubt.reference)}). {advice} What is there and not imported is made anew by the first "
            "plan, and AWS refuses that."
        ),
        subject=f"not adopted {record.address} {record.root}",
        address=record.address,
        location=found.span,
    )


def _may_be(found: Record, record: Record) -> bool:
    """Whether a record of which something is not known may be the one that is asked for."""
    pairs = (
        (found.account, record.account),
        (found.region, record.region),
        (found.key, record.key),
    )
    return all(
        mine == wanted or (isinstance(mine, Unknown) and _fits(str(wanted), mine.parts))
        for mine, wanted in pairs
    )


def _fits(text: str, parts: Sequence[str | None]) -> bool:
    """Whether a text may be one of which some pieces are known."""
    pattern = "".join(".*" if part is None else re.escape(part) for part in parts)
    return re.fullmatch(pattern, text, re.DOTALL) is not None


def _is_in_same_state(found: _Found, record: Record, out: Path) -> bool:
    """Whether old code lies in the folder that the root is written to, and so has its state."""
    folder = found.old.folder
    return (
        folder is not None
        and (folder / found.record.root).resolve() == (out / record.root).resolve()
    )


def _can_move(found: _Found, record: Record) -> bool:
    old = found.record.address
    is_alike = resource_type(old) == resource_type(record.address) != ""
    if not is_alike or not is_reference(old) or not is_reference(record.address):
        return False
    # Where anything differs, another version of a secret would be written over the one that is there.
    return record.kind not in _SECRETS or not any(
        True for _ in record_differences(found.comparison, record, found.record)
    )


def _comparison(topology: Topology, intended: Estate, old: Old) -> Comparison:
    return Comparison(
        topology=topology,
        intended=intended,
        found=old.reading.estate,
        statement_span=lambda *_: None,
        source=old.reading.source,
    )


def _secret_is_there(record: Record) -> Finding:
    return Finding(
        kind=FindingKind.FINDING,
        rule="not-adopted",
        severity=Severity.WARNING,
        title=f"{capital(the(record))} is there already and is not imported",
        message=(
            f"{capital(where(record))}: the topology makes it anew, which AWS refuses while there is one of "
            "that name. It is never imported: that would put another value over the real one. Say that it "
            f"exists (`credential: {record.key}`), and keep what makes it."
        ),
        subject=f"not adopted {record.address} {record.root}",
        address=record.address,
        location=record.span,
    )


def _changes(record: Record, found: Sequence[_Found], tags: Mapping[str, str]) -> Iterator[Finding]:
    """That the first plan changes what is taken over, as far as what was read shows it."""
    best = found[0]
    different = next(record_differences(best.comparison, record, best.record), None)
    is_real = different is not None and different.severity is not Severity.INFO
    changes: list[str] = []
    if different is not None and is_real:
        changes.append(different.title)
    elif different is not None or _is_respelled(record, best.record):
        changes.append("the words of its policy, which mean the same")
    elif record.kind is Kind.CREATION_TEMPLATE and known_text(best.record.get("description")):
        changes.append("its description, which the topology has no word for, is taken out")
    changes.extend(_tag_changes(record, best.record, tags))
    if not changes:
        return
    what = "; ".join(changes)
    yield Finding(
        kind=FindingKind.FINDING,
        rule="first-plan-changes",
        severity=Severity.WARNING if is_real else Severity.INFO,
        title=f"The first plan changes {the(record)}",
        message=f"{capital(where(record))}: `{record.address}` is changed in place: {what}.",
        subject=f"first plan {record.address} {record.root}",
        address=record.address,
        location=best.record.span if best.old.reading.source is not Source.LIVE else record.span,
    )


def _tag_changes(record: Record, found: Record, wanted: Mapping[str, str]) -> Iterator[str]:
    """What the first plan does to the tags of a role or policy, as far as they were read."""
    there = _tags(found)
    if record.kind not in _TAGGED or there is None:
        return
    out = sorted(there.keys() - wanted.keys())
    if out:
        yield f"{_tag_words(out)}, which `defaults.tags` does not name, {_verb(out)} taken out"
    put = sorted(name for name, value in wanted.items() if there.get(name) != value)
    if put:
        yield f"{_tag_words(put)} of `defaults.tags` {_verb(put)} set"


def _tags(found: Record) -> Mapping[str, Json] | None:
    """The tags of a record without AWS's own, which Terraform leaves alone; `None` where not read."""
    tags = found.attributes.get("tags_all")
    if not isinstance(tags, Known) or not isinstance(tags.value, Mapping):
        return None
    return {name: value for name, value in tags.value.items() if not name.startswith("aws:")}


def _tag_words(names: Sequence[str]) -> str:
    return f"the {'tag' if len(names) == 1 else 'tags'} {', '.join(map(quoted, names))}"


def _verb(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"


def _unread_tags(
    topology: Topology, there: Mapping[Identity, Sequence[_Found]], taken: Iterable[TakenOver]
) -> Iterator[Finding]:
    """One note about the roles and policies of whose tags nothing is known."""
    unread = [
        each.record
        for each in taken
        if each.record.kind in _TAGGED
        and each.record.identity is not None
        and all(_tags(one.record) is None for one in there[each.record.identity][:1])
    ]
    if not unread:
        return
    names = ", ".join(the(record) for record in unread[:5])
    more = f" and {len(unread) - 5} more" if len(unread) > 5 else ""
    known = ", ".join(map(quoted, topology.tags))
    yield Finding(
        kind=FindingKind.FINDING,
        rule="first-plan-changes",
        severity=Severity.INFO,
        title="Tags of roles and policies that are taken over were not read",
        message=(
            f"{capital(names)}{more}: code does not tell which tags a provider adds, and a snapshot from before "
            "tags were read does not tell any. The first plan takes out all tags but those of "
            f"`defaults.tags` ({known or 'none'}). A new snapshot or a state lists them."
        ),
        subject="first plan tags",
        location=unread[0].span,
    )


def _is_respelled(record: Record, found: Record) -> bool:
    """Whether a policy has other words than the one that is there, as the provider compares them."""
    for name, wanted in record.attributes.items():
        there = found.get(name)
        if not isinstance(wanted, Known) or not isinstance(wanted.value, Mapping):
            continue
        if not isinstance(there, Known) or holds_unknown(there.value):
            continue
        if as_json(_canonical(wanted.value)) != as_json(_canonical(there.value)):
            return True
    return False


def _canonical(value: Json) -> Json:
    """A document without what the provider does not look at: the order of lists, and lists of one."""
    match value:
        case Mapping():
            return {name: _canonical(item) for name, item in value.items()}
        case tuple():
            items = sorted(map(_canonical, value), key=as_json)
            return items[0] if len(items) == 1 else tuple(items)
        case str() if value.endswith(":root") and value.startswith("arn:") and "::" in value:
            return value.removesuffix(":root").rpartition(":")[2]
        case _:
            return value


def _root_name(old: Old, record: Record) -> str:
    return record.root if old.folder is None else (old.folder / record.root).as_posix()


def _released(
    olds: Iterable[Old],
    released: Mapping[tuple[str, str], Sequence[_Found]],
    moved: Collection[str | None],
) -> Iterator[Released]:
    """The blocks to let go, and whether all that they make is taken over."""
    made: dict[tuple[str, str], set[str]] = {}
    for old in olds:
        for record in old.reading.estate.records:
            block = (_root_name(old, record), without_keys(record.address))
            if block in released:
                made.setdefault(block, set()).add(record.address)
    for (root, address), found in sorted(released.items()):
        if resource_type(address) == "":
            # A part of a block, such as an inline policy of a role: it is let go with the block.
            continue
        instances = {each.record.address for each in found}
        yield Released(
            root=root,
            address=address,
            instances=tuple(sorted(instances)),
            is_whole=instances == made[root, address],
            is_moved=any(each.record.address in moved and each.old.folder for each in found),
            span=found[0].record.span,
        )
