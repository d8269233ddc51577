"""Mermaid and Graphviz: what a name holds stays text, and one topology has one picture."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from cli_running import MISTAKE, forebay, write_topology

from generator.map.dot import dot
from generator.map.graph import Graph, UpstreamNode, graph_of
from generator.map.labels import LINE_LIMIT
from generator.map.mermaid import mermaid
from generator.model.printable import one_line
from map.estates import CHAIN, HOSTILE, read, spokes

if TYPE_CHECKING:
    from pathlib import Path

NO_GRAPHVIZ = "no Graphviz: put `dot` on PATH (on Debian: apt-get install graphviz)"
# What Mermaid can take for nothing but a label; see the page of its syntax.
LABEL = r'"(?:[A-Za-z0-9 ,./()+·…-]|<br/>|#\d+;)+"'
LINE = re.compile(
    rf"flowchart LR|  subgraph [a-z]+ \[{LABEL}\]|  end|    n\d+(?:\[|\[\(|\(\[){LABEL}(?:\]|\)\]|\]\))"
    rf"|  n\d+ (?:-->|==>|-\.->)\|{LABEL}\| n\d+"
)


def strangers() -> Graph:
    """A graph of nothing but names that want to be more."""
    nodes = (
        UpstreamNode(title=name, host="", key=("upstream", str(number)))
        for number, name in enumerate(HOSTILE)
    )
    return Graph(upstreams=tuple(nodes), registries=(), consumers=(), edges=())


def shown(name: str) -> str:
    """A hostile name as it is drawn: every sign of it, or its beginning and its end."""
    text = one_line(name)
    return text if len(text) <= LINE_LIMIT else f"{text[:32]}…{text[-15:]}"


def test_mermaid_has_nothing_in_it_but_labels_and_its_own_words() -> None:
    for graph in (strangers(), graph_of(read(CHAIN)), graph_of(read(spokes(40)))):
        for line in mermaid(graph).splitlines():
            assert LINE.fullmatch(line), line


def test_mermaid_shows_hostile_names_as_they_are() -> None:
    labels = re.findall(r'    n\d+\["(.*)"\]', mermaid(strangers()))

    decoded = [re.sub(r"#(\d+);", lambda sign: chr(int(sign[1])), label) for label in labels]
    assert decoded == list(map(shown, HOSTILE))


def test_mermaid_of_many_accounts_is_small_enough_for_github() -> None:
    # All different: each has a cache from a registry of its own.
    accounts = "\n".join(
        f'  t{n}: {{id: "{100_000_000_000 + n}", registry_policy: create}}' for n in range(150)
    )
    upstreams = "\n".join(f"  u{n}: {{registry: ecr, account: t{n}}}" for n in range(150))
    sets = "\n".join(
        f"  t{n}:\n    caches: {{c{n}: {{upstream: u{n - 1}}}}}" for n in range(1, 150)
    )
    text = (
        f"version: 1\ndefaults: {{regions: [eu-west-1]}}\naccounts:\n{accounts}\n"
        f"upstreams:\n{upstreams}\nregistries:\n{sets}\n"
    )

    picture = mermaid(graph_of(read(text)))

    assert len(picture) < 50_000
    assert picture.count("|") / 2 < 500


def test_graphviz_reads_hostile_names_as_they_are() -> None:
    if shutil.which("dot") is None:
        pytest.skip(NO_GRAPHVIZ)
    text = dot(strangers())

    done = subprocess.run(
        ["dot", "-Tjson0"], input=text.encode(), capture_output=True, check=True, timeout=60
    )

    assert done.stderr == b""
    document = json.loads(done.stdout)
    nodes = [one for one in document["objects"] if one["name"].startswith("n")]
    labels = {int(node["name"][1:]): node["label"] for node in nodes}
    told = [html.unescape(labels[n].replace("\\\\", "\\")) for n in range(len(HOSTILE))]
    assert told == list(map(shown, HOSTILE))


def test_graphviz_draws_every_edge() -> None:
    if shutil.which("dot") is None:
        pytest.skip(NO_GRAPHVIZ)
    graph = graph_of(read(CHAIN))

    done = subprocess.run(
        ["dot", "-Tjson0"], input=dot(graph).encode(), capture_output=True, check=True, timeout=60
    )

    labels = sorted(edge["label"] for edge in json.loads(done.stdout)["edges"])
    assert labels == [
        "base/*\\nregistry policy there + role here",
        "cached\\nregistry policy + own policy left to others",
        "docker-hub/*\\nwith a credential",
        "first-pull\\nregistry policy + own policy",
        "partner/*\\nregistry policy there + role here",
        "pull\\nsame account + own policy",
        "quay/*",
    ]


@pytest.mark.parametrize("format_", ["mermaid", "dot"])
def test_show_prints_the_picture_alone(format_: str, tmp_path: Path) -> None:
    write_topology(tmp_path, CHAIN)

    first, second = (forebay(tmp_path, "show", "--format", format_) for _ in range(2))

    draw = mermaid if format_ == "mermaid" else dot
    assert (first.code, first.err) == (0, "")
    assert first.out == second.out == draw(graph_of(read(CHAIN)))


def test_a_topology_with_mistakes_has_no_picture(tmp_path: Path) -> None:
    write_topology(tmp_path, MISTAKE)

    done = forebay(tmp_path, "show", "--format", "mermaid")

    assert (done.code, done.out) == (1, "")
    assert "push" in done.err
