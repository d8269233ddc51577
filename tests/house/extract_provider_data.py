"""Extract what forebay needs of the AWS provider's schema into provider.json; run by `make data`."""

import json
import sys
from pathlib import Path

SCHEMA = Path(__file__).parents[1] / "standin" / "provider-schema.json"


def extract() -> dict[str, object]:
    """The document that provider.json holds: the types of the arguments of `assume_role`."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    provider = schema["provider_schemas"]["registry.terraform.io/hashicorp/aws"]["provider"]
    attributes = provider["block"]["block_types"]["assume_role"]["block"]["attributes"]
    return {
        "assume_role": {
            name: kind if isinstance(kind := attribute["type"], str) else kind[0]
            for name, attribute in attributes.items()
        }
    }


def main() -> None:
    """Write the document to the file named on the command line."""
    text = json.dumps(extract(), indent=1, sort_keys=True) + "\n"
    Path(sys.argv[1]).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
