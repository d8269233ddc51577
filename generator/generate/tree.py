"""Everything that `generate` writes for a topology: its roots, the modules, the hand-over."""

from generator import resources
from generator.generate.handover import handover_files
from generator.generate.places import MODULES_FOLDER
from generator.generate.roots import plan_root, root_files
from generator.model.filetree import FileTree
from generator.model.topology import Topology


def file_tree(topology: Topology) -> FileTree:
    """Everything that `generate` writes for the topology; accounts that need nothing get no root."""
    plans = [plan_root(topology, account) for account in sorted(topology.accounts)]
    plans = [plan for plan in plans if plan.calls or plan.exported]
    modules: list[str] = []
    if topology.terraform.modules is None:
        modules = sorted({call.module for plan in plans for call in plan.calls})
    return FileTree(
        roots=tuple(root_files(topology, plan) for plan in plans),
        shared={
            **{
                f"{MODULES_FOLDER}/{module}/{name}": text
                for module in modules
                for name, text in resources.module_files(module).items()
            },
            **handover_files(topology),
        },
    )
