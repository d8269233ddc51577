"""Reads a topology file: the topology it means, or everything that is wrong with it."""

from collections.abc import Mapping
from pathlib import Path

from generator.frozen_data import frozen
from generator.model.finding import Finding
from generator.model.quotes import quoted
from generator.model.span import first_line
from generator.model.topology import Topology
from generator.model.version_constraint import fits
from generator.topology.contents import Entries
from generator.topology.document import Document, read_document
from generator.topology.fields import TOPOLOGY
from generator.topology.includes import merge_includes
from generator.topology.mistakes import EMPTY_VALUE, FOREBAY_VERSION, Mistakes, Place
from generator.topology.raw_documents import project_root_of
from generator.topology.resolution import resolve
from generator.topology.sections import declare
from generator.topology.structure import fit
from generator.version import release, version


@frozen
class Reading:
    """What one topology file says; `topology` is `None` when there is a mistake in it."""

    topology: Topology | None
    findings: tuple[Finding, ...]


def read_topology(path: Path, edited: Mapping[Path, bytes] | None = None) -> Reading:
    """Read a topology and what it includes; `ToolError` when a file cannot be read or is not YAML.

    What is `edited` is read as that, instead of what the file holds.
    """
    mistakes = Mistakes()
    texts = edited or {}
    topology = _read(read_document(path, texts), mistakes, texts)
    findings = mistakes.findings()
    # What this version takes for a mistake may be right in the version that was asked for.
    other_version = tuple(each for each in findings if each.rule == FOREBAY_VERSION.name)
    return Reading(topology=topology, findings=other_version or findings)


def _read(document: Document, mistakes: Mistakes, edited: Mapping[Path, bytes]) -> Topology | None:
    node = merge_includes(document, mistakes, edited)
    if node is None:
        mistakes.add(
            EMPTY_VALUE,
            Place(span=first_line(document.file), path=""),
            "The file is empty. A topology begins with `version: 1`.",
        )
        return None
    root = fit(node, TOPOLOGY, Place(span=node.span, path=""), mistakes)
    if not isinstance(root, Entries):
        return None
    _check_version(root, mistakes)
    return resolve(
        declare(root, project_root_of(document.file.resolve().parent), mistakes), mistakes
    )


def _check_version(root: Entries, mistakes: Mistakes) -> None:
    """Note a topology that asks for another forebay than the one that runs."""
    wanted = root.text("required_forebay")
    if wanted is None or fits(release(), wanted.text):
        return
    mistakes.add(
        FOREBAY_VERSION,
        wanted.place,
        f"`{wanted.place.path}`: the topology asks for forebay {quoted(wanted.text)}, and this is "
        f"{version()}. Install a version that fits, or change the constraint and run `forebay generate`.",
    )
