"""Creation templates: as they are declared, and in the registries that use them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from generator.model.topology import (
    AppliedFor,
    CreationTemplate,
    Encryption,
    Mutability,
    PlacedTemplate,
)
from generator.model.values import ALIAS, Prefix, Region, fill_placeholders
from generator.topology.mistakes import (
    DANGLING_NAME,
    IMMUTABLE_CACHE,
    INVALID_VALUE,
    KMS_KEY_REGION,
    MISSING_KEY,
    TEMPLATE_TWICE,
    TWO_SCOPES,
    UNUSED_TEMPLATE,
    Mistakes,
    Place,
    line_of,
    listed,
    quoted,
)
from generator.topology.raw_documents import (
    MAX_LIFECYCLE,
    MAX_REPOSITORY_POLICY,
    check_lifecycle,
    read_document,
)
from generator.topology.structure import Entries, Items, Text
from generator.topology.texts import NONE

if TYPE_CHECKING:
    from generator.model.estate import Json
    from generator.topology.declarations import Declarations, SetEntry
    from generator.topology.gathered import Gathered, PlacedCache, Registry

MAX_TAGS = 50
"""The most tags of a repository."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateEntry:
    """A declared template; `template` is `None` after a mistake.

    `kms_keys` are the aliases or ARNs of its keys by region, or one for every region under `None`.
    """

    name: str
    place: Place
    template: CreationTemplate | None
    mutability_place: Place
    kms_keys: Mapping[str | None, Text]
    kms_place: Place | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PrefixTemplate:
    """A template that a set gives to a prefix; `name` may be `none`."""

    prefix: Prefix
    name: Text


def template_entries(
    entries: Entries | None, project: Path, mistakes: Mistakes
) -> dict[str, TemplateEntry]:
    """Read the section `creation_templates`."""
    if entries is None:
        return {}
    found = {}
    for name, place in entries.keys.items():
        entry = entries.entries(name)
        if entry is not None:
            found[name] = _template(name, place, entry, project, mistakes)
        else:
            found[name] = TemplateEntry(
                name=name,
                place=place,
                template=None,
                mutability_place=place,
                kms_keys={},
                kms_place=None,
            )
    return found


def prefix_templates(entries: Entries | None, mistakes: Mistakes) -> tuple[PrefixTemplate, ...]:
    """Read the templates of a set by prefix; prefixes with mistakes are noted already."""
    found: dict[Prefix, PrefixTemplate] = {}
    for key, place in entries.keys.items() if entries is not None else ():
        name = entries.text(key) if entries is not None else None
        if name is None or not _is_prefix(key):
            continue
        prefix = Prefix.parse_of_template(key)
        if prefix in found:
            mistakes.add(
                TEMPLATE_TWICE,
                place,
                f"`{place.path}`: a slash at the end makes no difference, so this is the prefix "
                f"`{prefix}` a second time. Remove one of the two.",
            )
            continue
        found[prefix] = PrefixTemplate(prefix=prefix, name=name)
    return tuple(found.values())


def _is_prefix(text: str) -> bool:
    from generator.model.errors import InvalidValueError

    try:
        Prefix.parse_of_template(text)
    except InvalidValueError:
        return False
    return True


def _template(
    name: str, place: Place, entry: Entries, project: Path, mistakes: Mistakes
) -> TemplateEntry:
    is_right = not entry.broken
    encryption, kms_keys, kms_place = _encryption(entry)
    encryption_entry = entry.entries("encryption")
    if encryption_entry is not None:
        is_right &= not encryption_entry.broken
        keys = encryption_entry.entries("kms_key")
        is_right &= keys is None or not keys.broken
    tags = entry.entries("repository_tags")
    if tags is not None:
        is_right &= not tags.broken
        if len(tags.keys) > MAX_TAGS:
            is_right = False
            mistakes.add(
                INVALID_VALUE,
                tags.place,
                f"`{tags.place.path}`: these are {len(tags.keys)} tags, and a repository takes "
                f"{MAX_TAGS}.",
            )
    lifecycle = entry.entries("lifecycle")
    document: Json = None
    if lifecycle is not None:
        is_lifecycle_right, document = _lifecycle(lifecycle, project, mistakes)
        is_right &= is_lifecycle_right
    policy = entry.entries("repository_policy")
    policy_document: Json = None
    if policy is not None:
        file = policy.text("file")
        if file is not None:
            policy_document = read_document(file, project, mistakes, maximum=MAX_REPOSITORY_POLICY)
        is_right &= policy_document is not None
    applied_for = entry.items("applied_for")
    mutability, role = entry.text("mutability"), entry.text("role")
    is_right &= applied_for is None or applied_for.is_whole
    template = CreationTemplate(
        name=name,
        mutability=Mutability(mutability.text) if mutability is not None else Mutability.MUTABLE,
        encryption=encryption,
        repository_tags={
            key: value.text
            for key, value in (tags.values.items() if tags is not None else ())
            if isinstance(value, Text)
        },
        expire_after_days=_number(lifecycle, "expire_after_days"),
        keep_images=_number(lifecycle, "keep_images"),
        lifecycle=document,
        applied_for=_applied_for(applied_for),
        repository_policy=policy_document,
        role=role.text if role is not None else None,
        span=place.shown,
    )
    return TemplateEntry(
        name=name,
        place=place,
        template=template if is_right else None,
        mutability_place=mutability.place if mutability is not None else place,
        kms_keys=kms_keys,
        kms_place=kms_place,
    )


def _applied_for(items: Items | None) -> tuple[AppliedFor, ...]:
    words = [item.text for item in items.items if isinstance(item, Text)] if items else ()
    return tuple(sorted(map(AppliedFor, words))) or (AppliedFor.PULL_THROUGH_CACHE,)


def _number(entry: Entries | None, key: str) -> int | None:
    text = entry.text(key) if entry is not None else None
    return int(text.text) if text is not None else None


def _encryption(
    entry: Entries,
) -> tuple[Encryption, dict[str | None, Text], Place | None]:
    """How a template encrypts, the keys by region, and where they are named."""
    match entry.values.get("encryption"):
        case Text() as word:
            return Encryption(word.text), {}, None
        case Entries() as mapping:
            place = mapping.keys.get("kms_key")
            match mapping.values.get("kms_key"):
                case Text() as key:
                    return Encryption.KMS, {None: key}, place
                case Entries() as keys:
                    by_region: dict[str | None, Text] = {
                        region: key for region, key in keys.values.items() if isinstance(key, Text)
                    }
                    return Encryption.KMS, by_region, place
                case _:
                    return Encryption.KMS, {}, place
        case _:
            return Encryption.AES256, {}, None


def _lifecycle(entry: Entries, project: Path, mistakes: Mistakes) -> tuple[bool, "Json"]:
    """Whether a lifecycle is right, and the document where it is one."""
    if len(entry.keys) > 1:
        second = list(entry.keys)[1]
        mistakes.add(
            TWO_SCOPES,
            entry.keys[second],
            f"`{entry.place.path}`: `expire_after_days` and `keep_images` each take every image, "
            "and ECR combines no two such rules; a file holds all the rules itself. Keep one of "
            "the keys.",
        )
        return False, None
    file = entry.text("file")
    if file is None:
        return not entry.broken, None
    document = read_document(file, project, mistakes, maximum=MAX_LIFECYCLE)
    if document is None:
        return False, None
    return check_lifecycle(document, file, mistakes), document


@dataclass(frozen=True, slots=True, kw_only=True)
class _Choice:
    """The template that somebody wants for a prefix of a registry."""

    name: str
    place: Place


def place_templates(
    declared: "Declarations",
    reached: Iterable[tuple["SetEntry", Mapping[str, tuple[Region, ...]]]],
    caches: Iterable["PlacedCache"],
    gathered: "Gathered",
    mistakes: Mistakes,
) -> tuple[PlacedTemplate, ...]:
    """The templates of every registry: those of sets and caches, and the default for other caches.

    `reached` are the sets with the regions of their accounts.
    """
    caches = tuple(caches)
    chosen: dict[tuple[Registry, Prefix], _Choice] = {}
    used: set[str] = set()
    for registry, prefix, name in _asked_for(reached, caches):
        choice = _Choice(name=name.text, place=name.place)
        first = chosen.setdefault((registry, prefix), choice)
        if first.name != choice.name:
            gathered.note(
                TEMPLATE_TWICE,
                name.place,
                f"`{name.place.path}`: the prefix `{prefix}` of this registry has "
                f"{quoted(first.name)} already, by `{first.place.path}` ("
                f"{line_of(first.place.shown, name.place.shown)}). A prefix has one creation template: keep one of the "
                "two.",
                registry,
            )
        _note_name(name, declared, used, mistakes)
    default = declared.default_template
    if default is not None:
        _note_name(default, declared, used, mistakes)
        for each in caches:
            key = ((each.account, each.region), each.entry.prefix)
            if each.entry.is_template_known:
                chosen.setdefault(key, _Choice(name=default.text, place=each.entry.place))
    placed = []
    for (registry, prefix), choice in chosen.items():
        entry = declared.templates.get(choice.name)
        if choice.name != NONE and entry is not None and entry.template is not None:
            template = _place(
                entry, entry.template, registry, prefix, choice, declared, gathered, mistakes
            )
            placed.append(template)
    for name_of, entry in declared.templates.items():
        if name_of not in used and not mistakes.any_mistake:
            mistakes.add(
                UNUSED_TEMPLATE,
                entry.place,
                f"`{entry.place.path}`: no cache, no set and no default names this template. "
                "Remove it, or name it in `creation_template`.",
            )
    return tuple(
        sorted(
            (each for each in placed if each is not None),
            key=lambda each: (each.account, each.region, each.prefix),
        )
    )


def _asked_for(
    reached: Iterable[tuple["SetEntry", Mapping[str, tuple[Region, ...]]]],
    caches: Iterable["PlacedCache"],
) -> "Iterator[tuple[Registry, Prefix, Text]]":
    """Every template that a set or a cache names, by registry and prefix."""
    for entry, regions in reached:
        for account, of_account in regions.items():
            for region in of_account:
                for asked in entry.templates:
                    yield (account, region), asked.prefix, asked.name
    for each in caches:
        if each.entry.creation_template is not None:
            registry = (each.account, each.region)
            yield registry, each.entry.prefix, each.entry.creation_template


def _note_name(name: Text, declared: "Declarations", used: set[str], mistakes: Mistakes) -> None:
    """Note that a template is used, or that there is none of the name."""
    used.add(name.text)
    if name.text == NONE or name.text in declared.templates:
        return
    if "creation_templates" in declared.unknown_sections:
        return
    near = mistakes.suggest(name.text, (*declared.templates, NONE))
    known = f", which has {listed(declared.templates)}" if declared.templates else ""
    mistakes.add(
        DANGLING_NAME,
        name.place,
        f"`{name.place.path}`: {quoted(name.text)} is not a creation template of this topology"
        f"{known}. Add it to `creation_templates`, or write `none` for no template.{near}",
    )


def _place(
    entry: TemplateEntry,
    template: CreationTemplate,
    registry: "Registry",
    prefix: Prefix,
    choice: _Choice,
    declared: "Declarations",
    gathered: "Gathered",
    mistakes: Mistakes,
) -> PlacedTemplate | None:
    """A template in one registry; `None` when its key cannot be used there."""
    account, region = registry
    is_for_caches = AppliedFor.PULL_THROUGH_CACHE in template.applied_for
    if template.mutability is Mutability.IMMUTABLE and is_for_caches:
        place = entry.mutability_place
        mistakes.add(
            IMMUTABLE_CACHE,
            place,
            f"`{place.path}`: in an immutable repository ECR cannot move a tag to a newer image, "
            "so a tag such as `latest` stays for ever what it was at the first pull. For caches, "
            "`MUTABLE` is right.",
        )
    account_id = declared.accounts[account].id
    if account_id is None:
        return None
    kms_key = None
    if entry.kms_place is not None:
        kms_key = _key(entry, entry.kms_place, registry, gathered)
        if kms_key is None:
            return None
    if kms_key is not None and not kms_key.startswith(ALIAS):
        assert entry.kms_place is not None  # noqa: S101 - a key has a place
        kms_key = fill_placeholders(kms_key, account=account_id, region=region)
        _, partition, _, key_region, _ = kms_key.split(":", 4)
        if (partition, key_region) != (region.aws_partition.id, region):
            gathered.note(
                KMS_KEY_REGION,
                entry.kms_place,
                f"`{entry.kms_place.path}`: {quoted(kms_key)} lies in {key_region} of the "
                f"partition `{partition}`, and ECR takes only keys of the registry's own region, "
                f"{region}. Write a mapping from regions to keys, or narrow where the template is "
                "used.",
                registry,
            )
            return None
    return PlacedTemplate(
        account=account,
        region=region,
        prefix=prefix,
        template=template,
        kms_key=kms_key,
        span=choice.place.shown,
    )


def _key(
    entry: TemplateEntry, place: Place, registry: "Registry", gathered: "Gathered"
) -> str | None:
    """The template's key for a registry, as it is written."""
    region = registry[1]
    key = entry.kms_keys.get(None, entry.kms_keys.get(str(region)))
    if key is None:
        gathered.note(
            MISSING_KEY,
            place,
            f"`{place.path}`: the template is used in {region}, and there is no key for it. Add "
            f"`{region}: KEY`, or narrow where the template is used.",
            registry,
        )
        return None
    return key.text
