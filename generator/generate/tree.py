"""Everything that `generate` writes for a topology: its roots, the modules, the hand-over."""

from collections.abc import Mapping

from generator.data import resources
from generator.generate.adopting import with_adopted
from generator.generate.handover import handover_files
from generator.generate.places import MODULES_FOLDER
from generator.generate.roots import root_files, root_plans
from generator.model.filetree import Adopted, FileTree
from generator.model.topology import Topology


def file_tree(topology: Topology, adopted: Mapping[str, Adopted] | None = None) -> FileTree:
    """Everything that `generate` writes for the topology; accounts that need nothing get no root.

    `adopted` is what the roots take over, by their folders.
    """
    plans = list(root_plans(topology))
    modules: list[str] = []
    if topology.terraform.modules is None:
        modules = sorted({call.module for plan in plans for call in plan.calls})
    roots = tuple(root_files(topology, plan) for plan in plans)
    if adopted:
        roots = with_adopted(topology, roots, adopted)
    return FileTree(
        roots=roots,
        shared={
            **{
                f"{MODULES_FOLDER}/{module}/{name}": text
                for module in modules
                for name, text in resources.module_files(module).items()
            },
            **handover_files(topology),
        },
    )
