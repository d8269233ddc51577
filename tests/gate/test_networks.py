"""Declared pulls that a policy refuses from some networks: shown with a request, certain, never open."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from gate.gate_support import Judged, judged
from generator.gate.check import check_findings
from generator.model.finding import Finding, Severity

if TYPE_CHECKING:
    from pathlib import Path

HUB, SHOP = "111122223333", "222233334444"
PROVIDER = f'provider "aws" {{\n  region = "eu-west-1"\n  allowed_account_ids = ["{HUB}"]\n}}\n'
ALLOW = {
    "Effect": "Allow",
    "Principal": {"AWS": SHOP},
    "Action": ["ecr:BatchGetImage", "ecr:BatchImportUpstreamImage", "ecr:GetDownloadUrlForLayer"],
    "Resource": f"arn:aws:ecr:eu-west-1:{HUB}:repository/quay/*",
    "Condition": {"ArnEquals": {"aws:PrincipalArn": f"arn:aws:iam::{SHOP}:role/ci"}},
}
ADDRESS = {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}
ENDPOINT = {"StringNotEquals": {"aws:SourceVpce": "vpce-0a1b2c3d"}}
EITHER = {**ADDRESS, **ENDPOINT}
INSIDE = {"IpAddress": {"aws:VpcSourceIp": "10.9.0.0/16"}}
OWNER = {"StringNotEqualsIfExists": {"aws:VpceOrgID": "o-a1b2c3d4e5"}}


def topology(kept: object = None) -> str:
    """A grant to a role of another account, and what the registry's policy keeps."""
    keeps = f", keep_statements: {json.dumps([kept])}" if kept else ""
    return (
        f'version: 1\naccounts:\n  hub: {{id: "{HUB}", regions: [eu-west-1], '
        f"registry_policy: create{keeps}}}\n"
        f'  shop: {{id: "{SHOP}", regions: [eu-west-1]}}\n'
        "consumers: {ci: {account: shop, role: ci, identity: elsewhere}}\n"
        "registries:\n  hub:\n    caches: {quay: {}}\n"
        "    grants: [{to: ci, allow: pull}]\n"
    )


def deny(condition: object) -> dict[str, object]:
    """A Deny of everything under a condition."""
    return {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "ecr:*",
        "Resource": "*",
        "Condition": condition,
    }


def with_policy(folder: Path, *statements: object, kept: object = None) -> Judged:
    """What is found about a registry policy of some statements."""
    text = json.dumps(json.dumps({"Version": "2012-10-17", "Statement": statements}))
    block = f'resource "aws_ecr_registry_policy" "r" {{\n  policy = {text}\n}}\n'
    return judged(folder, PROVIDER + block, topology(kept))


def names(result: Judged) -> set[str]:
    """The rules of what is found, without notes."""
    return {one.rule for one in result.check}


def by_network(result: Judged) -> list[Finding]:
    """The results about networks, notes as well."""
    found = check_findings(result.topology, result.reading)
    return [one for one in found if one.rule == "grant-by-network"]


@pytest.mark.parametrize("test", [ADDRESS, ENDPOINT, EITHER, OWNER], ids=str)
def test_a_deny_outside_a_network_is_shown_with_a_request_and_one_that_gets_in(
    tmp_path: Path, test: object
) -> None:
    result = with_policy(tmp_path, ALLOW, deny(test))

    (found,) = by_network(result)
    assert found.severity is Severity.MEDIUM
    assert "it is allowed" in found.message
    assert {"grant-missing", "grant-undecided"}.isdisjoint(names(result))


@pytest.mark.parametrize(
    "test",
    [
        {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}},
        {"StringEquals": {"aws:SourceVpce": "vpce-0a1b2c3d"}},
    ],
    ids=str,
)
def test_an_allow_from_a_network_alone_is_read_like_a_deny_outside_of_it(
    tmp_path: Path, test: dict[str, object]
) -> None:
    narrowed = {**ALLOW, "Condition": {**ALLOW["Condition"], **test}}

    result = with_policy(tmp_path, narrowed)

    assert len(by_network(result)) == 1
    assert {"grant-missing", "grant-undecided"}.isdisjoint(names(result))


def test_a_deny_from_every_network_is_missing_access(tmp_path: Path) -> None:
    both = [deny(ADDRESS), deny({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}})]

    result = with_policy(tmp_path, ALLOW, *both)

    assert "grant-missing" in names(result)
    assert by_network(result) == []


def test_a_network_and_a_second_test_that_is_not_known_stay_open(tmp_path: Path) -> None:
    result = with_policy(tmp_path, ALLOW, deny({**ADDRESS, "StringEquals": {"aws:Referer": "x"}}))

    assert by_network(result) == []
    assert "grant-undecided" in names(result)


def test_a_deny_of_pushes_outside_a_network_takes_no_pull(tmp_path: Path) -> None:
    result = with_policy(tmp_path, ALLOW, {**deny(ADDRESS), "Action": "ecr:PutImage"})

    assert by_network(result) == []
    assert result.check == []


def test_an_address_and_an_endpoint_at_once_are_no_request(tmp_path: Path) -> None:
    impossible = {
        "IpAddress": {"aws:SourceIp": "203.0.113.0/24"},
        "StringEquals": {"aws:SourceVpce": "vpce-0a1b2c3d"},
    }

    result = with_policy(tmp_path, ALLOW, deny(impossible))

    assert result.check == []


def test_a_deny_that_the_topology_keeps_is_only_said(tmp_path: Path) -> None:
    result = with_policy(tmp_path, ALLOW, deny(OWNER), kept=deny(OWNER))

    assert [one.severity for one in by_network(result)] == [Severity.INFO]
    assert "the topology itself keeps" in by_network(result)[0].message.lower()
    assert result.check == []


def test_a_second_deny_beside_a_kept_one_is_a_finding(tmp_path: Path) -> None:
    result = with_policy(tmp_path, ALLOW, deny(OWNER), deny(INSIDE), kept=deny(OWNER))

    assert "grant-by-network" in names(result)


def test_a_kept_deny_that_refuses_from_everywhere_is_still_missing_access(tmp_path: Path) -> None:
    everywhere = deny({"StringEquals": {"aws:PrincipalAccount": SHOP}})

    result = with_policy(tmp_path, ALLOW, everywhere, kept=everywhere)

    assert "grant-missing" in names(result)


def test_an_allow_for_calls_that_a_service_sends_on_is_missing_access(tmp_path: Path) -> None:
    through = {"ForAnyValue:StringEquals": {"aws:CalledVia": ["ecs.amazonaws.com"]}}
    narrowed = {**ALLOW, "Condition": {**ALLOW["Condition"], **through}}

    result = with_policy(tmp_path, narrowed)

    assert names(result) == {"grant-missing"}


def test_a_perimeter_that_leaves_out_what_services_call_is_decided(tmp_path: Path) -> None:
    perimeter = {
        "NotIpAddressIfExists": {"aws:SourceIp": "203.0.113.0/24"},
        "StringNotEqualsIfExists": {"aws:SourceVpc": "vpc-0a1b2c3d"},
        "BoolIfExists": {"aws:ViaAWSService": "false"},
    }

    result = with_policy(tmp_path, ALLOW, deny(perimeter))

    assert names(result) == {"grant-by-network"}
