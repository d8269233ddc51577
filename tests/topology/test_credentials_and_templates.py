"""Whose credential and whose creation template holds for a cache."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from generator.model.topology import CredentialValue, Topology
from generator.topology import read_topology

if TYPE_CHECKING:
    from pathlib import Path

TOPOLOGY = """\
version: 1
defaults: {regions: [eu-west-1, us-east-1], creation_template: standard}
accounts:
  main: {id: "111122223333"}
  shop: {id: "222233334444"}
upstreams:
  docker-hub: {credential: ecr-pullthroughcache/of-upstream}
creation_templates:
  standard: {lifecycle: {expire_after_days: 90}}
  kept:
    encryption:
      kms_key:
        eu-west-1: "arn:aws:kms:{region}:{account_id}:key/1234"
        us-east-1: "arn:aws:kms:us-east-1:111122223333:key/5678"
    lifecycle: {keep_images: 3}
registries:
  main:
    regions: [eu-west-1]
    credential: {secret: ecr-pullthroughcache/of-set, value: {variable: token, version: 4}, expires: 2027-01-31}
    creation_templates: {ROOT: kept, quay: kept, long/own/prefix/of/a/team/with/many/words: standard}
    caches:
      docker-hub: {}
      github: {credential: ecr-pullthroughcache/of-cache}
      quay: {}
      k8s: {creation_template: none}
  shop:
    caches:
      docker-hub: {creation_template: kept}
      ecr-public: {regions: [us-east-1]}
"""


@pytest.fixture(scope="module")
def topology(tmp_path_factory: pytest.TempPathFactory) -> Topology:
    return _read(tmp_path_factory.mktemp("whole"), TOPOLOGY)


def _read(folder: Path, text: str) -> Topology:
    file = folder / "topology.yaml"
    file.write_text(text, encoding="utf-8")
    reading = read_topology(file)
    assert reading.topology is not None, reading.findings
    return reading.topology


def test_a_cache_s_credential_goes_before_its_set_s_and_that_before_its_upstream_s(
    topology: Topology,
) -> None:
    secrets = {
        (cache.account, cache.prefix): cache.credential.secret if cache.credential else None
        for cache in topology.caches
    }

    assert secrets == {
        ("main", "docker-hub"): "ecr-pullthroughcache/of-set",
        ("main", "github"): "ecr-pullthroughcache/of-cache",
        ("main", "quay"): None,
        ("main", "k8s"): None,
        ("shop", "docker-hub"): "ecr-pullthroughcache/of-upstream",
        ("shop", "ecr-public"): None,
    }


def test_a_written_credential_knows_its_source_version_and_last_day(topology: Topology) -> None:
    (credential,) = {
        cache.credential.secret: cache.credential
        for cache in topology.caches
        if cache.credential and cache.credential.version
    }.values()

    assert credential.value is CredentialValue.VARIABLE
    assert (credential.variable, credential.copy_of, credential.version) == ("token", None, 4)
    assert credential.expires == date(2027, 1, 31)


def test_the_template_of_a_prefix_is_the_cache_s_own_or_the_set_s_or_the_default(
    topology: Topology,
) -> None:
    placed = {
        (each.account, each.region, each.prefix): each.template.name for each in topology.templates
    }

    assert placed == {
        ("main", "eu-west-1", "ROOT"): "kept",
        ("main", "eu-west-1", "quay"): "kept",
        ("main", "eu-west-1", "long/own/prefix/of/a/team/with/many/words"): "standard",
        ("main", "eu-west-1", "docker-hub"): "standard",
        ("main", "eu-west-1", "github"): "standard",
        ("shop", "eu-west-1", "docker-hub"): "kept",
        ("shop", "us-east-1", "docker-hub"): "kept",
        ("shop", "us-east-1", "ecr-public"): "standard",
    }


def test_a_template_s_key_is_that_of_the_registry_s_region(topology: Topology) -> None:
    keys = {
        (each.account, each.region): each.kms_key
        for each in topology.templates
        if each.template.name == "kept"
    }

    assert keys == {
        ("main", "eu-west-1"): "arn:aws:kms:eu-west-1:111122223333:key/1234",
        ("shop", "eu-west-1"): "arn:aws:kms:eu-west-1:222233334444:key/1234",
        ("shop", "us-east-1"): "arn:aws:kms:us-east-1:111122223333:key/5678",
    }


def test_a_document_is_read_beside_the_topology_and_no_further_than_the_project(
    tmp_path: Path,
) -> None:
    (tmp_path / "project/.git").mkdir(parents=True)
    (tmp_path / "project/below").mkdir()
    (tmp_path / "project/shared.json").write_text('{"Statement": []}', encoding="utf-8")
    (tmp_path / "outside.json").write_text('{"Statement": []}', encoding="utf-8")
    (tmp_path / "project/below/link.json").symlink_to(tmp_path / "outside.json")
    text = (
        'version: 1\naccounts: {main: {id: "111122223333", regions: [eu-west-1]}}\n'
        "creation_templates: {standard: {repository_policy: {file: FILE}}}\n"
        "registries: {main: {caches: {quay: {creation_template: standard}}}}\n"
    )

    topology = _read(tmp_path / "project/below", text.replace("FILE", "../shared.json"))
    refused = []
    for name in ("../../outside.json", "link.json"):
        file = tmp_path / "project/below/topology.yaml"
        file.write_text(text.replace("FILE", name), encoding="utf-8")
        refused += [finding.rule for finding in read_topology(file).findings]

    assert topology.templates[0].template.repository_policy == {"Statement": ()}
    assert refused == ["document-unreadable"] * 2
