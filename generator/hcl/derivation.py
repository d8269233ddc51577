"""What an untouched root says, from another root of its shape that was read."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from generator.frozen_data import frozen
from generator.hcl.root import RootReading
from generator.hcl.roots import FolderCalls
from generator.model.estate import (
    Absent,
    Attribute,
    Identity,
    Json,
    Kind,
    Known,
    Link,
    Place,
    Record,
    Root,
    Unknown,
)
from generator.model.expected import WrittenAttributes
from generator.model.filetree import RootFiles
from generator.model.finding import Finding
from generator.model.late import LateMapping, LateSequence
from generator.model.reading import NamedBlock
from generator.model.span import Span
from generator.model.values import ROOT, AccountId, Region, role_arn

Shape = tuple[tuple[str, tuple[str | None, ...]], ...]
"""The code files of a root by name, each in pieces, with `None` where a text in quotes is a value."""

QUOTED = re.compile(r'"(?:[^"\\\n]|\\.)*"')
"""A text in quotes."""


@frozen
class UntouchedRoot:
    """A root whose folder holds what `generate` would write, and nothing else that is read."""

    name: str
    folder: Path
    place: Path
    files: RootFiles
    shape: Shape
    calls: frozenset[Path]


class Derivation:
    """What the untouched roots of one shape say, from the one of them that was read."""

    def __init__(
        self, read: UntouchedRoot, reading: RootReading, intended: Mapping[str, Record]
    ) -> None:
        self._read = read
        self._reading = reading
        self._intended = intended
        self._own_files = {read.folder / name: name for name in read.files.files}

    def is_sound(self, found: Sequence[FolderCalls]) -> bool:
        """Whether the root that was read is in everything as the topology says."""
        reading, name = self._reading, self._read.name
        return (
            [entry.calls for entry in found] == [self._read.calls]
            and found[0].is_marked
            and reading.root == self._root(self._read)
            and not reading.unread
            and all(note.subject == f"{name} {note.address}" for note in reading.notes)
            and {record.address for record in reading.records} == self._intended.keys()
            and len(reading.records) == len(self._intended)
            and all(
                record.root == name
                and record.uncertain is None
                and _is_derived(record, self._intended[record.address])
                for record in reading.records
            )
        )

    def derived(self, root: UntouchedRoot, intended: Mapping[str, Record]) -> RootReading | None:
        """What reading another root of the shape would say; `None` when that does not follow."""
        reading = self._reading
        places = _Places(self._read, root, self._own_files)
        records: list[Record] = []
        for mine in reading.records:
            wanted = intended[mine.address]
            if not _is_alike(self._intended[mine.address], wanted):
                return None
            records.append(
                Record(
                    kind=wanted.kind,
                    account=wanted.account,
                    region=wanted.region,
                    key=wanted.key,
                    attributes=WrittenAttributes(
                        wanted, partial(_attributes, mine, wanted, places)
                    ),
                    address=wanted.address,
                    span=places.moved(mine.span),
                    root=root.name,
                )
            )
        return RootReading(
            root=replace(self._root(root), first_file=places.certain(reading.root.first_file)),
            records=tuple(records),
            places=LateSequence(
                lambda: (
                    Place(root=root.name, address=place.address, span=places.certain(place.span))
                    for place in reading.places
                )
            ),
            statement_spans=LateMapping(
                lambda: {
                    (root.name, address, attribute, number): places.certain(span)
                    for (_, address, attribute, number), span in reading.statement_spans.items()
                }
            ),
            unread=(),
            folders=frozenset(
                root.place if folder == self._read.place else folder for folder in reading.folders
            ),
            files=frozenset(
                file if (name := self._own_files.get(file)) is None else root.folder / name
                for file in reading.files
            ),
            notes=tuple(_moved_note(note, root.name, places) for note in reading.notes),
            variables=reading.variables,
            named_blocks=LateSequence(
                lambda: (places.moved_block(block) for block in reading.named_blocks)
            ),
        )

    def _root(self, root: UntouchedRoot) -> Root:
        return Root(
            name=root.name,
            account=AccountId(root.files.account_id),
            first_file=self._reading.root.first_file,
        )


class _Places:
    """Where things of one root stand in another root of its shape."""

    def __init__(
        self, read: UntouchedRoot, other: UntouchedRoot, own_files: Mapping[Path, str]
    ) -> None:
        self._read = read
        self._other = other
        self._own_files = own_files
        self._files: dict[str, Path] = {}
        self._lines: dict[str, tuple[list[str], list[str]]] = {}
        # By identity, which costs less than to compare files; the first of each keeps it alive.
        self._moved: dict[int, tuple[Span, Span]] = {}

    def moved(self, span: Span | None) -> Span | None:
        """The span in the other root; one in a module is where it is."""
        return None if span is None else self.certain(span)

    def certain(self, span: Span) -> Span:
        """The span in the other root, of a span that is there."""
        pair = self._moved.get(id(span))
        if pair is None:
            pair = self._moved[id(span)] = (span, self._found(span))
        return pair[1]

    def _found(self, span: Span) -> Span:
        name = self._own_files.get(span.file)
        if name is None:
            return span
        file = self._files.get(name)
        if file is None:
            file = self._files[name] = self._other.folder / name
        column = self._column(name, span.line, span.column)
        end_column = self._column(name, span.end_line, span.end_column)
        return Span(
            file=file,
            line=span.line,
            column=column,
            end_line=span.end_line,
            end_column=end_column,
        )

    def moved_block(self, block: NamedBlock) -> NamedBlock:
        """A block with all places in the other root."""
        return replace(
            block,
            root=self._other.name,
            names=self._moved_names(block.names),
            provider_versions=tuple(
                (version, self.certain(span)) for version, span in block.provider_versions
            ),
            unknown_names=tuple(
                replace(one, span=self.certain(one.span)) for one in block.unknown_names
            ),
        )

    def _moved_names(self, names: Mapping[str, Span]) -> Mapping[str, Span]:
        if not any(span.file in self._own_files for span in names.values()):
            return names
        return {name: self.certain(span) for name, span in names.items()}

    def _column(self, file: str, line: int, column: int) -> int:
        if file not in self._lines:
            self._lines[file] = (
                self._read.files.files[file].split("\n"),
                self._other.files.files[file].split("\n"),
            )
        mine, other = (lines[line - 1] for lines in self._lines[file])
        if mine == other:
            return column
        # Columns count characters from 1; what differs are the texts in quotes before.
        moved = column
        for one, two in zip(QUOTED.finditer(mine), QUOTED.finditer(other), strict=True):
            if one.end() < column:
                moved = two.end() + column - one.end()
            elif one.start() < column:
                moved = two.start() + column - one.start()
                break
        return moved


def _is_derived(record: Record, intended: Record) -> bool:
    """Whether a record of code is what follows from the record that the topology asks for."""
    return (
        record.identity is not None
        and record.identity == intended.identity
        and all(
            attribute == _attribute(name, attribute, intended)
            for name, attribute in record.attributes.items()
        )
    )


def _is_alike(read: Record, other: Record) -> bool:
    """Whether two records are of one kind and say as much."""
    return (
        read.kind is other.kind
        and other.identity is not None
        and read.attributes.keys() == other.attributes.keys()
        and all(
            type(mine) is type(other.attributes[name]) for name, mine in read.attributes.items()
        )
    )


def _attributes(read: Record, wanted: Record, places: _Places) -> dict[str, Attribute]:
    """The attributes of a record as code that was not read says them."""
    found: dict[str, Attribute] = {}
    for name, mine in read.attributes.items():
        value = _attribute(name, mine, wanted)
        if value is None:
            raise ValueError(f"{wanted.address}: {name} does not follow from the topology")
        found[name] = replace(value, span=places.moved(mine.span))
    return found


def _attribute(name: str, read: Attribute, intended: Record) -> Attribute | None:
    """An attribute of code, from the record that the topology asks for; `None` if it is not told.

    `read` is the attribute of a root of the shape: what is written there is written here.
    """
    wanted = intended.attributes.get(name)
    match read, wanted:
        case Known(value=mine), Known(value=asked):
            if isinstance(asked, str):
                return wanted
            told = _with_sids(mine, asked) if _lacks_sids(intended, name) else asked
            return Known(value=_in_order_of(mine, told))
        case Link(), Link():
            return wanted
        case Known(value=str()), Link(target=Identity(kind=Kind.ROLE) as role):
            arn = _arn_of_role(role, intended)
            return None if arn is None else Known(value=arn)
        case Absent(), None | Absent():
            # Nothing is written for it, here as there.
            return Absent()
        case Absent(), Known(value=asked):
            default = _DEFAULTS.get((intended.kind, name))
            return Absent() if default is not None and default == asked else None
        case Known(value=()), Absent():
            return Known(value=())
        case Link(), None if (intended.kind, name) == (Kind.SECRET_VERSION, "secret_id"):
            return _secret_of(intended)
        case Unknown(reference="var.documents"), None if intended.kind is Kind.SECRET_VERSION:
            return replace(read, span=None)
        case Known(), None:
            value = _written_value(name, intended)
            return None if value is None else Known(value=value)
        case _:
            return None


_DEFAULTS: Mapping[tuple[Kind, str], Json] = {
    (Kind.CACHE_RULE, "upstream_repository_prefix"): ROOT,
    (Kind.CREATION_TEMPLATE, "resource_tags"): {},
}
"""What a topology says in words and code says by leaving the argument out."""


def _written_value(name: str, intended: Record) -> Json:
    """What code writes although no record asks for it: mostly a part of the record's own key."""
    key = intended.key
    if isinstance(key, Unknown):
        return None
    match intended.kind, name:
        case (
            (Kind.CACHE_RULE, "ecr_repository_prefix")
            | (Kind.CREATION_TEMPLATE, "prefix")
            | (Kind.SECRET, "name")
            | (Kind.ACCOUNT_SETTING, "name")
        ):
            return key
        case ((Kind.MANAGED_POLICY | Kind.ROLE), "name"):
            return key.rpartition("/")[2]
        case ((Kind.MANAGED_POLICY | Kind.ROLE), "path"):
            before, slash, _ = key.rpartition("/")
            return f"/{before}{slash}"
        case Kind.ROLE_POLICY, "role":
            return key.rpartition(":")[0].rpartition("/")[2]
        case Kind.ROLE_POLICY, "name":
            return key.rpartition(":")[2]
        # Of a placeholder, every key is blank.
        case Kind.SECRET_VERSION, ("secret_string_wo_keys" | "secret_string_wo_blank_keys"):
            return ("username", "accessToken")
        case _:
            return None


def _secret_of(version: Record) -> Link | None:
    identity = version.identity
    return None if identity is None else Link(target=replace(identity, kind=Kind.SECRET))


def _arn_of_role(role: Identity, intended: Record) -> str | None:
    """The ARN of a role that the code names and does not make, in the partition of the record."""
    if not isinstance(intended.region, Region):
        return None
    return role_arn(intended.region.aws_partition.id, role.account, role.key)


def _lacks_sids(intended: Record, name: str) -> bool:
    """Whether a module gives the statements of this policy names that the topology has not."""
    return intended.kind is Kind.ROLE_POLICY and name == "policy"


def _with_sids(read: Json, asked: Json) -> Json:
    """The policy that is asked for, its statements named as those that were read."""
    if not isinstance(read, Mapping) or not isinstance(asked, Mapping):
        return asked
    mine, wanted = read.get("Statement"), asked.get("Statement")
    if not isinstance(mine, tuple) or not isinstance(wanted, tuple) or len(mine) != len(wanted):
        return asked
    return {
        **asked,
        "Statement": tuple(
            {"Sid": named["Sid"], **statement}
            if isinstance(named, Mapping) and isinstance(statement, Mapping) and "Sid" in named
            else statement
            for named, statement in zip(mine, wanted, strict=True)
        ),
    }


def _in_order_of(read: Json, asked: Json) -> Json:
    """What is asked for, with its keys in the order in which a root of the shape says them."""
    match read, asked:
        case Mapping(), Mapping() if read.keys() == asked.keys():
            return {key: _in_order_of(mine, asked[key]) for key, mine in read.items()}
        case tuple(), tuple() if len(read) == len(asked):
            return tuple(map(_in_order_of, read, asked))
        case _:
            return asked


def _moved_note(note: Finding, root: str, places: _Places) -> Finding:
    return replace(note, subject=f"{root} {note.address}", location=places.moved(note.location))
