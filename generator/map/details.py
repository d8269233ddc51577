"""What the page says about each node and edge of a drawing."""

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from generator.export.show import pull_uri
from generator.map.folding import Bundle, Drawing, Group, counted, some
from generator.map.graph import (
    CacheEdge,
    ConsumerNode,
    GrantEdge,
    RegistryNode,
    UpstreamNode,
)
from generator.map.statements import Statements
from generator.map.texts import Block, Detail, Fact, Quoter, Table
from generator.model.levels import Level
from generator.model.span import Span
from generator.model.topology import Cache, Credential, Grant, Topology
from generator.model.values import registry_host

ROWS = 1_500
"""Rows of one table; an estate with more has its list in `forebay show`."""

_MEANS = {
    Level.CACHED: "may pull what is cached already",
    Level.PULL: "may pull, and make ECR import images into repositories that are there",
    Level.FIRST_PULL: "may pull whatever the upstream has; the first pull makes the repository",
}


@dataclass(frozen=True, kw_only=True)
class Teller:
    """Tells about nodes and edges of one topology.

    `is_varied` says that edges which are not alike are drawn together, so that each lists all of them.
    """

    topology: Topology
    quote: Quoter
    is_varied: bool = False

    def details(self, drawn: Drawing) -> Iterator[Detail]:
        """A detail for each group and for each bundle, in their order."""
        statements = Statements(topology=self.topology)
        taken: dict[int, list[Cache]] = {}
        for bundle in drawn.bundles:
            for edge in bundle.edges:
                if isinstance(edge, CacheEdge):
                    taken.setdefault(bundle.source, []).extend(edge.caches)
        for position, group in enumerate(drawn.groups):
            yield self._node(f"n{position}", group, taken.get(position, ()))
        for position, bundle in enumerate(drawn.bundles):
            yield self._edge(f"e{position}", bundle, statements)

    def _node(self, name: str, group: Group, taken: Sequence[Cache]) -> Detail:
        first, number = group.first, len(group.members)
        match first:
            case UpstreamNode():
                title = first.title if number == 1 else counted(number, "upstream", "upstreams")
                return Detail(
                    id=name,
                    kind="Upstream",
                    title=title,
                    subtitle=first.host if number == 1 else "",
                    tables=(
                        *((self._upstreams(group),) if number > 1 else ()),
                        _cached_as(taken),
                    ),
                )
            case RegistryNode():
                return self._registry(name, group, first)
            case ConsumerNode():
                return self._consumer(name, group, first)

    def _upstreams(self, group: Group) -> Table:
        nodes = [node for node in group.members if isinstance(node, UpstreamNode)]
        return _table("All of them", ("upstream", "host"), [(n.title, n.host) for n in nodes])

    def _registry(self, name: str, group: Group, first: RegistryNode) -> Detail:
        number = len(group.members)
        host = registry_host(first.region, self.topology.accounts[first.account].id)
        tables = [
            _table(
                "Caches" if number == 1 else f"Caches of {first.account}, the first of them",
                ("cache", "upstream", "credential", "topology"),
                [
                    (
                        cache.prefix.repositories,
                        _upstream_text(cache),
                        cache.credential.secret if cache.credential is not None else "none",
                        self.quote(cache.span).place,
                    )
                    for cache in first.caches
                ],
            )
        ]
        if number > 1:
            nodes = [node for node in group.members if isinstance(node, RegistryNode)]
            rows = [(n.account, n.account_id, n.region, _caches(n)) for n in nodes]
            heads = ("account", "id", "region", "caches")
            tables.append(_table(f"All {number:,} of them", heads, rows))
        return Detail(
            id=name,
            kind="Registry",
            title=first.account if number == 1 else counted(number, "registry", "registries"),
            subtitle=f"{first.account_id} · {first.region}" if number == 1 else "",
            facts=(Fact(label="host", text=host, is_code=True),) if number == 1 else (),
            blocks=self._lines(self.topology.accounts[first.account].span) if number == 1 else (),
            tables=tuple(table for table in tables if table.rows),
        )

    def _consumer(self, name: str, group: Group, first: ConsumerNode) -> Detail:
        number = len(group.members)
        nodes = [node for node in group.members if isinstance(node, ConsumerNode)]
        facts = [
            Fact(label="in", text=first.scope),
            Fact(label="account", text=first.account_id or "more than one"),
            Fact(label="who", text=first.consumer.who),
        ]
        tables = []
        if number > 1:
            rows = [
                (n.consumer.policy_name, n.scope, n.account_id or "", n.consumer.who) for n in nodes
            ]
            heads = ("consumer", "in", "account", "who")
            tables.append(_table(f"All {number:,} of them", heads, rows))
        return Detail(
            id=name,
            kind="Consumer",
            title=first.consumer.policy_name
            if number == 1
            else counted(number, "consumer", "consumers"),
            subtitle="" if number == 1 else "alike but for their accounts",
            facts=tuple(facts) if number == 1 else (),
            blocks=self._lines(first.consumer.span) if number == 1 else (),
            tables=tuple(tables),
        )

    def _edge(self, name: str, bundle: Bundle, statements: Statements) -> Detail:
        first = bundle.first
        if isinstance(first, CacheEdge):
            return self._caching(name, bundle, first, statements)
        return self._grant(name, bundle, first, statements)

    def _caching(
        self, name: str, bundle: Bundle, edge: CacheEdge, statements: Statements
    ) -> Detail:
        cache = edge.caches[0]
        blocks = [*self._lines(*(one.span for one in edge.caches[:5]))]
        if (statement := statements.lets_copy(cache)) is not None:
            blocks.append(Block(title="Statement at the upstream's registry", text=statement))
        return Detail(
            id=name,
            kind="Cache",
            title=f"{edge.target[1]} caches {_name(edge.source)}",
            subtitle=_standing_for(bundle),
            facts=(
                Fact(label="let in by", text=" + ".join(edge.sides) or "nothing: it is public"),
                *_credential_facts(cache.credential),
            ),
            blocks=tuple(blocks),
            tables=(
                _table(
                    "Cache rules",
                    ("repositories here", "come from", "pull as"),
                    [
                        (
                            one.prefix.repositories,
                            _upstream_text(one),
                            pull_uri(self.topology, one),
                        )
                        for one in edge.caches
                    ],
                ),
                *(_all_edges(bundle) if self.is_varied else ()),
            ),
        )

    def _grant(self, name: str, bundle: Bundle, edge: GrantEdge, statements: Statements) -> Detail:
        grant = edge.grants[0]
        there, here = edge.sides
        blocks = [
            *self._lines(*dict.fromkeys(one.span for one in edge.grants)),
            Block(
                title="Pull",
                text=f"docker pull {shlex.quote(pull_uri(self.topology, grant.cache))}",
                is_command=True,
            ),
            Block(title="Ask", text=_can(grant), is_command=True),
        ]
        if (statement := statements.lets_in(grant)) is not None:
            blocks.append(Block(title=f"Statement of the {there}", text=statement))
        blocks.append(Block(title=f"The consumer's {here}", text=statements.own(grant)))
        return Detail(
            id=name,
            kind="Grant",
            title=f"{grant.consumer.policy_name} · {edge.level.value}",
            subtitle=f"{edge.source[1]} in {edge.source[2]}: {_MEANS[grant.level]}"
            f"{_standing_for(bundle)}",
            facts=(
                Fact(label="at the registry", text=there),
                Fact(label="at the consumer", text=here),
            ),
            blocks=tuple(blocks),
            tables=(
                _table(
                    "Repositories",
                    ("repositories", "upstream"),
                    [(one.repositories, _upstream_text(one.cache)) for one in edge.grants],
                ),
                *(_all_edges(bundle) if self.is_varied else ()),
            ),
        )

    def _lines(self, *spans: Span) -> tuple[Block, ...]:
        """The lines of the topology that ask for something."""
        quotes = [self.quote(span) for span in dict.fromkeys(spans)]
        return tuple(Block(title=quote.place, text=quote.text) for quote in quotes if quote.text)


def _table(title: str, heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> Table:
    more = max(len(rows) - ROWS, 0)
    return Table(title=title, heads=heads, rows=tuple(rows[:ROWS]), more=more)


def _standing_for(bundle: Bundle) -> str:
    """Whether an edge is shown for others, too."""
    number = len(bundle.edges)
    return f" (the first of {number:,}, which are drawn together)" if number > 1 else ""


def _all_edges(bundle: Bundle) -> Iterator[Table]:
    """The edges that one is drawn for: from where, to whom."""
    number = len(bundle.edges)
    if number > 1:
        rows = []
        for edge in bundle.edges:
            registry = edge.target if isinstance(edge, CacheEdge) else edge.source
            other = edge.source if isinstance(edge, CacheEdge) else edge.target
            about = edge.caches if isinstance(edge, CacheEdge) else edge.grants
            names = (
                one.prefix.repositories if isinstance(one, Cache) else one.repositories
                for one in about
            )
            rows.append((f"{registry[1]} · {registry[2]}", " · ".join(other[1:]), some(names, 6)))
        title = f"All {number:,} of them"
        yield _table(title, ("registry", "with", "repositories"), rows)


def _cached_as(taken: Sequence[Cache]) -> Table:
    """Under which prefixes an upstream is cached, and in how many registries."""
    found: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for cache in taken:
        key = (cache.prefix.repositories, _upstream_text(cache))
        found.setdefault(key, set()).add((cache.account, cache.region))
    rows = [
        (prefix, what, some((f"{account} · {region}" for account, region in sorted(where)), 3))
        for (prefix, what), where in sorted(found.items())
    ]
    return _table("Cached as", ("cache", "images of", "registries"), rows)


def _caches(node: RegistryNode) -> str:
    """The caches of one of many registries, a few of them."""
    return some((cache.prefix.repositories for cache in node.caches), 6)


def _name(key: tuple[str, ...]) -> str:
    return key[1]


def _upstream_text(cache: Cache) -> str:
    path = "" if cache.upstream_prefix.is_root else f"/{cache.upstream_prefix}"
    return f"{cache.upstream_host}{path}"


def _credential_facts(credential: Credential | None) -> Iterator[Fact]:
    if credential is not None:
        yield Fact(label="credential", text=credential.secret, is_code=True)
        if credential.expires is not None:
            yield Fact(label="expires", text=credential.expires.isoformat())


def _can(grant: Grant) -> str:
    """The command that asks whether the grant is kept."""
    consumer = grant.consumer.policy_name
    if grant.consumer.account is None and grant.consumer_account is not None:
        # Written inline, it has no name of its own.
        role = grant.consumer.role
        consumer = grant.consumer_account if role is None else f"{grant.consumer_account}/{role}"
    how = {Level.CACHED: ["--cached"], Level.PULL: [], Level.FIRST_PULL: ["--first"]}[grant.level]
    at = f"{grant.cache.account}/{grant.cache.region}"
    words = ["forebay", "can", consumer, "pull", grant.repositories, *how, "--at", at]
    return shlex.join(words)
