"""What the package knows of the provider's schema is what the schema says."""

from __future__ import annotations

import json
from pathlib import Path

from extract_provider_schema import extract

import generator
from generator.data.provider_schema import arguments_of, assume_role_arguments
from generator.estate.resources import SHAPES
from generator.model.estate import Kind


def test_the_packaged_extract_is_that_of_the_schema() -> None:
    file = Path(generator.__file__).parent / "data" / "provider_schema.json"

    assert json.loads(file.read_text(encoding="utf-8")) == extract(), "run `make data`"


def test_every_type_that_is_read_has_its_names() -> None:
    for resource_type, shape in SHAPES.items():
        if shape.kind is Kind.OTHER_ACCESS or resource_type.startswith("awscc_"):
            # They are named, not judged, or of a provider whose schema does not ship.
            continue
        if resource_type.startswith("awscc_") or shape.kind in {
            Kind.SCANNING,
            Kind.FUNCTION,
            Kind.TASK,
        }:
            # Of another provider, or only an image's name is of interest.
            continue
        known = arguments_of(resource_type)

        assert known is not None
        assert known >= {*shape.arguments, *shape.documents, *shape.blocks}, resource_type


def test_the_arguments_of_assume_role_have_their_types() -> None:
    arguments = assume_role_arguments()

    assert arguments["role_arn"] == "string"
    assert arguments["policy_arns"] == "set"
    assert arguments["tags"] == "map"
