"""`forebay policies`: the least that a role needs to apply a root module, or to read.

That the deployer's policy is enough is shown where the examples are applied.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from e2e.deployer import policies
from e2e.project import from_example
from e2e.test_examples_applied import ORDERS

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("example", ORDERS)
def test_a_policy_allows_nothing_in_general(example: str, tmp_path: Path) -> None:
    project = from_example(example, tmp_path)

    for purpose in ("deployer", "reader"):
        for document in policies(project, purpose).values():
            for statement in document["Statement"]:
                assert not any("*" in action for action in statement["Action"])
                if statement["Resource"] == ["*"]:
                    assert "aws:RequestedRegion" in statement["Condition"]["StringEquals"]
                for resource in statement["Resource"]:
                    assert "{" not in resource
                if purpose == "reader":
                    for action in statement["Action"]:
                        assert re.match(r"\w+:(Describe|Get|List)", action)
                        assert action != "secretsmanager:GetSecretValue"


def test_one_account_s_policy_is_a_document_alone(tmp_path: Path) -> None:
    project = from_example("private-to-private", tmp_path)

    several = json.loads(project.forebay("policies", "deployer").stdout)
    one = json.loads(project.forebay("policies", "deployer", "--account", "shop").stdout)
    unknown = project.forebay("policies", "deployer", "--account", "shopp")

    assert set(several) == {"platform", "shop"}
    assert several["shop"] == one
    assert one["Version"] == "2012-10-17"
    assert unknown.exit_code == 1
    assert "Did you mean `shop`?" in unknown.stderr


def test_a_role_is_passed_to_the_one_service_that_assumes_it(tmp_path: Path) -> None:
    project = from_example("private-to-private", tmp_path)

    document = json.loads(project.forebay("policies", "deployer", "--account", "shop").stdout)

    (passed,) = [one for one in document["Statement"] if one["Action"] == ["iam:PassRole"]]
    assert passed["Resource"] == ["arn:aws:iam::222233334444:role/forebay-upstream"]
    assert passed["Condition"] == {
        "StringEquals": {"iam:PassedToService": "pullthroughcache.ecr.amazonaws.com"}
    }
