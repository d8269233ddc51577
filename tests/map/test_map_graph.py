"""What is drawn: nodes, edges with both sides, chains between registries, alike ones once."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.map.folding import drawing
from generator.map.graph import CacheEdge, GrantEdge, Graph, graph_of
from generator.map.labels import node_lines
from map.estates import CHAIN, read, spokes

CHAINED = read(CHAIN)


def edges(graph: Graph) -> set[tuple[str, ...]]:
    """Each edge: from where, to where, what it is about, and its sides."""
    found = set()
    for edge in graph.edges:
        if isinstance(edge, CacheEdge):
            about = " ".join(cache.prefix for cache in edge.caches)
        else:
            about = f"{edge.level} {' '.join(grant.cache.prefix for grant in edge.grants)}"
        found.add((edge.source[1], edge.target[1], about, *edge.sides))
    return found


def test_edges_have_their_level_and_both_sides() -> None:
    own = "own policy"

    assert edges(graph_of(CHAINED)) == {
        ("docker-hub", "hub", "docker-hub", "with a credential"),
        ("quay", "hub", "quay"),
        ("hub", "shop", "base", "registry policy there", "role here"),
        ("999988887777", "shop", "partner", "registry policy there", "role here"),
        ("hub", "shop-nodes", "first-pull docker-hub quay", "registry policy", own),
        ("hub", "auditors", "cached quay", "registry policy", "own policy left to others"),
        ("shop", "shop-ci-x", "pull base partner", "same account", own),
    }


def test_the_picture_of_an_account_has_what_it_has_to_do_with() -> None:
    hub, shop = graph_of(CHAINED, "hub"), graph_of(CHAINED, "shop")

    assert edges(hub) == {edge for edge in edges(graph_of(CHAINED)) if "partner" not in edge[2]} - {
        ("shop", "shop-ci-x", "pull base partner", "same account", "own policy")
    }
    assert edges(shop) == {
        edge for edge in edges(graph_of(CHAINED)) if edge[0] not in {"docker-hub", "quay"}
    }


@pytest.mark.parametrize("account", ["hub", "shop"])
def test_the_picture_of_an_account_is_a_part_of_the_whole(account: str) -> None:
    whole, part = graph_of(CHAINED), graph_of(CHAINED, account)

    assert {node.key for node in part.nodes} <= {node.key for node in whole.nodes}
    assert edges(part) <= edges(whole)


def test_a_few_accounts_are_drawn_each_for_itself() -> None:
    drawn = drawing(graph_of(read(spokes(5))), groups=100, bundles=100)

    assert all(len(group.members) == 1 for group in drawn.groups)


def test_alike_registries_and_consumers_are_drawn_once() -> None:
    drawn = drawing(graph_of(read(spokes(300, odd="team-0007"))), groups=100, bundles=100)

    shown = [node_lines(group) for group in drawn.groups]
    assert [len(group.members) for group in drawn.groups] == [1, 1, 1, 299, 1, 300, 299, 1]
    assert ("299 registries", "eu-west-1", "base/*", "team-0000, team-0001 and 297 more") in shown
    # The registry with one more cache stands alone, and so does its own consumer.
    assert ("team-0007", "100000000007 · eu-west-1", "base/*, kubernetes/*") in shown


def test_what_is_not_alike_is_drawn_by_its_sort_where_there_is_no_room() -> None:
    graph = graph_of(read(spokes(300, odd="team-0007")))

    drawn = drawing(graph, groups=5, bundles=5)

    assert len(drawn.groups) <= 5
    assert sum(len(group.members) for group in drawn.groups) == len(graph.nodes)
    assert sum(len(bundle.edges) for bundle in drawn.bundles) == len(graph.edges)


def test_every_edge_is_a_grant_or_a_cache_of_every_example() -> None:
    files = sorted(Path(__file__).parents[2].glob("examples/*/topology.yaml"))

    assert len(files) > 5
    for file in files:
        from generator.topology import read_topology

        topology = read_topology(file).topology
        assert topology is not None
        graph = graph_of(topology)
        grants = [each for e in graph.edges if isinstance(e, GrantEdge) for each in e.grants]
        caches = [each for e in graph.edges if isinstance(e, CacheEdge) for each in e.caches]
        assert sorted(map(id, grants)) == sorted(map(id, topology.grants)), file
        assert sorted(map(id, caches)) == sorted(map(id, topology.caches)), file
