"""The file of a root that takes over what was there before it."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from generator.intent.import_ids import IMPORTED, import_id
from generator.intent.records import intend
from generator.model.address import is_reference
from generator.model.estate import Estate, Kind, Record
from generator.model.filetree import Adopted, RootFiles
from generator.model.topology import RegistryPolicyMode, Topology
from generator.render import Reference, render

if TYPE_CHECKING:
    from generator.render.literal import Value

ADOPT_FILE = "adopt.tf"
"""The file with the blocks that import and move."""


def is_adoptable(record: Record, mode: RegistryPolicyMode | None) -> bool:
    """Whether a root imports an intended record with a block of `adopt.tf`.

    A registry policy that its account says to adopt (`mode`) has its block beside its module call.
    """
    if record.kind is Kind.REGISTRY_POLICY and mode is RegistryPolicyMode.ADOPT:
        return False
    return record.kind in IMPORTED and is_reference(record.address)


def with_adopted(
    topology: Topology,
    roots: Iterable[RootFiles],
    adopted: Mapping[str, Adopted],
    estate: Estate | None = None,
) -> tuple[RootFiles, ...]:
    """The roots with what they take over, as far as the topology still asks for it.

    `estate` is what the topology asks for, where that is known already.
    """
    intended: dict[str, dict[str, Record]] = {}
    for record in (estate or intend(topology)).records:
        intended.setdefault(record.root, {})[record.address] = record
    return tuple(
        _with(topology, root, adopted.get(root.folder, {}), intended.get(root.folder, {}))
        for root in roots
    )


def _with(
    topology: Topology, root: RootFiles, adopted: Adopted, intended: Mapping[str, Record]
) -> RootFiles:
    kept: dict[str, str | None] = {}
    imports: list[dict[str, Value]] = []
    moves: list[dict[str, Value]] = []
    for address, source in sorted(adopted.items()):
        record = intended.get(address)
        if record is None:
            continue
        if source is not None:
            moves.append({"from": Reference(source), "to": Reference(address)})
        elif is_adoptable(record, topology.accounts[root.account].registry_policy):
            imports.append({"to": Reference(address), "id": import_id(topology, record)})
        else:
            continue
        kept[address] = source
    if not kept:
        return root
    text = render("root/adopt.tf.j2", {"imports": imports, "moves": moves})
    return replace(root, files={**root.files, ADOPT_FILE: text}, adopted=kept)
