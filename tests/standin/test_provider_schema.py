"""The schemas: their version, what goes with them, and what Terraform reads back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

import pytest

from standin import schema
from standin.resources import DATA_SOURCES, EPHEMERAL, RESOURCES

if TYPE_CHECKING:
    from pathlib import Path

    from standin.install import Mirror
    from terraform.fixtures import TerraformFactory

REQUIREMENTS = """
terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
    time = {
      source = "hashicorp/time"
    }
  }
}
"""
AWS_RESOURCES = sorted(name for name in RESOURCES if name.startswith("aws_"))


def without_descriptions(value: object) -> object:
    """Drop what the vendored schema leaves out, and flags that say no."""
    if isinstance(value, Mapping):
        return {
            key: without_descriptions(item)
            for key, item in value.items()
            if key not in ("description_kind", "description")
            and item is not False
            and not (key in ("attributes", "block_types") and item == {})
        }
    return [without_descriptions(item) for item in value] if isinstance(value, list) else value


def test_the_label_is_the_version_that_the_schema_was_taken_from() -> None:
    document = json.loads((schema.FOLDER / "provider-schema.json").read_text("utf-8"))

    assert f"hashicorp/aws {schema.AWS_VERSION}" in json.dumps(document["_source"])


@pytest.mark.slow
def test_terraform_reads_back_the_schemas_that_were_put_in(
    terraform_offline: TerraformFactory, stand_in: Mirror, tmp_path: Path
) -> None:
    (tmp_path / "main.tf").write_text(REQUIREMENTS)
    terraform = terraform_offline(tmp_path)
    terraform.init()

    document = json.loads(terraform.run("providers", "schema", "-json").stdout)

    read_back = document["provider_schemas"]
    for provider in ("aws", "time"):
        got = read_back[f"registry.terraform.io/hashicorp/{provider}"]
        assert without_descriptions(got) == without_descriptions(schema.load(provider))


@pytest.mark.slow
def test_init_picks_the_labelled_versions(
    terraform_offline: TerraformFactory, stand_in: Mirror, tmp_path: Path
) -> None:
    (tmp_path / "main.tf").write_text(REQUIREMENTS)
    terraform = terraform_offline(tmp_path)
    terraform.init()

    versions = json.loads(terraform.run("version", "-json").stdout)["provider_selections"]

    assert versions == {
        f"registry.terraform.io/hashicorp/{provider}": version
        for provider, version in schema.VERSIONS.items()
    }


def test_everything_with_behaviour_has_a_schema() -> None:
    aws = schema.load("aws")

    assert set(AWS_RESOURCES) <= set(aws["resource_schemas"])
    assert set(DATA_SOURCES) <= set(aws["data_source_schemas"])
    assert set(EPHEMERAL) <= set(aws["ephemeral_resource_schemas"])


def test_arguments_that_force_replacement_are_in_the_schema() -> None:
    document = json.loads((schema.FOLDER / "provider-force-new.json").read_text("utf-8"))
    resources = schema.load("aws")["resource_schemas"]

    for name, arguments in document.items():
        if name.startswith("_"):
            continue
        block = resources[name]["block"]
        known = set(block["attributes"]) | set(block.get("block_types", {}))
        assert {argument.split(".")[0] for argument in arguments} <= known, name


@pytest.mark.parametrize("name", AWS_RESOURCES)
def test_defaults_and_json_attributes_are_in_the_schema(name: str) -> None:
    kind, block = RESOURCES[name], schema.load("aws")["resource_schemas"][name]["block"]
    blocks = block.get("block_types", {})

    assert set(kind.defaults) | set(kind.json_attributes) <= set(block["attributes"])
    assert kind.defaults_not_imported <= set(kind.defaults)
    assert set(kind.optional_blocks) <= set(blocks)
    for outer, inner in kind.block_defaults:
        assert inner in blocks[outer]["block"]["attributes"]
