"""The text of an imported topology, and what each of its lines stands for."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import field

from generator.frozen_data import frozen
from generator.imported.access import access_of, consumer_accounts
from generator.imported.access_work import Access, PolicyWord
from generator.imported.caches import Caches, caches_of
from generator.imported.choices import Choices
from generator.imported.creation import Templates, templates_of
from generator.imported.facts import Facts, role_named, told_notes
from generator.imported.holders import open_notes
from generator.imported.lines import Entry, Nested, Page, Yaml
from generator.imported.missing_inputs import missing_inputs
from generator.imported.names import account_folders, account_names, code_folders, layout_of
from generator.imported.notes import Note
from generator.imported.sets import Content, set_entries
from generator.imported.world import IamNames, World, iam_names
from generator.model.estate import Kind, Unknown
from generator.model.values import AccountId, Region

_MOST_ROOTS = 10


@frozen
class Worded:
    """A topology as text, the documents that it names by their paths, and what is not in it."""

    page: Page
    documents: Mapping[str, str]
    notes: tuple[Note, ...]
    names: Mapping[AccountId, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The topology."""
        return self.page.text()


def worded(facts: Facts, choices: Choices, *, are_documents_files: bool) -> Worded:
    """The facts in the topology's words; without any cache there is no topology, and no text.

    Statements to keep are written into files where other documents are, else into the topology.
    """
    folders = {} if facts.is_live else account_folders(facts.estate)
    layout, index = layout_of(folders)
    known = {record.account for record in facts.records.values()} | set(folders)
    accounts = {account for account in known if not isinstance(account, Unknown)}
    every = account_names(accounts, folders, index, facts.names, facts.words)
    iam = iam_names(facts)
    world = World(facts=facts, choices=choices, names=every, iam=iam)
    consuming = consumer_accounts(world, caches_of(world))
    regions = _regions(facts, consuming)
    names = {account: name for account, name in every.items() if account in regions}
    world = World(facts=facts, choices=choices, names=names, iam=iam)
    caches, templates = caches_of(world), templates_of(world)
    if not caches.placed:
        asked = (*missing_inputs(facts, is_empty=True), *caches.notes)
        return Worded(page=Page(), documents={}, notes=asked or (_no_cache(facts),))
    _leave_out_alone(facts, caches, templates)
    access = access_of(world, caches)
    for registry in caches.sources:
        if registry.account in regions:
            regions[registry.account].add(registry.region)
    documents = dict(templates.documents)
    sets = _registries(world, caches, templates, access, regions)
    sections = [
        _defaults(iam, choices),
        _accounts(
            world,
            access,
            regions,
            documents if are_documents_files else None,
            code_folders(facts.estate, layout or "{account}", names),
        ),
        _upstreams(caches),
        _templates(templates),
        _consumers(access),
        Entry(key="registries", value=Nested(sets) if sets else {}),
        _terraform(layout, {account: folders.get(account, ()) for account in names}),
    ]
    notes = (
        *missing_inputs(facts, is_empty=False),
        *told_notes(facts.estate),
        *caches.notes,
        *templates.notes,
        *access.notes,
        *open_notes(world, _service_roles(facts)),
    )
    page = Page()
    page.write((Entry(key="version", value=1), *(each for each in sections if each is not None)))
    return Worded(page=page, documents=documents, notes=notes, names=names)


def _no_cache(facts: Facts) -> Note:
    """That nothing is there to write a topology from."""
    if facts.is_live:
        return Note(
            title="AWS has no cache",
            message="A topology is about pull-through caches, and none was found in what was read.",
            subject="no cache",
        )
    roots = [f"`{root.name or '.'}`" for root in facts.estate.roots]
    read = f"the root modules that were read are {', '.join(roots[:_MOST_ROOTS])}"
    if len(roots) > _MOST_ROOTS:
        read += f" and {len(roots) - _MOST_ROOTS} more"
    return Note(
        title="The code makes no cache",
        message=(
            "A topology is about pull-through caches, and no root module makes a cache rule: "
            f"{read if roots else 'no root module was found in which it could be'}."
        ),
        subject="no cache",
    )


def _leave_out_alone(facts: Facts, caches: Caches, templates: Templates) -> None:
    """Take out the templates of registries without a cache: a set of registries has one."""
    for registry in sorted(set(templates.placed).difference(caches.placed)):
        for prefix in templates.placed.pop(registry):
            record = facts.find(Kind.CREATION_TEMPLATE, registry.account, registry.region, prefix)
            assert record is not None  # noqa: S101 - it was placed because of its record
            templates.notes.append(
                Note(
                    title=f"The creation template of `{prefix}` is not in the topology",
                    message=(
                        f"`{record.address}` is left out: its registry has no cache, and a topology "
                        "is about registries with caches."
                    ),
                    subject=f"{record.root} {record.address}",
                    address=record.address,
                    location=record.span,
                )
            )
    used = {
        placed.value for placements in templates.placed.values() for placed in placements.values()
    }
    for name in set(templates.declared).difference(str(each) for each in used):
        for value in templates.declared.pop(name).values():
            if isinstance(value, Mapping) and "file" in value:
                templates.documents.pop(str(value["file"]), None)


def _regions(
    facts: Facts, consuming: Mapping[AccountId, set[Region]]
) -> dict[AccountId, set[Region]]:
    """The regions of each account of the topology; a mere consumer has those that it pulls from."""
    regions: dict[AccountId, set[Region]] = {}
    for registry in facts.registries:
        regions.setdefault(registry.account, set()).add(registry.region)
    known = {record.account for record in facts.records.values()}
    for account, found in consuming.items():
        if account in known and account not in regions:
            regions[account] = set(found)
    return regions


def _service_roles(facts: Facts) -> set[tuple[AccountId, str]]:
    return {
        (registry.account, role)
        for kind in (Kind.CACHE_RULE, Kind.CREATION_TEMPLATE)
        for registry, _, record in facts.in_registries(kind)
        if (role := role_named(record.get("custom_role_arn"))) is not None
    }


def _defaults(iam: IamNames, choices: Choices) -> Entry | None:
    value: dict[str, Yaml] = {}
    if iam.name_prefix != IamNames().name_prefix:
        value["name_prefix"] = iam.name_prefix
    if iam.path != "/":
        value["path"] = iam.path
    if iam.permissions_boundary is not None:
        value["permissions_boundary"] = iam.permissions_boundary
    if choices.role_scope != "prefix":
        value["role_scope"] = choices.role_scope
    return Entry(key="defaults", value=Nested((Entry(key="iam", value=value),))) if value else None


def _accounts(
    world: World,
    access: Access,
    regions: Mapping[AccountId, set[Region]],
    documents: dict[str, str] | None,
    told: Mapping[AccountId, tuple[str, ...]],
) -> Entry:
    first = {
        root.account: root.first_file
        for root in reversed(world.facts.estate.roots)
        if not world.facts.is_live
    }
    entries = []
    for account, name in sorted(world.names.items(), key=lambda pair: pair[1]):
        value: dict[str, Yaml] = {"id": account, "regions": sorted(regions[account])}
        if account in told:
            value["code_folders"] = list(told[account])
        word = access.policies.get(account, PolicyWord(word=""))
        if word.word:
            value["registry_policy"] = word.word
        if word.kept and documents is None:
            value["keep_statements"] = list(word.kept)
        elif word.kept and documents is not None:
            file = f"policies/{name}-kept.json"
            value["keep_statements"] = {"file": file}
            documents[file] = json.dumps(list(word.kept), indent=2, ensure_ascii=False) + "\n"
        source = word.source or first.get(account)
        entries.append(
            Entry(
                key=name,
                value=value,
                owners=frozenset({f"account {account}"}),
                sources=() if source is None else (source,),
            )
        )
    return Entry(key="accounts", value=Nested(tuple(entries)))


def _upstreams(caches: Caches) -> Entry | None:
    entries = tuple(
        Entry(key=name, value=dict(value)) for name, value in sorted(caches.upstreams.items())
    )
    return Entry(key="upstreams", value=Nested(entries)) if entries else None


def _templates(templates: Templates) -> Entry | None:
    entries = []
    for name, value in sorted(templates.declared.items()):
        users = [
            placed
            for placements in templates.placed.values()
            for placed in placements.values()
            if placed.value == name
        ]
        entries.append(
            Entry(
                key=name,
                value=dict(value),
                owners=frozenset(user.owner for user in users),
                sources=tuple(user.source for user in users if user.source is not None),
            )
        )
    return Entry(key="creation_templates", value=Nested(tuple(entries))) if entries else None


def _consumers(access: Access) -> Entry | None:
    used = {
        grant.to
        for grants in access.grants.values()
        for grant in grants
        if isinstance(grant.to, str)
    }
    entries = tuple(
        Entry(
            key=name,
            value=dict(consumer.value),
            owners=frozenset({consumer.owner}),
            sources=() if consumer.source is None else (consumer.source,),
        )
        for name, consumer in sorted(access.consumers.items())
        if name in used
    )
    return Entry(key="consumers", value=Nested(entries)) if entries else None


def _registries(
    world: World,
    caches: Caches,
    templates: Templates,
    access: Access,
    regions: Mapping[AccountId, set[Region]],
) -> tuple[Entry, ...]:
    contents = {
        registry: Content(
            caches=caches.placed.get(registry, {}),
            templates=templates.placed.get(registry, {}),
            grants=access.grants.get(registry, []),
        )
        for registry in sorted({*caches.placed, *templates.placed})
    }
    ordered = {account: sorted(found) for account, found in regions.items()}
    return set_entries(contents, world.names, ordered, access.set_names)


def _terraform(layout: str | None, folders: Mapping[AccountId, Sequence[str]]) -> Entry | None:
    """The layout that the folders follow; `.` is one for a single account only."""
    if layout in {None, "{account}"} or (layout == "." and len(folders) != 1):
        return None
    return Entry(key="terraform", value=Nested((Entry(key="layout", value=layout or ""),)))
