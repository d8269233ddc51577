"""Topologies to draw: small ones, large ones, and names that try to be more than names."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from generator.topology import read_topology

if TYPE_CHECKING:
    from generator.model.topology import Topology

CHAIN = """\
version: 1
defaults: {regions: [eu-west-1]}
accounts:
  hub: {id: "111122223333", registry_policy: create}
  shop: {id: "222233334444"}
upstreams:
  base-images: {registry: ecr, account: hub, region: eu-west-1}
  partner: {registry: ecr, account_id: "999988887777", region: us-east-1}
consumers:
  shop-nodes: {account: shop, role: eks-node}
  auditors: {account: shop, permission_set: Auditor}
registries:
  hub:
    caches: {quay: {}, docker-hub: {credential: ecr-pullthroughcache/docker-hub}}
    grants:
      - {to: shop-nodes, allow: first-pull}
      - {to: auditors, allow: cached, caches: [quay]}
  shop:
    caches: {base: {upstream: base-images, upstream_prefix: base}, partner: {upstream: partner}}
    grants: [{to: {role: "ci-*"}, allow: pull}]
"""

HOSTILE = (
    "1. one",
    "- list",
    "1) x",
    "**b** _i_ `c` ~s~",
    "<script>alert(1)</script>",
    '"]; click n0 "javascript:alert(1)"',
    "%%{init: {}}%%",
    "#35; &lt; &amp; \\N \\l \\",
    "http://evil.example www.evil.example a@b.example",
    "right\u202eto left\u2066",
    "x" * 500,
    "中文 ü 😀",
    "line\nbreak\r\x1b[2J",
    "[x](javascript:alert(1))",
    "::: end",
)
"""Texts that a program which draws could take for more than text."""


def read(text: str) -> Topology:
    """The topology of a text without mistakes."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "topology.yaml"
        file.write_text(text, encoding="utf-8")
        reading = read_topology(file)
    assert reading.topology is not None, [finding.message for finding in reading.findings]
    return reading.topology


def spokes(number: int, odd: str = "") -> str:
    """A hub and as many alike accounts that cache from it; `odd` has one more cache."""
    accounts = "\n".join(f'  team-{n:04}: {{id: "{100_000_000_000 + n}"}}' for n in range(number))
    consumers = "\n".join(
        f"  nodes-{n:04}: {{account: team-{n:04}, role: eks-node}}" for n in range(number)
    )
    names = ", ".join(f"nodes-{n:04}" for n in range(number))
    others = ", ".join(f"team-{n:04}" for n in range(number))
    more = f"  odd:\n    accounts: [{odd}]\n    caches: {{kubernetes: {{}}}}\n" if odd else ""
    return f"""\
version: 1
defaults: {{regions: [eu-west-1]}}
accounts:
  hub: {{id: "999999999999", registry_policy: create}}
{accounts}
upstreams:
  base-images: {{registry: ecr, account: hub, region: eu-west-1}}
consumers:
{consumers}
registries:
  hub:
    caches: {{quay: {{}}}}
    grants: [{{to: [{names}], allow: first-pull}}]
  spokes:
    accounts: [{others}]
    caches: {{base: {{upstream: base-images, upstream_prefix: base}}}}
    grants: [{{to: {{role: local}}, allow: pull}}]
{more}"""


def many_accounts(number: int) -> str:
    """As many accounts that all cache the same, eight upstreams in one region."""
    accounts = "\n".join(f'  team-{n:04}: {{id: "{100_000_000_000 + n}"}}' for n in range(number))
    return f"""\
version: 1
defaults: {{regions: [eu-west-1]}}
accounts:
{accounts}
registries:
  all:
    accounts: all
    caches:
      quay: {{}}
      kubernetes: {{}}
      ecr-public: {{}}
      docker-hub: {{credential: ecr-pullthroughcache/docker-hub}}
      github: {{credential: ecr-pullthroughcache/github}}
      gitlab: {{credential: ecr-pullthroughcache/gitlab}}
      k8s: {{upstream: kubernetes}}
      red-hat: {{upstream: quay}}
    grants: [{{to: {{role: node}}, allow: first-pull}}]
"""
