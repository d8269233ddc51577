"""Extract what forebay needs of the AWS provider's schema; run by `make data`.

The tests hold the part of the provider's own schema that this needs.
"""

import json
import sys
from pathlib import Path
from typing import Any

SCHEMA = Path(__file__).parents[1] / "standin" / "provider-schema.json"


def extract() -> dict[str, dict[str, Any]]:
    """What a person can write: the arguments of `assume_role`, and those of each resource type.

    Beside them, whatever the schema marks as sensitive, in resources and data sources.
    """
    document = json.loads(SCHEMA.read_text(encoding="utf-8"))
    aws = document["provider_schemas"]["registry.terraform.io/hashicorp/aws"]
    assume_role = aws["provider"]["block"]["block_types"]["assume_role"]["block"]["attributes"]
    return {
        "assume_role": {
            name: kind if isinstance(kind := attribute["type"], str) else kind[0]
            for name, attribute in assume_role.items()
        },
        "resources": {
            name: sorted(_paths(schema["block"], ""))
            for name, schema in sorted(aws["resource_schemas"].items())
        },
        "sensitive": {
            name: found
            for section in ("data_source_schemas", "ephemeral_resource_schemas", "resource_schemas")
            for name, schema in sorted(aws[section].items())
            if (found := sorted(_sensitive(schema["block"])))
        },
    }


def _sensitive(block: dict[str, Any]) -> set[str]:
    found = {name for name, one in block.get("attributes", {}).items() if one.get("sensitive")}
    return found.union(*(_sensitive(one["block"]) for one in block.get("block_types", {}).values()))


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
