"""The picture of a change: only the edges that it touches, before and after."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from cli_running import forebay, write_topology

from generator.map.change import mermaid_of_change
from generator.report import Format, render
from generator.report.report import Report
from git_running import commit_all
from map.estates import CHAIN, many_accounts, read, spokes
from map.test_map_pictures import LINE

if TYPE_CHECKING:
    from pathlib import Path

BEFORE = read(CHAIN)


def told(picture: str) -> list[tuple[str, ...]]:
    """Each edge: the names of its ends, what was, what is."""
    shown = re.sub(r"#(\d+);", lambda sign: chr(int(sign[1])), picture)
    names = dict(re.findall(r'(n\d+)[\[(]+"([^"<]*)', shown))
    edges = re.findall(r'(n\d+) -->\|"(.*?)<br/>(.*?)"\| (n\d+)', shown)
    return [(names[source], names[target], old, new) for source, old, new, target in edges]


@pytest.mark.parametrize(
    ("old", "new", "edge"),
    [
        (
            "{to: shop-nodes, allow: first-pull}",
            "{to: shop-nodes, allow: pull}",
            ("hub", "shop-nodes", "before: first-pull on docker-hub/*, quay/*",
             "after: pull on docker-hub/*, quay/*"),
        ),
        (
            "      - {to: auditors, allow: cached, caches: [quay]}\n",
            "",
            ("hub", "auditors", "before: cached on quay/*", "after: nothing"),
        ),
        (
            "upstream_prefix: base}",
            "upstream_prefix: golden}",
            ("hub", "shop", "before: base/* of base", "after: base/* of golden"),
        ),
        (
            "role: eks-node}",
            "role: eks-node, identity: elsewhere}",
            ("hub", "shop-nodes",
             "before: first-pull on docker-hub/* (registry policy + own policy), quay/* (registry policy + own policy)",
             "after: first-pull on docker-hub/* (registry policy + own policy left to others), quay/* (registry policy "),
        ),
    ],
)  # fmt: skip
def test_an_edge_says_what_was_and_what_is(old: str, new: str, edge: tuple[str, ...]) -> None:
    assert old in CHAIN

    found = told(mermaid_of_change(BEFORE, read(CHAIN.replace(old, new))))

    assert len(found) == 1
    assert found[0][:2] == edge[:2]
    # A long label loses its middle.
    assert all(text[:30] == want[:30] for text, want in zip(found[0][2:], edge[2:], strict=True))


def test_a_change_of_nothing_that_is_drawn_has_no_picture() -> None:
    assert mermaid_of_change(BEFORE, BEFORE) == ""
    dated = CHAIN.replace(
        "credential: ecr-pullthroughcache/docker-hub",
        "credential: {secret: ecr-pullthroughcache/docker-hub, expires: 2030-12-31}",
    )
    assert dated != CHAIN
    assert mermaid_of_change(BEFORE, read(dated)) == ""


def test_a_large_change_is_cut_short_and_says_so() -> None:
    picture = mermaid_of_change(read(spokes(20)), read(spokes(90)))

    assert picture.count("-->") == 60
    assert re.search(r'more\["and \d+ more edges"\]', picture)
    assert len(picture) < 20_000
    large = Report(
        command="check", topology=read(spokes(90)), earlier_topology=read(spokes(20)), findings=()
    )
    small = replace(large, earlier_topology=read(spokes(89)))
    assert "<details><summary>What the topology asks for" in render(large, Format.MARKDOWN)
    assert "<details open><summary>What the topology asks for" in render(small, Format.MARKDOWN)


def test_the_picture_of_a_change_is_mermaid() -> None:
    first, *lines = mermaid_of_change(BEFORE, read(many_accounts(3))).splitlines()

    assert first == "flowchart LR"
    assert len(lines) > 5
    for line in lines:
        if not re.fullmatch(r"  linkStyle \d+ stroke:#[0-9a-f]{6},stroke-width:2px", line):
            assert LINE.fullmatch(line), line


def test_the_comment_of_a_pull_request_has_the_picture(tmp_path: Path) -> None:
    write_topology(tmp_path, CHAIN)
    assert forebay(tmp_path, "generate").code == 0
    commit_all(tmp_path)
    unchanged = forebay(tmp_path, "check", "--since", "HEAD", "--format", "markdown").out
    write_topology(
        tmp_path, CHAIN.replace("shop-nodes, allow: first-pull", "shop-nodes, allow: pull")
    )
    assert forebay(tmp_path, "generate").code == 0

    changed = forebay(tmp_path, "check", "--since", "HEAD", "--format", "markdown").out

    assert "mermaid" not in unchanged
    assert "before and after</summary>\n\n```mermaid\nflowchart LR\n" in changed
    assert changed.count("linkStyle") == 1
