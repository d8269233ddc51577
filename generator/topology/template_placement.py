"""Puts creation templates into the registries that use them."""

from collections.abc import Iterable, Iterator, Mapping

from generator.frozen_data import frozen
from generator.model.quotes import listed, quoted
from generator.model.tag_mutability import keeps_latest
from generator.model.topology import AppliedFor, CreationTemplate, PlacedTemplate
from generator.model.values import ALIAS, Prefix, Region, fill_placeholders
from generator.topology.contents import Text
from generator.topology.declarations import Declarations, SetEntry, TemplateEntry
from generator.topology.mistakes import (
    CACHE_IMMUTABLE,
    DANGLING_NAME,
    KMS_KEY_REGION,
    MISSING_KEY,
    TEMPLATE_TWICE,
    UNUSED_TEMPLATE,
    Mistakes,
    Place,
    line_of,
)
from generator.topology.resolution_state import Gathered, PlacedCache, Registry
from generator.topology.text_checks import NONE


@frozen
class _Choice:
    """The template that a set or a cache names for a prefix of a registry."""

    name: str
    place: Place


def place_templates(
    declared: Declarations,
    reached: Iterable[tuple[SetEntry, Mapping[str, tuple[Region, ...]]]],
    caches: Iterable[PlacedCache],
    gathered: Gathered,
    mistakes: Mistakes,
) -> tuple[PlacedTemplate, ...]:
    """The templates of every registry: those of sets and caches, and the default for other caches.

    `reached` are the sets with the regions of their accounts.
    """
    caches = tuple(caches)
    chosen: dict[tuple[Registry, Prefix], _Choice] = {}
    used: set[str] = set()
    for registry, prefix, name in _named_templates(reached, caches):
        choice = _Choice(name=name.text, place=name.place)
        first = chosen.setdefault((registry, prefix), choice)
        if first.name != choice.name:
            gathered.note(
                TEMPLATE_TWICE,
                name.place,
                f"`{name.place.path}`: the prefix {quoted(prefix)} of this registry has "
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
                chosen.setdefault(key, _Choice(name=default.text, place=default.place))
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


def _named_templates(
    reached: Iterable[tuple[SetEntry, Mapping[str, tuple[Region, ...]]]],
    caches: Iterable[PlacedCache],
) -> Iterator[tuple[Registry, Prefix, Text]]:
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


def _note_name(name: Text, declared: Declarations, used: set[str], mistakes: Mistakes) -> None:
    """Note that a template is used, or that there is none of the name."""
    used.add(name.text)
    if name.text == NONE or name.text in declared.templates:
        return
    if "creation_templates" in declared.unknown_sections:
        return
    candidates = (*declared.templates, NONE)
    near, edit = mistakes.correction(name.text, name.place, candidates, are_names=True)
    known = f", which has {listed(declared.templates)}" if declared.templates else ""
    mistakes.add(
        DANGLING_NAME,
        name.place,
        f"`{name.place.path}`: {quoted(name.text)} is not a creation template of this topology"
        f"{known}. Add it to `creation_templates`, or write `none` for no template.{near}",
        edit,
    )


def _place(
    entry: TemplateEntry,
    template: CreationTemplate,
    registry: Registry,
    prefix: Prefix,
    choice: _Choice,
    declared: Declarations,
    gathered: Gathered,
    mistakes: Mistakes,
) -> PlacedTemplate | None:
    """A template in one registry; `None` when its key cannot be used there."""
    account, region = registry
    is_for_caches = AppliedFor.PULL_THROUGH_CACHE in template.applied_for
    if is_for_caches and keeps_latest(template.mutability, template.mutability_exclusions):
        place = entry.mutability_place
        mistakes.add(
            CACHE_IMMUTABLE,
            place,
            f"`{place.path}`: where tags are immutable, ECR cannot move them to a newer image, so a "
            "tag such as `latest` stays for good what it was at the first pull. For caches, "
            "`MUTABLE` is right, or `IMMUTABLE_WITH_EXCLUSION` with the tags that move under "
            "`mutability_exclusions`.",
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


def _key(entry: TemplateEntry, place: Place, registry: Registry, gathered: Gathered) -> str | None:
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
