"""Extract the argument names of the resources that rules judge; run by `make data`.

They come from the Terraform AWS provider's own schema, of which the tests hold the part they need.
"""

import json
import sys
from pathlib import Path
from typing import Any

SCHEMA = Path(__file__).parents[1] / "standin" / "provider-schema.json"


def extract() -> dict[str, list[str]]:
    """The paths of all arguments and blocks of each resource type that a person can write."""
    document = json.loads(SCHEMA.read_text(encoding="utf-8"))
    schemas = document["provider_schemas"]["registry.terraform.io/hashicorp/aws"]
    return {
        name: sorted(_paths(schema["block"], ""))
        for name, schema in sorted(schemas["resource_schemas"].items())
    }


def _paths(block: dict[str, Any], before: str) -> list[str]:
    found = []
    for name, attribute in block.get("attributes", {}).items():
        if attribute.get("optional") or attribute.get("required"):
            found.append(f"{before}{name}")
    for name, nested in block.get("block_types", {}).items():
        found.append(f"{before}{name}")
        found.extend(_paths(nested["block"], f"{before}{name}."))
    return found


def main() -> None:
    """Write the document to the file named on the command line."""
    text = json.dumps(extract(), indent=1, sort_keys=True) + "\n"
    Path(sys.argv[1]).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
