"""Damaged code: hypothesis changes bytes of real roots, and nothing may raise, hang or go silent."""

from __future__ import annotations

import shutil
import tempfile
import time
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.delivery.plan import plan_write
from generator.delivery.write import apply_write
from generator.gate.check import check_findings
from generator.gate.drift import drift_findings
from generator.generate import file_tree
from generator.hcl import read_code
from generator.topology import read_topology

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from generator.model.topology import Topology

# Seconds of the processor for one example, which takes a twentieth of one.
LONGEST = 20
ROOTS = Path(__file__).parent / "roots"
EXAMPLES = Path(__file__).parents[2] / "examples"

TOKENS = [
    b"${", b"}", b'"', b"<<E\n", b"<<-E\n", b"E\n", b"[", b"]", b"{", b"%{ if x }", b"%{ for a in b }",
    b"*/", b"/*", b"#", b"\\u", b"\x00", b"\xff", b"\r", b"\n", b"...", b"=>", b"=", b"null", b"[*]",
    b"each.key", b"var.x", b"local.", b"for_each = ", b"count = ", b"jsonencode(", b"(", b")", b"-1",
    b"1e99999", b"9" * 400, b"provider = aws.x\n", b"source = \"./\"\n", b"\xef\xbb\xbf", b"? :",
]  # fmt: skip

Change = tuple[str, int, int, bytes]

CHANGES: st.SearchStrategy[Change] = st.tuples(
    st.sampled_from(["delete", "repeat", "overwrite", "insert", "move"]),
    st.integers(0, 2**20),
    st.integers(0, 60),
    st.one_of(st.sampled_from(TOKENS), st.binary(max_size=6)),
)


def changed(content: bytes, changes: Sequence[Change]) -> bytes:
    """The bytes with every change made, one after the other."""
    for kind, place, length, new in changes:
        at = place % (len(content) + 1)
        until = min(len(content), at + length)
        piece = content[at:until]
        match kind:
            case "delete":
                content = content[:at] + content[until:]
            case "repeat":
                content = content[:until] + piece * 3 + content[until:]
            case "overwrite":
                content = content[:at] + new + content[at + len(new) :]
            case "insert":
                content = content[:at] + new + content[at:]
            case _:
                rest = content[:at] + content[until:]
                to = (place // 7) % (len(rest) + 1)
                content = rest[:to] + piece + rest[to:]
    return content


@cache
def corpus() -> dict[str, Path]:
    """Folders of code by name: hand-written roots, and generated trees with their topology beside them."""
    home = Path(tempfile.mkdtemp(prefix="forebay-fuzz-"))
    found = {path.name: path for path in sorted(ROOTS.iterdir()) if path.is_dir()}
    for example in sorted(path.parent for path in EXAMPLES.glob("*/topology.yaml")):
        copy = home / example.name
        shutil.copytree(example, copy)
        topology = read_topology(copy / "topology.yaml").topology
        assert topology is not None
        apply_write(plan_write(file_tree(topology), copy / "terraform"))
        assert example.name not in found
        found[example.name] = copy
    return found


@pytest.fixture(scope="module", autouse=True)
def no_corpus_left() -> Iterator[None]:
    yield
    for folder in corpus().values():
        if folder.parent.name.startswith("forebay-fuzz-"):
            shutil.rmtree(folder.parent, ignore_errors=True)


@cache
def declared(folder: Path) -> Topology | None:
    """The topology of a folder of the corpus, if it has one."""
    file = folder / "topology.yaml"
    return read_topology(file).topology if file.is_file() else None


@pytest.mark.slow
@settings(max_examples=150, suppress_health_check=list(HealthCheck))
@given(
    name=st.deferred(lambda: st.sampled_from(tuple(corpus()))),
    files=st.lists(
        st.tuples(st.integers(0, 1000), st.lists(CHANGES, min_size=1, max_size=8)),
        min_size=1,
        max_size=3,
    ),
)
def test_damaged_code_is_read_or_refused_and_every_refusal_has_its_place(
    name: str, files: list[tuple[int, list[Change]]]
) -> None:
    judge_damaged(corpus()[name], files)


def judge_damaged(folder: Path, files: list[tuple[int, list[Change]]]) -> None:
    """Read and judge a copy of the folder in which files are damaged."""
    with tempfile.TemporaryDirectory() as name:
        copy = Path(name).resolve() / "project"
        shutil.copytree(folder, copy)
        written = sorted(
            path for path in copy.rglob("*") if path.is_file() and path.suffix != ".yaml"
        )
        for which, changes in files:
            file = written[which % len(written)]
            file.write_bytes(changed(file.read_bytes(), changes))
        started = time.process_time()

        reading = read_code(copy, project_root=copy, topology=declared(folder))

        for problem in reading.problems:
            location = problem.location
            assert location is not None
            lines = location.file.read_bytes().count(b"\n") + 1
            assert 1 <= location.line <= location.end_line <= lines + 1
        if (topology := declared(folder)) is not None:
            drift_findings(topology, reading)
            check_findings(topology, reading)
        assert time.process_time() - started < LONGEST
