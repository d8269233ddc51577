"""Topologies of several files: what they mean together, and where their mistakes are."""

import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.model.errors import ToolError
from generator.model.finding import Severity
from generator.topology import read_topology
from topology.strategies import Document, to_yaml, topologies, without_spans

REST = """\
registries:
  shop:
    caches: {ecr-public: {}}
    grants: [{to: nodes, allow: pull}]
"""


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder / "topology.yaml"


def test_sections_of_several_files_are_one_topology(tmp_path: Path) -> None:
    topology = write(
        tmp_path,
        {
            "topology.yaml": f"version: 1\ninclude: [accounts.yaml, 'teams/*.yaml']\n{REST}",
            "accounts.yaml": 'accounts: {shop: {id: "111122223333", regions: [eu-west-1]}}\n',
            "teams/b.yaml": "version: 1\nconsumers: {nodes: {account: shop, role: node}}\n",
            "teams/a.yaml": "defaults: {settle: 1m}\n",
            "teams/.hidden.yaml": "no: {topology: at all}\n",
            "teams/notes.txt": "not YAML: [\n",
        },
    )

    reading = read_topology(topology)

    assert reading.findings == ()
    assert reading.topology is not None
    assert reading.topology.settle == "1m"
    assert reading.topology.accounts["shop"].span.file == tmp_path / "accounts.yaml"
    assert reading.topology.grants[0].span.file == topology


def test_a_pattern_leaves_the_topology_itself_out(tmp_path: Path) -> None:
    topology = write(
        tmp_path,
        {
            "topology.yaml": f"version: 1\ninclude: ['*.yaml', accounts.yaml]\n{REST}",
            "accounts.yaml": 'accounts: {shop: {id: "111122223333", regions: [eu-west-1]}}\n'
            "consumers: {nodes: {account: shop}}\n",
        },
    )

    assert read_topology(topology).findings == ()


def test_a_name_with_a_bracket_is_a_name(tmp_path: Path) -> None:
    topology = write(
        tmp_path,
        {
            "topology.yaml": f"version: 1\ninclude: ['[a]*.yaml']\n{REST}",
            "[a]b.yaml": 'accounts: {shop: {id: "111122223333", regions: [eu-west-1]}}\n'
            "consumers: {nodes: {account: shop}}\n",
            "a.yaml": "wrong: true\n",
        },
    )

    assert read_topology(topology).findings == ()


def test_a_document_is_found_beside_the_file_that_names_it(tmp_path: Path) -> None:
    topology = write(
        tmp_path,
        {
            "topology.yaml": "version: 1\ninclude: [teams/a.yaml]\n"
            'accounts: {shop: {id: "111122223333", regions: [eu-west-1]}}\n'
            "registries: {shop: {caches: {quay: {creation_template: standard}}}}\n",
            "teams/a.yaml": "creation_templates:\n"
            "  standard: {repository_policy: {file: ../policies/repository.json}}\n",
            "policies/repository.json": '{"Statement": []}',
        },
    )

    reading = read_topology(topology)

    assert reading.findings == ()
    assert reading.topology is not None
    assert reading.topology.templates[0].template.repository_policy == {"Statement": ()}


def test_an_anchor_ends_with_its_file(tmp_path: Path) -> None:
    topology = write(
        tmp_path,
        {
            "topology.yaml": f"version: 1\ninclude: [a.yaml]\n{REST}",
            "a.yaml": "accounts: &all {shop: *regions}\n",
        },
    )

    with pytest.raises(ToolError) as raised:
        read_topology(topology)

    assert f"{tmp_path / 'a.yaml'}:1:23: " in raised.value.detail


def test_a_link_out_of_the_project_is_not_read(tmp_path: Path) -> None:
    outside = write(tmp_path / "outside", {"topology.yaml": "secret: true\n"})
    topology = write(
        tmp_path / "project",
        {"topology.yaml": "version: 1\ninclude: [link.yaml, 'lin*.yaml', folder/topology.yaml]\n"},
    )
    (tmp_path / "project/link.yaml").symlink_to(outside)
    (tmp_path / "project/folder").symlink_to(outside.parent)

    findings = read_topology(topology).findings

    unreadable = [found for found in findings if found.rule == "include-unreadable"]
    assert len(unreadable) == 3
    assert all("lies outside of the project" in found.message for found in unreadable)
    assert not any("secret" in found.message for found in findings)


def test_a_loop_of_links_is_a_mistake(tmp_path: Path) -> None:
    topology = write(tmp_path, {"topology.yaml": f"version: 1\ninclude: [a.yaml]\n{REST}"})
    (tmp_path / "a.yaml").symlink_to("b.yaml")
    (tmp_path / "b.yaml").symlink_to("a.yaml")

    assert "include-unreadable" in {found.rule for found in read_topology(topology).findings}


@settings(max_examples=60, deadline=None)
@given(document=topologies(), seed=st.integers(1, 1000))
def test_how_a_topology_is_split_into_files_does_not_matter(document: Document, seed: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        whole = read_topology(write(Path(folder), {"topology.yaml": to_yaml(document)}))
        parts = split(document, random.Random(seed))  # noqa: S311 - a shuffle, not a secret
        files = {name: to_yaml(part, seed) for name, part in parts.items()}
        parted = read_topology(write(Path(folder) / "parted", files))

    assert without_spans(parted.topology) == without_spans(whole.topology)
    assert [found for found in parted.findings if found.severity is Severity.HIGH] == []
    assert sorted((found.rule, found.subject) for found in parted.findings) == sorted(
        (found.rule, found.subject) for found in whole.findings
    )


def split(document: Document, chance: random.Random) -> dict[str, Document]:
    """The keys of the sections in several files, the first of which includes the others."""
    names = ("topology.yaml", "a.yaml", "teams/b.yaml", "teams/c.yaml")
    parts: dict[str, Document] = {name: {} for name in names}
    parts["topology.yaml"] = {"version": 1, "include": ["a.yaml", "teams/*.yaml"]}
    for section, entries in document.items():
        if not isinstance(entries, dict):
            continue
        for key, value in entries.items():
            home = parts[chance.choice(names)].setdefault(section, {})
            assert isinstance(home, dict)
            home[key] = value
    for name in names[1:]:
        parts[name] = parts[name] or {"version": 1}
    return parts


def test_which_cache_of_a_cache_is_named_does_not_depend_on_the_order(tmp_path: Path) -> None:
    head = "version: 1\naccounts: {hub: {id: '111122223333', regions: [eu-west-1, us-east-1]}, a: {id: '222233334444', regions: [eu-west-1, us-east-1]}}\n"
    hub = ("quay: {regions: [eu-west-1]}", "k8s: {}")
    said = []
    for name, caches in (("one", hub), ("other", hub[::-1])):
        text = (
            f"{head}upstreams: {{base-images: {{registry: ecr, account: hub}}}}\nregistries:\n"
            f"  hub: {{caches: {{{', '.join(caches)}}}}}\n  a: {{caches: {{base: {{upstream: base-images}}}}}}\n"
        )
        findings = read_topology(write(tmp_path / name, {"topology.yaml": text})).findings
        said.append([each.message for each in findings if each.rule == "cache-of-a-cache"])

    assert said[0] == said[1]
    assert len(said[0]) == 1
