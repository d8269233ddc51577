"""The packaged facts against the botocore that is installed."""

import json
from pathlib import Path

from extract_aws_data import extract

from generator.data.aws_data import upstream_registries
from generator.model.upstreams import REGISTRIES

DATA = Path(__file__).parents[2] / "generator" / "data" / "aws.json"


def test_the_packaged_aws_data_is_what_botocore_says() -> None:
    assert json.loads(DATA.read_text(encoding="utf-8")) == extract(), "run `make data`"


def test_every_upstream_registry_of_the_api_is_in_the_table() -> None:
    assert set(REGISTRIES) == set(upstream_registries())
