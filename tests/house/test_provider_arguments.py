"""The arguments that the package knows are those of the provider's schema."""

from __future__ import annotations

import json
from pathlib import Path

from extract_provider_arguments import extract

import generator
from generator.data.provider_arguments import arguments_of
from generator.estate.resources import SHAPES


def test_the_packaged_names_are_those_of_the_schema() -> None:
    file = Path(generator.__file__).parent / "data" / "provider_arguments.json"

    assert json.loads(file.read_text(encoding="utf-8")) == extract(), "run `make data`"


def test_every_type_that_is_read_has_its_names() -> None:
    for resource_type, shape in SHAPES.items():
        known = arguments_of(resource_type)

        assert known is not None
        assert known >= {*shape.arguments, *shape.documents, *shape.blocks}, resource_type
