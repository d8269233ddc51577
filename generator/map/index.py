"""What the page's filters ask: for each grant and cache, the words that find it and what it lights up.

Many grants say the same but for one word, so texts and lists of caches stand once, by number.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from generator.map.folding import Drawing
from generator.map.graph import CacheEdge, ConsumerNode, GrantEdge, RegistryNode
from generator.model.printable import one_line
from generator.model.topology import Cache, Topology

Plain: TypeAlias = "str | int | Sequence[Plain] | dict[str, Plain]"
"""What becomes JSON."""


@dataclass(slots=True)
class _Texts:
    """Texts by number, each once."""

    numbers: dict[str, int] = field(default_factory=dict)

    def number(self, text: str) -> int:
        return self.numbers.setdefault(one_line(text), len(self.numbers))


def index_of(topology: Topology, drawn: Drawing) -> dict[str, Plain]:
    """The rows of all grants, and of the caches that nobody is granted.

    A row is: the registry's account, the consumer's account, unit and name, the level (`-1` for none of
    them), its node, edge and the consumer's node (`-1` for none), and the number of its caches. Caches are
    lists of prefix, upstream, source's node and source's edge.
    """
    texts = _Texts()
    places = {
        node.key: position for position, group in enumerate(drawn.groups) for node in group.members
    }
    nodes = {node.key: node for group in drawn.groups for node in group.members}
    sources = _sources(drawn)
    lists: dict[tuple[tuple[int, ...], ...], int] = {}

    def numbered(caches: Sequence[Cache], patterns: Sequence[str]) -> int:
        entries = tuple(
            (texts.number(pattern), texts.number(cache.upstream_host), *sources[id(cache)])
            for cache, pattern in zip(caches, patterns, strict=True)
        )
        return lists.setdefault(entries, len(lists))

    rows: dict[tuple[int, ...], None] = {}
    granted: set[int] = set()
    for number, bundle in enumerate(drawn.bundles):
        for edge in bundle.edges:
            if not isinstance(edge, GrantEdge):
                continue
            consumer = nodes[edge.target]
            assert isinstance(consumer, ConsumerNode)  # noqa: S101 - a grant leads to one
            granted.update(id(grant.cache) for grant in edge.grants)
            caches = [grant.cache for grant in edge.grants]
            prefixes = [cache.prefix.repositories for cache in caches]
            row = (
                texts.number(edge.source[1]),
                texts.number(consumer.account or ""),
                texts.number(_units(topology, edge.source[1], consumer)),
                texts.number(consumer.consumer.policy_name),
                texts.number(edge.level.value),
                bundle.source,
                number,
                bundle.target,
                numbered(caches, prefixes),
                texts.number(f"{consumer.consumer.who} {consumer.account_id or consumer.scope}"),
            )
            rows[row] = None
    for key, node in nodes.items():
        if isinstance(node, RegistryNode):
            left = [cache for cache in node.caches if id(cache) not in granted]
            if left or not node.caches:
                prefixes = [cache.prefix.repositories for cache in left]
                units = texts.number(" ".join(_unit_names(topology, key[1])))
                account = texts.number(key[1])
                caches_number = numbered(left, prefixes)
                words = texts.number(node.account_id)
                rows[account, -1, units, -1, -1, places[key], -1, -1, caches_number, words] = None
    return {
        "texts": list(texts.numbers),
        "caches": [list(map(list, entries)) for entries in lists],
        "rows": list(map(list, rows)),
    }


def _sources(drawn: Drawing) -> dict[int, tuple[int, int]]:
    """The node and the edge that each cache is filled by."""
    return {
        id(cache): (bundle.source, number)
        for number, bundle in enumerate(drawn.bundles)
        for edge in bundle.edges
        if isinstance(edge, CacheEdge)
        for cache in edge.caches
    }


def _units(topology: Topology, registry: str, consumer: ConsumerNode) -> str:
    """The units that a grant has to do with: the consumer's and the registry's, with those above."""
    names = _unit_names(topology, registry)
    if consumer.consumer.unit is not None:
        names |= {consumer.consumer.unit}
    elif consumer.account is not None:
        names |= _unit_names(topology, consumer.account)
    return " ".join(sorted(names))


def _unit_names(topology: Topology, account: str) -> set[str]:
    entry = topology.accounts.get(account)
    if entry is None or topology.organization is None:
        return set()
    return {name for name, path in topology.organization.units.items() if entry.lies_below(path)}


def words_of(topology: Topology, drawn: Drawing) -> dict[str, list[str]]:
    """The words that can be chosen to filter by: accounts, units, consumers, caches."""
    accounts: set[str] = set()
    consumers: set[str] = set()
    caches: set[str] = set()
    for group in drawn.groups:
        for node in group.members:
            if isinstance(node, RegistryNode):
                accounts.add(node.account)
                caches |= {cache.prefix.repositories for cache in node.caches}
            elif isinstance(node, ConsumerNode):
                consumers.add(node.consumer.policy_name)
                accounts |= {node.account} if node.account is not None else set()
    units = topology.organization.units if topology.organization is not None else {}
    return {
        "account": sorted(accounts),
        "unit": sorted(units),
        "consumer": sorted(consumers),
        "cache": sorted(caches),
        "level": ["cached", "pull", "first-pull"],
    }
