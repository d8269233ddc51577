"""Extract what forebay needs of botocore's models into aws.json; run by `make data`."""

import json
import sys
from pathlib import Path

SHAPES = {
    "ecr": (
        "PullThroughCacheRuleRepositoryPrefix",
        "CredentialArn",
        "RegistryPolicyText",
        "RepositoryName",
    ),
    "organizations": ("OrganizationId", "RootId", "OrganizationalUnitId"),
    "secretsmanager": ("NameType",),
    "sso-admin": ("PermissionSetName",),
}


def extract() -> dict[str, object]:
    """The document that aws.json holds, from the botocore that is installed."""
    import botocore.session

    session = botocore.session.get_session()
    shapes: dict[str, dict[str, object]] = {}
    for service, names in SHAPES.items():
        model = session.get_service_model(service)
        for name in names:
            metadata = model.shape_for(name).metadata
            shapes[name] = {
                "min": metadata.get("min", 0),
                "pattern": metadata.get("pattern", ".*"),
            }
            if "max" in metadata:
                shapes[name]["max"] = metadata["max"]
    registries = session.get_service_model("ecr").shape_for("UpstreamRegistry").enum
    resolver = session.get_component("data_loader").load_data("partitions")
    partitions = {
        entry["id"]: {
            "dns_suffix": entry["outputs"]["dnsSuffix"],
            "regions": sorted(name for name in entry["regions"] if not name.endswith("-global")),
        }
        for entry in resolver["partitions"]
        if not entry["id"].startswith("aws-iso")
    }
    return {
        "partitions": partitions,
        "shapes": shapes,
        "enums": {"UpstreamRegistry": {"values": list(registries)}},
    }


def main() -> None:
    """Write the document to the file named on the command line."""
    text = json.dumps(extract(), indent=1, sort_keys=True) + "\n"
    Path(sys.argv[1]).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
