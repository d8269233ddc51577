"""What holds for every topology, and for every text that might be one."""

import random
import tempfile
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.model.errors import ToolError
from generator.model.finding import Severity
from generator.topology import Reading, read_topology
from topology.strategies import Document, to_yaml, topologies, without_spans

FRAGMENTS = (
    "version: 1\n", "accounts:", "registries:", "consumers:", "upstreams:", "caches:", "grants:",
    "main", "id", "regions", "eu-west-1", "ROOT", "quay", "docker-hub", "to", "allow", "pull",
    "ecr", "{", "}", "[", "]", ": ", ", ", "\n", "\n  ", "\n    ", "- ", "&a ", "*a", "<<: ", "!t ",
    "~", "null", "true", '"', "'", "|", "#", "%", "---\n", "...\n", "\t", "\ufeff", "\r\n", "012",
    "{account}", "\u2028", "\U0001f600",
)  # fmt: skip


def reading_of(content: bytes) -> Reading:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "topology.yaml"
        file.write_bytes(content)
        return read_topology(file)


@settings(max_examples=150, deadline=None)
@given(document=topologies(), seed=st.integers(0, 1000))
def test_a_valid_topology_is_read_without_mistakes(document: Document, seed: int) -> None:
    reading = reading_of(to_yaml(document, seed).encode())

    assert [found for found in reading.findings if found.severity is Severity.HIGH] == []
    assert reading.topology is not None


@settings(max_examples=100, deadline=None)
@given(document=topologies(), seed=st.integers(1, 1000))
def test_the_order_of_keys_does_not_matter(document: Document, seed: int) -> None:
    first = reading_of(to_yaml(document).encode()).topology
    second = reading_of(to_yaml(document, seed).encode()).topology

    assert without_spans(first) == without_spans(second)


@settings(max_examples=100, deadline=None)
@given(document=topologies())
def test_caches_and_grants_are_sorted_and_every_grant_is_on_a_cache(document: Document) -> None:
    topology = reading_of(to_yaml(document).encode()).topology

    assert topology is not None
    keys = [(cache.account, cache.region, cache.prefix) for cache in topology.caches]
    assert keys == sorted(set(keys))
    assert {id(grant.cache) for grant in topology.grants} <= set(map(id, topology.caches))


@settings(max_examples=300, deadline=None)
@given(content=st.binary(max_size=200))
def test_no_bytes_raise_anything_but_a_tool_error(content: bytes) -> None:
    assert_read_or_refused(content)


@settings(max_examples=400, deadline=None)
@given(parts=st.lists(st.sampled_from(FRAGMENTS), max_size=40))
def test_no_pieces_of_yaml_raise_anything_but_a_tool_error(parts: list[str]) -> None:
    assert_read_or_refused("".join(parts).encode())


@settings(max_examples=150, deadline=None)
@given(document=topologies(), seed=st.integers(0, 2**32))
def test_no_damaged_topology_raises_anything_but_a_tool_error(
    document: Document, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311
    text = to_yaml(document, seed % 1000)
    for _ in range(chance.randint(1, 4)):
        start = chance.randrange(len(text))
        end = min(len(text), start + chance.choice([0, 1, 1, 5, 20]))
        text = text[:start] + chance.choice((*FRAGMENTS, "")) + text[end:]

    assert_read_or_refused(text.encode())


@settings(max_examples=100, deadline=None)
@given(parts=st.lists(st.sampled_from(FRAGMENTS), max_size=40))
def test_the_slow_parser_of_the_yaml_library_does_no_harm_either(parts: list[str]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.delattr(yaml, "CSafeLoader", raising=False)
        assert_read_or_refused("".join(parts).encode())


def assert_read_or_refused(content: bytes) -> None:
    """Read, and look that the reading is whole: a topology, or a mistake that has a place."""
    try:
        reading = reading_of(content)
    except ToolError:
        return
    mistakes = [found for found in reading.findings if found.severity is Severity.HIGH]
    assert (reading.topology is None) == bool(mistakes)
    for found in reading.findings:
        assert found.location is not None
        assert found.message.isprintable() or "\n" in found.message
        assert (found.location.line, found.location.column) >= (1, 1)
        assert (found.location.end_line, found.location.end_column) > (
            found.location.line,
            found.location.column,
        )
