"""What the owners of other accounts and roles must add themselves."""

import json

from generator.generate.places import HANDOVER_FOLDER, exported_file
from generator.model.topology import Topology
from generator.policies import (
    PullerPolicy,
    foreign_statements,
    handed_over_policies,
    puller_document,
    registry_policy_document,
)
from generator.render import render


def handover_files(topology: Topology) -> dict[str, str]:
    """What owners of consumers and of upstreams must add themselves, by path below the output folder."""
    files = {}
    by_account: dict[str, list[PullerPolicy]] = {}
    for (account, name), policy in handed_over_policies(topology).items():
        text = json.dumps(puller_document(policy), indent=2, ensure_ascii=False)
        files[f"{HANDOVER_FOLDER}/{account}/{name}.json"] = f"{text}\n"
        by_account.setdefault(account, []).append(policy)
    statements: dict[str, list[str]] = {}
    for (account, region), of_registry in foreign_statements(topology).items():
        document = registry_policy_document(topology, account, region, of_registry)
        text = json.dumps(document, indent=2, ensure_ascii=False)
        files[f"{HANDOVER_FOLDER}/{account}/{exported_file(region)}"] = f"{text}\n"
        statements.setdefault(account, []).append(exported_file(region))
    for account in sorted({*by_account, *statements}):
        readme = render(
            "handover/README.md.j2",
            {
                "account": account,
                "statements": statements.get(account, []),
                "policies": [
                    {
                        "file": f"{policy.name}.json",
                        "who": "those who pull"
                        if policy.role is None
                        else f"the role {policy.role}",
                    }
                    for policy in by_account.get(account, [])
                ],
            },
        )
        files[f"{HANDOVER_FOLDER}/{account}/README.md"] = f"{readme.rstrip()}\n"
    return files
