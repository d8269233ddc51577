"""The files for the owners of what generated code cannot reach."""

import json

from generator.intent.handover import Handover, Sort, handovers
from generator.model.topology import Topology
from generator.render import render


def handover_files(topology: Topology) -> dict[str, str]:
    """What owners must add themselves, by path below the output folder, and a text for each."""
    files = {}
    for handover in handovers(topology):
        for name, document in handover.files.items():
            files[f"{handover.path}/{name}"] = (
                f"{json.dumps(document, indent=2, ensure_ascii=False)}\n"
            )
        files[f"{handover.path}/README.md"] = _readme(handover)
    return files


def _readme(handover: Handover) -> str:
    text = render(
        "handover/README.md.j2",
        {
            "owner": handover.owner,
            "is_group": handover.is_group,
            **{sort.name.lower(): _listed(handover, sort) for sort in Sort},
        },
    )
    return f"{text.rstrip()}\n"


def _listed(handover: Handover, sort: Sort) -> list[dict[str, str]]:
    """The files of a sort, each with the consumer that its policy is for."""
    return [
        {"file": name, "who": part.whom.get(name, "")}
        for part in handover.parts
        if part.sort is sort
        for name in part.files
    ]
