"""Signing configurations beside caches."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.rules.cache.cached_image_signed import _may_match
from rules.code_examples import findings_of

if TYPE_CHECKING:
    from pathlib import Path

CODE = """
variable "filter" {}
resource "aws_ecr_pull_through_cache_rule" "quay" {
  ecr_repository_prefix = "PREFIX"
  upstream_registry_url = "quay.io"
}
resource "awscc_ecr_signing_configuration" "all" {
  rules = [{
    signing_profile_arn = "arn:aws:signer:eu-west-1:111122223333:/signing-profiles/images"
    FILTERS
  }]
}
"""


def filters(*patterns: str) -> str:
    listed = ", ".join(
        f'{{ filter = {each}, filter_type = "WILDCARD_MATCH" }}' for each in patterns
    )
    return f"repository_filters = [{listed}]"


@pytest.mark.parametrize(
    ("prefix", "written", "kinds"),
    [
        ("quay", "", ["finding"]),
        ("quay", filters('"*"'), ["finding"]),
        ("quay", filters('"team/*"', '"q*"'), ["finding"]),
        ("ROOT", filters('"team/*"'), ["finding"]),
        ("quay", filters('"quay/acme/app"'), ["finding"]),
        ("quay", filters("var.filter"), ["undecided"]),
        ("quay", filters('"team/*"'), []),
        ("quay", filters('"quay"', '"quay-*"'), []),
    ],
)
def test_a_rule_that_covers_cached_images_is_named(
    tmp_path: Path, prefix: str, written: str, kinds: list[str]
) -> None:
    code = CODE.replace("PREFIX", prefix).replace("FILTERS", written)

    found = findings_of(tmp_path, {"main.tf": code})

    assert [each.kind.value for each in found if each.rule == "cached-image-signed"] == kinds


def test_a_cache_of_another_registry_is_not_meant(tmp_path: Path) -> None:
    code = CODE.replace("PREFIX", "quay").replace("FILTERS", "")
    code = code.replace("upstream_reg", 'region = "us-east-1"\n  upstream_reg')

    assert findings_of(tmp_path, {"main.tf": code}) == []


@given(
    pattern=st.text(alphabet="ab/*", max_size=6),
    beginning=st.text(alphabet="ab/", max_size=3),
    name=st.text(alphabet="ab/", min_size=1, max_size=5),
)
def test_a_name_that_matches_shows_that_some_does(pattern: str, beginning: str, name: str) -> None:
    regex = ".*".join(map(re.escape, pattern.split("*")))
    if re.fullmatch(regex, beginning + name):
        assert _may_match(pattern, beginning)


@given(pattern=st.text(alphabet="ab*", max_size=5), beginning=st.text(alphabet="ab", max_size=3))
def test_where_some_name_matches_a_small_one_does(pattern: str, beginning: str) -> None:
    """What is left of the pattern, with something in the place of each star, is such a name."""
    regex = re.compile(".*".join(map(re.escape, pattern.split("*"))))
    tails = {
        pattern[at:].replace("*", fill) for at in range(len(pattern) + 1) for fill in ("", "a")
    }
    exists = any(tail and regex.fullmatch(beginning + tail) for tail in tails)

    assert _may_match(pattern, beginning) == exists
