"""Statements that let an AWS service in: declared where the topology keeps them, else with true advice."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from gate.gate_support import Judged, judged
from generator.model.finding import Finding, Severity

if TYPE_CHECKING:
    from pathlib import Path

HUB, SHOP, STRANGER = "111122223333", "222233334444", "999988887777"
PROVIDER = f'provider "aws" {{\n  region = "eu-west-1"\n  allowed_account_ids = ["{HUB}"]\n}}\n'


def statement(test: object) -> dict[str, object]:
    """Lambda pulls, under a condition."""
    return {
        "Effect": "Allow",
        "Principal": {"Service": "lambda.amazonaws.com"},
        "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
        "Condition": test,
    }


OURS = statement({"StringEquals": {"aws:SourceAccount": SHOP}})
FUNCTIONS = statement({"ArnLike": {"aws:SourceArn": f"arn:aws:lambda:*:{SHOP}:function:*"}})
THEIRS = statement({"StringEquals": {"aws:SourceAccount": STRANGER}})
BOTH = statement({"StringEquals": {"aws:SourceAccount": [SHOP, STRANGER]}})
ANYBODY = {"Effect": "Allow", "Principal": "*", "Action": "ecr:BatchGetImage"}


def with_template(folder: Path, written: object, declared: object = None) -> Judged:
    """A template with a policy in the code, and what the topology names for it."""
    folder.mkdir(exist_ok=True)
    document = json.dumps({"Version": "2012-10-17", "Statement": [declared]})
    (folder / "policy.json").write_text(document, encoding="utf-8")
    named = "{repository_policy: {file: policy.json}}" if declared else "{}"
    topology = (
        f'version: 1\naccounts:\n  hub: {{id: "{HUB}", regions: [eu-west-1]}}\n'
        f'  shop: {{id: "{SHOP}", regions: [eu-west-1]}}\n'
        f"creation_templates: {{standard: {named}}}\n"
        "registries:\n  hub:\n    caches: {quay: {creation_template: standard}}\n"
        "    grants: [{to: {role: node}, allow: pull}]\n"
    )
    text = json.dumps(json.dumps({"Version": "2012-10-17", "Statement": [written]}))
    block = (
        'resource "aws_ecr_repository_creation_template" "t" {\n  prefix = "quay"\n'
        f'  applied_for = ["PULL_THROUGH_CACHE"]\n  repository_policy = {text}\n}}\n'
    )
    return judged(folder, PROVIDER + block, topology)


def surplus(result: Judged) -> list[Finding]:
    """The results about access that is given too much."""
    return [
        one for one in result.check if one.rule.startswith("grant-") and "missing" not in one.rule
    ]


@pytest.mark.parametrize("one", [OURS, FUNCTIONS, THEIRS], ids=str)
def test_what_the_topology_names_for_a_template_is_declared(tmp_path: Path, one: object) -> None:
    assert surplus(with_template(tmp_path, one, one)) == []


def test_what_the_topology_names_may_still_not_let_everybody_in(tmp_path: Path) -> None:
    (found,) = surplus(with_template(tmp_path, ANYBODY, ANYBODY))

    assert found.rule == "grant-any-principal"


@pytest.mark.parametrize("one", [OURS, FUNCTIONS], ids=str)
def test_a_service_for_an_account_of_the_topology_is_no_high(tmp_path: Path, one: object) -> None:
    (found,) = surplus(with_template(tmp_path, one))

    assert (found.rule, found.severity) == ("grant-undeclared", Severity.MEDIUM)
    assert "put it in the `repository_policy` of the topology's creation template" in found.message
    assert "declare the grant" not in found.message


@pytest.mark.parametrize("one", [THEIRS, BOTH], ids=str)
def test_a_service_for_a_stranger_is_high(tmp_path: Path, one: object) -> None:
    (found,) = surplus(with_template(tmp_path, one))

    assert (found.rule, found.severity) == ("grant-outside-topology", Severity.HIGH)
