"""What `generate` writes for a topology, as commands that read code know it."""

import contextlib
import os
from collections.abc import Collection, Iterable
from dataclasses import replace
from pathlib import Path

from generator.cli.invocation import DEFAULT_TOPOLOGY
from generator.model.errors import ToolError
from generator.model.expected import Expected
from generator.model.filetree import Adopted
from generator.model.generated_code import GeneratedCode
from generator.model.topology import Topology


def expected_code(topology: Topology, folder: Path) -> Expected | None:
    """What `generate` would write for the topology, and what that would say.

    `None` where `generate` has written nothing into the folder with the code, or would not.
    """
    from generator.delivery import manifest
    from generator.generate import with_adopted, written_code
    from generator.intent.records import intend

    if not (folder / manifest.NAME).is_file():
        return None
    try:
        tree = written_code(topology)
        estate = intend(topology)
        adopted = _adopted(folder, [root.folder for root in tree.roots])
        roots = with_adopted(topology, tree.roots, adopted, estate) if adopted else tree.roots
        return Expected(tree=replace(tree, roots=roots), estate=estate)
    except ToolError:
        return None


def _adopted(folder: Path, roots: Iterable[str]) -> dict[str, Adopted]:
    """What those roots took over that have the file for it; a manifest that cannot be read says nothing."""
    from generator.delivery.plan import adopted_before
    from generator.generate import ADOPT_FILE

    found: dict[str, Adopted] = {}
    for root in roots:
        if os.path.lexists(os.path.join(folder, root, ADOPT_FILE)):  # noqa: PTH118 - for many roots
            with contextlib.suppress(ToolError):
                found.update(adopted_before(folder, [root]))
    return found


def what_became_of_it(
    topology: Topology,
    folder: Path,
    command: str,
    expected: Expected | None,
    untouched: Collection[Path],
) -> GeneratedCode | None:
    """What became of the files that `generate` wrote into the folder with the code.

    What is `expected` there is not worked out once more, nor are the `untouched` roots looked at again.
    """
    from generator.delivery.generated_code import generated_code
    from generator.delivery.plan import adopted_of, manifests_before
    from generator.generate import with_adopted, written_code

    try:
        tree = written_code(topology) if expected is None else expected.tree
        known = frozenset(root.folder for root in tree.roots if folder / root.folder in untouched)
        others = sorted(root.folder for root in tree.roots if root.folder not in known)
        before = manifests_before(folder, others)
        if adopted := adopted_of(before.roots):
            estate = None if expected is None else expected.estate
            roots = with_adopted(topology, tree.roots, adopted, estate)
            tree = replace(tree, roots=roots)
        return generated_code(tree, folder, command, known, before)
    except ToolError:
        return None


def generate_command(code: Path | None, topology: Path) -> str:
    """The command that writes the code of a topology where it is read."""
    import shlex

    words = ["forebay", "generate"]
    if topology != DEFAULT_TOPOLOGY:
        words += ["--topology", str(topology)]
    if code is not None:
        words += ["--out", str(code)]
    return shlex.join(words)
