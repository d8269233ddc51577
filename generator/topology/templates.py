"""Reads creation templates as they are declared, and the prefixes that sets give them."""

from pathlib import Path
from typing import TYPE_CHECKING

from generator.model.quotes import quoted
from generator.model.span import Span
from generator.model.topology import AppliedFor, CreationTemplate, Encryption, Mutability
from generator.model.values import Prefix
from generator.topology.contents import Entries, Items, Text
from generator.topology.declarations import PrefixTemplate, TemplateEntry
from generator.topology.lists import texts_of
from generator.topology.mistakes import (
    INVALID_VALUE,
    MISSING_KEY,
    TEMPLATE_TWICE,
    TWO_SCOPES,
    WITHOUT_EFFECT,
    Mistakes,
    Place,
)
from generator.topology.raw_documents import (
    MAX_LIFECYCLE,
    MAX_REPOSITORY_POLICY,
    check_lifecycle,
    read_document,
)

if TYPE_CHECKING:
    from generator.model.estate import Json


MAX_TAGS = 50
"""The most tags of a repository."""


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
                f"{quoted(prefix)} a second time. Remove one of the two.",
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
    is_right &= _is_mutability_right(entry, mutability, mistakes)
    template = CreationTemplate(
        name=name,
        mutability=Mutability(mutability.text) if mutability is not None else Mutability.MUTABLE,
        mutability_exclusions=tuple(
            each.text for each in texts_of(entry.items("mutability_exclusions"))
        ),
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
        places=_places(entry, lifecycle),
    )
    return TemplateEntry(
        name=name,
        place=place,
        template=template if is_right else None,
        mutability_place=mutability.place if mutability is not None else place,
        kms_keys=kms_keys,
        kms_place=kms_place,
    )


def _is_mutability_right(entry: Entries, word: Text | None, mistakes: Mistakes) -> bool:
    """Whether the word for mutability and the filters go together, which ECR wants."""
    if "mutability" in entry.broken or "mutability_exclusions" in entry.broken:
        return False
    filters = entry.items("mutability_exclusions")
    mutability = Mutability(word.text) if word is not None else Mutability.MUTABLE
    if mutability.takes_exclusions and filters is None:
        if entry.may_have("mutability_exclusions"):
            return False
        place = word.place if word is not None else entry.place
        mistakes.add(
            MISSING_KEY,
            place,
            f"`{place.path}`: `{mutability.value}` wants the tags that are excluded. Add "
            '`mutability_exclusions: [latest, "dev-*"]`, or write '
            f"`{mutability.value.partition('_')[0]}` for all tags.",
        )
        return False
    if filters is not None and not mutability.takes_exclusions:
        mistakes.add(
            WITHOUT_EFFECT,
            filters.place,
            f"`{filters.place.path}`: nothing can be excluded from `{mutability.value}`, and ECR refuses it. "
            "Write `mutability: IMMUTABLE_WITH_EXCLUSION` where only these tags can be moved, "
            "`MUTABLE_WITH_EXCLUSION` where all but these can, or remove the key.",
        )
        return False
    return filters is None or filters.is_whole


def _places(entry: Entries, lifecycle: Entries | None) -> dict[str, Span]:
    """The lines of the keys; when images expire is said by the one key below `lifecycle`."""
    places = {key: place.shown for key, place in entry.keys.items()}
    for place in () if lifecycle is None else lifecycle.keys.values():
        places["lifecycle"] = place.shown
    return places


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
