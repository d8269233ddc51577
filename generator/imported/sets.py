"""Registries that are alike, as one set of the topology: the fewest lines without loss."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from generator.imported.access import PlacedGrant, cache_of
from generator.imported.caches import Placed
from generator.imported.facts import Registry
from generator.imported.lines import Entry, Item, Listed, Nested, Owner, Yaml
from generator.imported.names import unused
from generator.span import Span
from generator.values import ROOT, AccountId, Region


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """All that a topology says about one registry."""

    caches: Mapping[str, Placed] = field(default_factory=dict)
    templates: Mapping[str, Placed] = field(default_factory=dict)
    grants: Sequence[PlacedGrant] = ()

    @property
    def spelling(self) -> str:
        """The same for registries that are alike."""
        grants = {
            json.dumps([grant.to, grant.level, grant.repositories], sort_keys=True)
            for grant in self.grants
        }
        return json.dumps(
            [
                {prefix: placed.value for prefix, placed in self.caches.items()},
                {prefix: placed.value for prefix, placed in self.templates.items()},
                sorted(grants),
            ],
            sort_keys=True,
        )


def set_entries(
    contents: Mapping[Registry, Content],
    names: Mapping[AccountId, str],
    regions: Mapping[AccountId, Sequence[Region]],
) -> tuple[Entry, ...]:
    """The sets of registries, by name."""
    alike: dict[tuple[str, tuple[Region, ...]], list[AccountId]] = {}
    by_account: dict[tuple[str, AccountId], list[Region]] = {}
    for registry, content in sorted(contents.items()):
        by_account.setdefault((content.spelling, registry.account), []).append(registry.region)
    for (spelling, account), found in by_account.items():
        alike.setdefault((spelling, tuple(sorted(found))), []).append(account)
    entries: dict[str, Entry] = {}
    for (_, together), accounts in sorted(alike.items(), key=lambda item: (item[1], item[0][1])):
        members = [
            contents[Registry(account=account, region=region)]
            for account in accounts
            for region in together
        ]
        words = sorted(names[account] for account in accounts)
        name = unused("shared", (*entries, *names.values()))
        head: list[Entry] = []
        if len(words) == 1:
            name = words[0]
            if name in entries:
                name = unused(f"{words[0]}-{together[0]}", (*entries, *names.values()))
                head.append(Entry(key="account", value=words[0]))
        else:
            head.append(Entry(key="accounts", value=words))
        if any(list(regions[account]) != list(together) for account in accounts):
            head.append(Entry(key="regions", value=list(together)))
        entries[name] = Entry(key=name, value=Nested((*head, *_body(members))))
    return tuple(entry for _, entry in sorted(entries.items()))


def _body(members: Sequence[Content]) -> tuple[Entry, ...]:
    first = members[0]
    body: list[Entry] = []
    if first.templates:
        body.append(
            Entry(
                key="creation_templates",
                value=Nested(_placed(first.templates, [member.templates for member in members])),
            )
        )
    caches = _placed(first.caches, [member.caches for member in members])
    body.append(Entry(key="caches", value=Nested(caches) if caches else {}))
    if first.grants:
        prefixes = sorted(first.caches)
        body.append(Entry(key="grants", value=Listed(_grants(members, prefixes))))
    return tuple(body)


def _placed(
    first: Mapping[str, Placed], members: Sequence[Mapping[str, Placed]]
) -> tuple[Entry, ...]:
    return tuple(
        Entry(
            key=prefix,
            value=first[prefix].value,
            owners=frozenset(member[prefix].owner for member in members),
            sources=_spans(member[prefix].source for member in members),
        )
        for prefix in sorted(first)
    )


def _spans(spans: Iterable[Span | None]) -> tuple[Span, ...]:
    return tuple(dict.fromkeys(span for span in spans if span is not None))


@dataclass(slots=True, kw_only=True)
class _Gathered:
    """What one consumer gets at one level, over all registries of a set."""

    repositories: set[str] = field(default_factory=set)
    owners: set[Owner] = field(default_factory=set)
    sources: list[Span] = field(default_factory=list)


def _grants(members: Sequence[Content], prefixes: Sequence[str]) -> tuple[Item, ...]:
    """One line for all consumers that get the same level on the same repositories."""
    by_consumer: dict[tuple[str, str], _Gathered] = {}
    consumers: dict[str, Yaml] = {}
    for member in members:
        for grant in member.grants:
            spelling = json.dumps(grant.to, sort_keys=True)
            consumers[spelling] = grant.to
            gathered = by_consumer.setdefault((spelling, grant.level), _Gathered())
            gathered.repositories.add(grant.repositories)
            gathered.owners.add(grant.owner)
            if grant.source is not None:
                gathered.sources.append(grant.source)
    lines: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for (spelling, level), gathered in sorted(by_consumer.items()):
        whole = [each for each in gathered.repositories if _whole(each, prefixes) is not None]
        parts = gathered.repositories.difference(whole)
        for found in (whole, parts):
            if found:
                lines.setdefault((level, tuple(sorted(found))), []).append(spelling)
    items = []
    for (level, repositories), spellings in sorted(lines.items()):
        to: Yaml = [consumers[spelling] for spelling in spellings]
        if len(spellings) == 1:
            to = consumers[spellings[0]]
        value: dict[str, Yaml] = {"to": to, "allow": level}
        covered = [_whole(each, prefixes) for each in repositories]
        caches = sorted(prefix for prefix in covered if prefix is not None)
        if not caches:
            value["repositories"] = list(repositories)
        elif caches != [prefix for prefix in prefixes if prefix != ROOT]:
            value["caches"] = list(caches)
        of_line = [by_consumer[spelling, level] for spelling in spellings]
        items.append(
            Item(
                value=value,
                owners=frozenset(owner for each in of_line for owner in each.owners),
                sources=_spans(span for each in of_line for span in each.sources),
            )
        )
    return tuple(items)


def _whole(repositories: str, prefixes: Iterable[str]) -> str | None:
    """The prefix of the cache that the repositories are all of."""
    prefix = ROOT if repositories == "*" else repositories.removesuffix("/*")
    is_whole = prefix in prefixes and repositories == ("*" if prefix == ROOT else f"{prefix}/*")
    return prefix if is_whole and cache_of(repositories, prefixes) is not None else None
