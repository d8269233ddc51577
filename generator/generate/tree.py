"""Everything that `generate` writes for a topology: its roots, the modules, the hand-over."""

from collections.abc import Iterable, Mapping

from generator.data import resources
from generator.generate.adopting import with_adopted
from generator.generate.handover import handover_files
from generator.generate.places import MODULES_FOLDER
from generator.generate.readme import README, readme_file
from generator.generate.root_plan import RootPlan
from generator.generate.roots import root_files, root_plans
from generator.model.filetree import Adopted, FileTree
from generator.model.progress import counted
from generator.model.topology import Topology


def file_tree(topology: Topology, adopted: Mapping[str, Adopted] | None = None) -> FileTree:
    """Everything that `generate` writes for the topology; accounts that need nothing get no root.

    `adopted` is what the roots take over, by their folders.
    """
    plans = tuple(root_plans(topology))
    roots = tuple(
        root_files(topology, plan, {README: readme_file(topology, plan)})
        for plan in counted(plans, "working out root modules", len(plans))
    )
    if adopted:
        roots = with_adopted(topology, roots, adopted)
    return FileTree(
        roots=roots, shared={**_module_files(topology, plans), **handover_files(topology)}
    )


def written_code(topology: Topology) -> FileTree:
    """What Terraform reads of it: no README, nothing that is handed over or taken over."""
    plans = tuple(root_plans(topology))
    return FileTree(
        roots=tuple(
            root_files(topology, plan)
            for plan in counted(plans, "working out root modules", len(plans))
        ),
        shared=_module_files(topology, plans),
    )


def _module_files(topology: Topology, plans: Iterable[RootPlan]) -> dict[str, str]:
    """The copies of the modules that roots call, unless these come from elsewhere."""
    if topology.terraform.modules is not None:
        return {}
    return {
        f"{MODULES_FOLDER}/{module}/{name}": text
        for module in sorted({call.module for plan in plans for call in plan.calls})
        for name, text in resources.module_files(module).items()
    }
