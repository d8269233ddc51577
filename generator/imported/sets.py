"""Registries that are alike, as one set of the topology: the fewest lines without loss."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from generator.frozen_data import frozen
from generator.imported.access_work import PlacedGrant
from generator.imported.caches import Placed
from generator.imported.facts import Registry
from generator.imported.lines import Entry, Item, Listed, Nested, Owner, Yaml
from generator.imported.names import unused
from generator.imported.registry_policies import cache_of
from generator.model.span import Span
from generator.model.values import ROOT, AccountId, Region


@frozen
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
    wanted: Mapping[Registry, str],
) -> tuple[Entry, ...]:
    """The sets of registries, by name, which is the `wanted` one where all of them want the same."""
    alike: dict[tuple[str, tuple[Region, ...]], list[AccountId]] = {}
    by_account: dict[tuple[str, AccountId], list[Region]] = {}
    for registry, content in sorted(contents.items()):
        by_account.setdefault((content.spelling, registry.account), []).append(registry.region)
    for (spelling, account), found in by_account.items():
        alike.setdefault((spelling, tuple(sorted(found))), []).append(account)
    entries: dict[str, Entry] = {}
    groups = [
        _Group(
            registries=tuple(
                Registry(account=account, region=region)
                for account in accounts
                for region in together
            ),
            accounts=tuple(sorted(names[account] for account in accounts)),
            regions=together,
        )
        for (_, together), accounts in alike.items()
    ]
    wishes = {group: _wish(group, wanted) for group in groups}
    for group in sorted(groups, key=lambda group: (wishes[group] == "", *group.order)):
        name = _name(wishes[group], group, (*entries, *names.values()), frozenset(entries))
        head: list[Entry] = []
        if len(group.accounts) > 1:
            head.append(Entry(key="accounts", value=group.accounts))
        elif name != group.accounts[0]:
            head.append(Entry(key="account", value=group.accounts[0]))
        own = (regions[registry.account] for registry in group.registries)
        if any(list(each) != list(group.regions) for each in own):
            head.append(Entry(key="regions", value=group.regions))
        members = [contents[registry] for registry in group.registries]
        entries[name] = Entry(key=name, value=Nested((*head, *_body(members))))
    return tuple(entry for _, entry in sorted(entries.items()))


@frozen
class _Group:
    """Registries that are alike, with the names of their accounts."""

    registries: tuple[Registry, ...]
    accounts: tuple[str, ...]
    regions: tuple[Region, ...]

    @property
    def order(self) -> tuple[object, ...]:
        return len(self.accounts) > 1, self.accounts, self.regions


def _wish(group: _Group, wanted: Mapping[Registry, str]) -> str:
    """The name that the group's registries want, empty when they do not agree or do not care."""
    wishes = {wanted[registry] for registry in group.registries if registry in wanted}
    return wishes.pop() if len(wishes) == 1 else ""


def _name(wish: str, group: _Group, taken: Sequence[str], sets: frozenset[str]) -> str:
    """A free name for the set of a group: the wanted one, its account's, or one that says `shared`."""
    if wish and wish not in sets:
        return wish
    if len(group.accounts) > 1:
        return unused("shared", taken)
    own = group.accounts[0]
    return own if own not in sets else unused(f"{own}-{group.regions[0]}", taken)


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
