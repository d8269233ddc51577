"""What stands beside the picture: access by cache, tokens, sizes against limits, what others have to do."""

from collections.abc import Iterator

from generator.data.aws_data import registry_policy_limits
from generator.frozen_data import frozen
from generator.intent.consumer_policies import (
    consumer_document,
    consumer_policies,
    handed_over_policies,
)
from generator.intent.deployer_policies import MANAGED_POLICY_LIMIT
from generator.intent.handover import handovers
from generator.intent.registry_policies import (
    policy_size,
    registry_policy_document,
    registry_statements,
)
from generator.map.folding import Drawing, some
from generator.map.graph import Column, GrantEdge
from generator.map.layout import prefixes_of
from generator.model.topology import Cache, Topology

RULES_LIMIT = 50
"""Cache rules that a registry can have (ECR quotas)."""

_SIZES_SHOWN = 200


@frozen
class MatrixColumn:
    """One cache of one registry, or of alike ones, by the registry's node."""

    node: str
    prefix: str


@frozen
class MatrixCell:
    """The level in a cell, as a word and as a style; the edge that says more. Empty without a grant."""

    text: str = ""
    level: str = ""
    edge: str = ""


@frozen
class MatrixRow:
    """The cells of one consumer, or of alike ones."""

    node: str
    name: str
    where: str
    cells: tuple[MatrixCell, ...]


@frozen
class Matrix:
    """Who has which level on which cache; `registries` are the heads above the columns."""

    registries: tuple[tuple[str, str, int], ...]
    columns: tuple[MatrixColumn, ...]
    rows: tuple[MatrixRow, ...]


def matrix(drawn: Drawing, lines: list[tuple[str, ...]]) -> Matrix:
    """The levels of a drawing, consumers down and caches across."""
    columns: list[MatrixColumn] = []
    registries: list[tuple[str, str, int]] = []
    cells: dict[tuple[int, int, str], MatrixCell] = {}
    for number, bundle in enumerate(drawn.bundles):
        for edge in bundle.edges:
            if not isinstance(edge, GrantEdge):
                continue
            for grant in edge.grants:
                some = " (some)" if grant.pattern is not None else ""
                key = (bundle.target, bundle.source, grant.cache.prefix.repositories)
                old = cells.get(key)
                words = [*([] if old is None else old.text.split(", ")), f"{edge.level}{some}"]
                cells[key] = MatrixCell(
                    text=", ".join(dict.fromkeys(words)), level=edge.level.value, edge=f"e{number}"
                )
    for position, group in drawn.of(Column.REGISTRY):
        prefixes = prefixes_of(group)
        columns += [MatrixColumn(node=f"n{position}", prefix=prefix) for prefix in prefixes]
        if prefixes:
            title = " · ".join(lines[position][:2])
            registries.append((f"n{position}", title, len(prefixes)))
    rows = []
    for position, _ in drawn.of(Column.CONSUMER):
        name, *rest = lines[position]
        found = tuple(
            cells.get((position, int(column.node[1:]), column.prefix), MatrixCell())
            for column in columns
        )
        rows.append(MatrixRow(node=f"n{position}", name=name, where=" · ".join(rest), cells=found))
    return Matrix(registries=tuple(registries), columns=tuple(columns), rows=tuple(rows))


@frozen
class Token:
    """One secret, alike in some accounts: what it opens, where its value comes from, when it ends."""

    accounts: tuple[str, ...]
    shown_accounts: str
    secret: str
    regions: str
    upstreams: str
    value: str
    expires: str
    usual: str


def tokens(topology: Topology, account: str | None = None) -> tuple[Token, ...]:
    """The secrets of all caches, or of one account's; those that end first stand first, those without a date last."""
    found: dict[tuple[str, str, str, str], list[Cache]] = {}
    for cache in topology.caches:
        if (credential := cache.credential) is not None and account in {None, cache.account}:
            ends = "" if credential.expires is None else credential.expires.isoformat()
            key = (ends, credential.secret, credential.value.value, cache.upstream_host)
            found.setdefault(key, []).append(cache)
    rows = []
    for (ends, secret, value, host), caches in sorted(found.items()):
        accounts = tuple(sorted({cache.account for cache in caches}))
        days = caches[0].upstream.registry.token_days
        rows.append(
            Token(
                accounts=accounts,
                shown_accounts=some(accounts, 4),
                secret=secret,
                regions=some(sorted({cache.region for cache in caches}), 4),
                upstreams=host,
                value=value,
                expires=ends,
                usual="" if days is None else f"{days} days",
            )
        )
    return tuple(sorted(rows, key=lambda row: not row.expires))


@frozen
class Size:
    """How much of a limit something takes."""

    account: str
    what: str
    of: str
    used: int
    limit: int
    unit: str

    @property
    def share(self) -> int:
        """Percent of the limit, rounded up."""
        return -(-self.used * 100 // self.limit)


def sizes(topology: Topology, account: str | None = None) -> tuple[tuple[Size, ...], int]:
    """The fullest policies and registries first, all or one account's, and how many are left out."""
    own = (size for size in _sizes(topology) if account in {None, size.account})
    found = sorted(own, key=lambda size: (-size.share, size.what, size.of))
    return tuple(found[:_SIZES_SHOWN]), max(len(found) - _SIZES_SHOWN, 0)


def _sizes(topology: Topology) -> Iterator[Size]:
    limit = registry_policy_limits().maximum
    for (account, region), statements in registry_statements(topology).items():
        document = registry_policy_document(topology, account, region, statements)
        yield Size(
            account=account,
            what="registry policy",
            of=f"{account} · {region}",
            used=policy_size(document),
            limit=limit,
            unit="characters",
        )
    for (account, region), caches in topology.caches_by_registry.items():
        yield Size(
            account=account,
            what="cache rules",
            of=f"{account} · {region}",
            used=len(caches),
            limit=RULES_LIMIT,
            unit="rules",
        )
    policies = {**handed_over_policies(topology), **consumer_policies(topology)}
    for (scope, name), policy in policies.items():
        yield Size(
            account=scope,
            what="policy of a consumer",
            of=f"{name} · {scope}",
            used=policy_size(consumer_document(policy)),
            limit=MANAGED_POLICY_LIMIT,
            unit="characters",
        )


@frozen
class Left:
    """What somebody else has to add, and the files in which it is written down."""

    account: str
    owner: str
    adds: str
    path: str
    files: tuple[str, ...]


def left_to_others(topology: Topology, account: str | None = None) -> tuple[Left, ...]:
    """Everything that generated code does not do, or what the owner of one account has to."""
    return tuple(
        Left(
            account=handover.scope.removeprefix("unit "),
            owner=handover.owner,
            adds=", ".join(handover.adds),
            path=handover.path,
            files=tuple(handover.files),
        )
        for handover in handovers(topology, account)
    )
