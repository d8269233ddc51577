"""What a plan will change: how many resources, and the records before it and after it."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from generator.estate.resources import RecordBuilder
from generator.frozen_data import frozen
from generator.model.estate import Record, Unknown
from generator.model.finding import Finding
from generator.model.reading import Source, UnreadModule
from generator.model.values import AccountId
from generator.state.document import (
    Document,
    UnusableFileError,
    elements,
    fields,
    parse_document,
    word,
)
from generator.state.reader import StateFile, incomplete_plan, unusable_file
from generator.state.resources import StateResource, accounts_of, forgotten_by, resources_of


@frozen
class PlannedChanges:
    """One plan: Terraform's own counts, and what was and what will be.

    `moved` has the new address of each resource that only moves; `replaced` the addresses that are
    destroyed and created anew. `incomplete` says why the plan does not tell everything.
    """

    file: Path
    accounts: tuple[AccountId, ...]
    add: int
    change: int
    destroy: int
    imported: int
    before: tuple[Record, ...]
    after: tuple[Record, ...]
    moved: Mapping[str, str]
    replaced: frozenset[str]
    destroyed: frozenset[str]
    incomplete: tuple[UnreadModule, ...]

    @property
    def changes_nothing(self) -> bool:
        """Whether Terraform would report no changes."""
        return not (self.add or self.change or self.destroy or self.imported)


def read_changes(files: Iterable[StateFile]) -> tuple[list[PlannedChanges], list[Finding]]:
    """Read plans; a file that cannot be used is a finding, and the rest is still read."""
    plans: list[PlannedChanges] = []
    problems: list[Finding] = []
    for file in files:
        try:
            plans.append(_changes(file))
        except UnusableFileError as error:
            problems.append(unusable_file(file.file, error))
    return plans, problems


def _changes(file: StateFile) -> PlannedChanges:
    name = file.file.as_posix()
    document = parse_document(file.content, name=name, expected=Source.PLAN)
    before = Document(
        source=Source.STATE,
        text=document.text,
        content={
            "values": fields(fields(document.content.get("prior_state")).get("values")),
            "configuration": document.content.get("configuration"),
        },
    )
    counts = dict.fromkeys(("create", "update", "delete", "import"), 0)
    moved: dict[str, str] = {}
    replaced: set[str] = set()
    destroyed: set[str] = set()
    for address, previous, actions, is_imported in _resource_changes(document):
        counts["import"] += is_imported
        for action in actions & counts.keys():
            counts[action] += 1
        if previous:
            moved[previous] = address
        if actions >= {"create", "delete"}:
            replaced.add(address)
        elif "delete" in actions:
            destroyed.add(address)
    after = resources_of(document, file.file)
    return PlannedChanges(
        file=file.file,
        accounts=tuple(sorted(_accounts(document, after))),
        add=counts["create"],
        change=counts["update"],
        destroy=counts["delete"],
        imported=counts["import"],
        before=tuple(RecordBuilder(name, resources_of(before, file.file)).records()),
        # What is forgotten stays as it is.
        after=tuple(RecordBuilder(name, [*after, *forgotten_by(document, file.file)]).records()),
        moved=moved,
        replaced=frozenset(replaced),
        destroyed=frozenset(destroyed),
        incomplete=tuple(incomplete_plan(name, file.file, document)),
    )


def _accounts(document: Document, resources: Iterable[StateResource]) -> set[AccountId]:
    shown = (resource.account for resource in resources if resource.is_managed)
    return {*accounts_of(document), *(one for one in shown if not isinstance(one, Unknown))}


def _resource_changes(document: Document) -> Iterator[tuple[str, str, frozenset[str], bool]]:
    """Each managed resource's address, the one it had before, its actions, and if it is imported.

    A deposed object counts as destroyed, as Terraform counts it, but it carries no pulls any more.
    """
    for item in map(fields, elements(document.content.get("resource_changes"))):
        if item.get("mode") == "data":
            continue
        change = fields(item.get("change"))
        actions = frozenset(map(word, elements(change.get("actions"))))
        address = "" if "deposed" in item else word(item.get("address"))
        yield address, word(item.get("previous_address")), actions, bool(change.get("importing"))
