"""What holds for the picture of every topology."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings

from generator.map.dot import dot
from generator.map.folding import Scale, folded
from generator.map.graph import CacheEdge, Edge, GrantEdge, graph_of
from generator.map.labels import node_lines
from generator.map.layout import layout
from generator.map.mermaid import mermaid
from generator.map.page import page
from generator.map.statements import Statements
from generator.map.texts import Quote
from map.estates import read
from map.test_map_pictures import LINE
from topology.strategies import Document, to_yaml, topologies

if TYPE_CHECKING:
    from generator.model.levels import Level
    from generator.model.topology import Topology

pytestmark = pytest.mark.property


@settings(max_examples=15, deadline=None)
@given(document=topologies())
def test_every_topology_can_be_drawn_in_every_way(document: Document) -> None:
    topology = read(to_yaml(document))
    graph = graph_of(topology)
    picture = mermaid(graph)

    assert all(LINE.fullmatch(line) for line in picture.splitlines())
    assert dot(graph).count(" -> ") == picture.count("|") / 2
    for scale in Scale:
        drawn = folded(graph, scale)
        placed = layout(drawn, [node_lines(group) for group in drawn.groups])
        assert [box.position for box in placed.boxes] == list(range(len(drawn.groups)))
        assert len(placed.curves) == len(drawn.bundles)
        assert sum(len(group.members) for group in drawn.groups) == len(graph.nodes)
        assert sum(len(bundle.edges) for bundle in drawn.bundles) == len(graph.edges)
    for name in topology.managed_accounts:
        part = graph_of(topology, name)
        assert set(map(says, part.edges)) <= set(map(says, graph.edges))
    text = page("t", topology, lambda span: Quote(place=str(span.line), text="line"))
    assert text == page("t", topology, lambda span: Quote(place=str(span.line), text="line"))


def says(edge: Edge) -> tuple[object, ...]:
    about = edge.caches if isinstance(edge, CacheEdge) else edge.grants
    return edge.source, edge.target, *map(id, about)


@settings(max_examples=15, deadline=None)
@given(document=topologies())
def test_every_edge_shows_a_statement_that_gives_what_it_says(document: Document) -> None:
    topology = read(to_yaml(document))
    statements = Statements(topology=topology)
    for edge in graph_of(topology).edges:
        if isinstance(edge, GrantEdge):
            for grant in edge.grants:
                own = json.loads(statements.own(grant))
                there = statements.lets_in(grant)
                assert (there is not None) is grant.crosses_accounts
                assert gives(own, grant.level, grant.repositories)
                if there is not None:
                    assert gives(json.loads(there), grant.level, grant.repositories)
                    assert names(json.loads(there), topology, edge)
        else:
            for cache in edge.caches:
                assert (statements.lets_copy(cache) is not None) is cache.crosses_accounts


def gives(document: object, level: Level, repositories: str) -> bool:
    """Whether one statement of a document has the actions of a level on the repositories."""
    found = document.get("Statement", [document]) if isinstance(document, dict) else document
    assert isinstance(found, list)
    return any(
        set(level.actions) <= set(each["Action"])
        and any(arn.endswith(f":repository/{repositories}") for arn in each["Resource"])
        for each in found
    )


def names(statement: object, topology: Topology, edge: GrantEdge) -> bool:
    """Whether a statement is for an edge's consumer: its account or group, and its roles."""
    text = json.dumps(statement)
    grant = edge.grants[0]
    account, unit = topology.consumer_account_id(grant), topology.unit_path(grant.consumer)
    who = account or unit or (topology.organization.id if topology.organization else "")
    return who in text and all(f":role/{one}" in text for one in grant.consumer.role_patterns)
