"""What tests of live AWS share: topologies with everything in them, and commands that read the local AWS."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from cli_running import Ran, forebay

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from localaws.local import LocalAws

MAIN, SHOP, OUTSIDER = "111122223333", "222233334444", "999988887777"
ROLES = "arn:{partition}:iam::{account_id}:role/reader"

WHOLE = """\
version: 1
defaults: {regions: [eu-west-1, us-east-1]}
accounts:
  main: {id: "111122223333", registry_policy: create}
  shop: {id: "222233334444", registry_policy: create}
consumers:
  shop-nodes: {account: shop, role: nodes/eks-node, identity: attach}
upstreams:
  hub: {registry: ecr, account: main, region: eu-west-1}
creation_templates:
  usual: {encryption: KMS, repository_tags: {team: platform}, lifecycle: {keep_images: 20}}
registries:
  main:
    caches:
      quay: {}
      docker-hub: {credential: ecr-pullthroughcache/docker-hub}
      ghcr:
        upstream: github
        credential: {secret: ecr-pullthroughcache/ghcr, value: placeholder}
    creation_templates: {quay: usual}
    grants:
      - {to: {role: node}, allow: first-pull}
      - {to: shop-nodes, allow: pull, caches: [quay]}
  shop:
    caches:
      hub: {upstream: hub, upstream_prefix: base}
"""


def act(monkeypatch: pytest.MonkeyPatch, aws: LocalAws, account: str = OUTSIDER) -> None:
    """Be somebody of that account, as a person's environment says it."""
    for name, value in aws.environment(account).items():
        monkeypatch.setenv(name, value)


def snapshot(folder: Path, *options: str, out: str = "live.json") -> Ran:
    """Run `forebay snapshot` into a file, with roles in all accounts unless told otherwise."""
    ways = () if {"--profile", "--assume-role"} & {*options} else ("--assume-role", ROLES)
    return forebay(folder, "snapshot", "--out", out, *ways, *options)


def units(folder: Path, name: str = "live.json") -> dict[tuple[str, str | None], dict[str, Any]]:
    """The units in the file of a snapshot, by account and region."""
    document = json.loads((folder / name).read_text())
    return {(unit["account"], unit["region"]): unit for unit in document["units"]}


def facts(folder: Path, name: str = "live.json") -> dict[str, Any]:
    """What a snapshot says but for times and reasons, in a form that can be compared."""
    found = units(folder, name)
    return {f"{account} {region}": unit["facts"] for (account, region), unit in found.items()}
