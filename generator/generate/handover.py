"""What the owners of other accounts and roles must add themselves."""

import json

from generator.generate.places import HANDOVER_FOLDER
from generator.model.topology import Topology
from generator.policies import PullerPolicy, handed_over_policies, puller_document
from generator.render import render


def handover_files(topology: Topology) -> dict[str, str]:
    """What the owners of consumers must add themselves, by path below the output folder."""
    files = {}
    by_account: dict[str, list[PullerPolicy]] = {}
    for (account, name), policy in handed_over_policies(topology).items():
        text = json.dumps(puller_document(policy), indent=2, ensure_ascii=False)
        files[f"{HANDOVER_FOLDER}/{account}/{name}.json"] = f"{text}\n"
        by_account.setdefault(account, []).append(policy)
    for account, policies in by_account.items():
        files[f"{HANDOVER_FOLDER}/{account}/README.md"] = render(
            "handover/README.md.j2",
            {
                "account": account,
                "policies": [
                    {
                        "file": f"{policy.name}.json",
                        "who": "those who pull"
                        if policy.role is None
                        else f"the role {policy.role}",
                    }
                    for policy in policies
                ],
            },
        )
    return files
