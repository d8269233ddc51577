"""The packaged facts against the botocore that is installed."""

import json
from pathlib import Path

import botocore.session
from extract_aws_data import extract

from generator.data.aws_data import upstream_registries
from generator.model.topology import Mutability
from generator.model.upstreams import REGISTRIES
from generator.topology import texts
from generator.topology.text_checks import MAX_TAG_FILTERS

DATA = Path(__file__).parents[2] / "generator" / "data" / "aws.json"


def test_the_packaged_aws_data_is_what_botocore_says() -> None:
    assert json.loads(DATA.read_text(encoding="utf-8")) == extract(), "run `make data`"


def test_every_upstream_registry_of_the_api_is_in_the_table() -> None:
    assert set(REGISTRIES) == set(upstream_registries())


def test_filters_of_tags_have_the_limits_of_the_api() -> None:
    model = botocore.session.get_session().get_service_model("ecr")
    filters = model.shape_for("ImageTagMutabilityExclusionFilters").metadata
    text = model.shape_for("ImageTagMutabilityExclusionFilterValue").metadata

    assert (filters["min"], filters["max"]) == (1, MAX_TAG_FILTERS)
    assert (text["min"], text["max"]) == (texts.TAG_FILTER.minimum, texts.TAG_FILTER.maximum)
    assert text["pattern"] == "^[0-9a-zA-Z._*-]{1,128}$"
    assert list(model.shape_for("ImageTagMutabilityExclusionFilterType").metadata["enum"]) == [
        "WILDCARD"
    ]
    assert set(model.shape_for("ImageTagMutability").metadata["enum"]) == set(Mutability)
