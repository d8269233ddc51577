"""What `generate` writes for a topology, as commands that read code know it."""

from pathlib import Path

from generator.model.errors import ToolError
from generator.model.expected import Expected
from generator.model.generated_code import GeneratedCode
from generator.model.topology import Topology

DEFAULT_TOPOLOGY = Path("topology.yaml")
"""The topology that is read when none is named."""


def expected_code(topology: Topology, folder: Path) -> Expected | None:
    """What `generate` would write for the topology, and what that would say.

    `None` where `generate` has written nothing into the folder with the code, or would not.
    """
    from generator.delivery import manifest
    from generator.generate import file_tree
    from generator.intent.records import intend

    if not (folder / manifest.NAME).is_file():
        return None
    try:
        return Expected(tree=file_tree(topology), estate=intend(topology))
    except ToolError:
        return None


def what_became_of_it(
    topology: Topology, folder: Path, command: str, expected: Expected | None
) -> GeneratedCode | None:
    """What became of the files that `generate` wrote into the folder with the code.

    What is `expected` there without anything taken over is not worked out once more.
    """
    from generator.delivery.generated_code import generated_code
    from generator.delivery.plan import adopted_before
    from generator.generate import file_tree

    folders = sorted({topology.folder(name) for name in topology.managed_accounts})
    try:
        adopted = adopted_before(folder, folders)
        known = expected.tree if expected is not None and not adopted else None
        return generated_code(known or file_tree(topology, adopted), folder, command)
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
