"""`show`: what a topology means."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from cli_running import MISTAKE, TOPOLOGY, forebay, write_topology

from generator.export.show import root_rows
from generator.generate import file_tree
from generator.topology import read_topology

if TYPE_CHECKING:
    from pathlib import Path


def test_rules_have_a_uri_to_pull_from(tmp_path: Path) -> None:
    write_topology(tmp_path)

    document = forebay(tmp_path, "show", "--format", "json").document

    host = "111122223333.dkr.ecr.eu-west-1.amazonaws.com"
    assert document["rules"] == [
        {
            "account": "main",
            "region": "eu-west-1",
            "prefix": "docker-hub",
            "upstream": "registry-1.docker.io",
            "upstream_prefix": "ROOT",
            "credential": "ecr-pullthroughcache/docker-hub",
            "creation_template": None,
            "uri": f"{host}/docker-hub/library/alpine:latest",
        },
        {
            "account": "main",
            "region": "eu-west-1",
            "prefix": "quay",
            "upstream": "quay.io",
            "upstream_prefix": "ROOT",
            "credential": None,
            "creation_template": None,
            "uri": f"{host}/quay/prometheus/prometheus:latest",
        },
    ]
    assert document["registries"] == [
        {
            "account": "main",
            "account_id": "111122223333",
            "region": "eu-west-1",
            "host": host,
            "rules": 2,
            "registry_policy": True,
        }
    ]


def test_a_registry_in_china_has_its_partitions_host(tmp_path: Path) -> None:
    write_topology(tmp_path, TOPOLOGY.replace("[eu-west-1]", "[cn-north-1]"))

    document = forebay(tmp_path, "show", "--format", "json").document

    assert document["registries"][0]["host"] == "111122223333.dkr.ecr.cn-north-1.amazonaws.com.cn"


def test_grants_show_both_sides(tmp_path: Path) -> None:
    write_topology(tmp_path)

    grants = forebay(tmp_path, "show", "--format", "json").document["grants"]

    shop = next(grant for grant in grants if grant["consumer"] == "shop-nodes")
    assert shop == {
        "consumer": "shop-nodes",
        "scope": "shop",
        "consumer_account": "shop",
        "role": "eks-*",
        "permission_set": None,
        "level": "pull",
        "account": "main",
        "region": "eu-west-1",
        "prefix": "quay",
        "repositories": "quay/*",
        "registry_side": "registry policy",
        "identity_side": "policy",
        "policy": "forebay-shop-nodes",
        "notes": ["`*` in the role matches `/`, too"],
    }
    assert {grant["registry_side"] for grant in grants if grant["role"] == "node"} == {
        "same account"
    }


def test_what_a_grant_covers_besides_is_said(tmp_path: Path) -> None:
    text = TOPOLOGY.replace("      quay: {}\n", "      quay: {}\n      quay/k8s: {upstream: k8s}\n")
    write_topology(tmp_path, text)

    ran = forebay(tmp_path, "show")

    assert "note: shop-nodes: the grant on `quay` also covers quay/k8s" in ran.out


def test_roots_are_those_that_generate_writes(tmp_path: Path) -> None:
    text = TOPOLOGY + "terraform: {assume_role: 'arn:{partition}:iam::{account_id}:role/tf'}\n"
    topology = read_topology(write_topology(tmp_path, text)).topology
    assert topology is not None

    rows = root_rows(topology)

    assert [(row.account, row.path) for row in rows] == [
        (root.account, root.folder) for root in file_tree(topology).roots
    ]
    assert [row.role for row in rows] == [
        "arn:aws:iam::111122223333:role/tf",
        "arn:aws:iam::222233334444:role/tf",
    ]


def test_an_account_that_needs_nothing_has_no_root(tmp_path: Path) -> None:
    idle = '  idle: {id: "333344445555"}\nconsumers:'
    write_topology(tmp_path, TOPOLOGY.replace("consumers:", idle))

    document = forebay(tmp_path, "show", "--roots", "--format", "json").document

    assert document["roots"] == [
        {
            "account": "main",
            "account_id": "111122223333",
            "regions": ["eu-west-1"],
            "path": "main",
            "role": None,
        },
        {
            "account": "shop",
            "account_id": "222233334444",
            "regions": ["eu-west-1"],
            "path": "shop",
            "role": None,
        },
    ]


TABLES = """\
Registries
  ACCOUNT  ID            REGION     HOST                                          RULES  REGISTRY POLICY
  main     111122223333  eu-west-1  111122223333.dkr.ecr.eu-west-1.amazonaws.com  2      yes

Cache rules
  ACCOUNT  REGION     PREFIX      UPSTREAM              CREDENTIAL                       TEMPLATE  PULL AS
  main     eu-west-1  docker-hub  registry-1.docker.io  ecr-pullthroughcache/docker-hub  -         111122223333.dkr.ecr.eu-west-1.amazonaws.com/docker-hub/library/alpine:latest
  main     eu-west-1  quay        quay.io               -                                -         111122223333.dkr.ecr.eu-west-1.amazonaws.com/quay/prometheus/prometheus:latest

Grants
  CONSUMER    IN    ROLE   LEVEL       REGISTRY        LET IN BY        OWN POLICY                   REPOSITORIES
  main-node   main  node   first-pull  main/eu-west-1  same account     forebay-main-node (policy)   docker-hub/* quay/*
  shop-nodes  shop  eks-*  pull        main/eu-west-1  registry policy  forebay-shop-nodes (policy)  quay/*
  note: shop-nodes: `*` in the role matches `/`, too
"""


def test_tables_show_registries_rules_and_grants(tmp_path: Path) -> None:
    write_topology(tmp_path)

    ran = forebay(tmp_path, "show")

    assert (ran.code, ran.out, ran.err) == (0, TABLES, "")


def test_roots_have_a_table_of_their_own(tmp_path: Path) -> None:
    write_topology(tmp_path)

    ran = forebay(tmp_path, "show", "--roots")

    assert ran.out.splitlines()[:3] == [
        "Root modules",
        "  ACCOUNT  ID            REGIONS    PATH  ROLE",
        "  main     111122223333  eu-west-1  main  -",
    ]


def test_a_topology_with_mistakes_cannot_be_shown(tmp_path: Path) -> None:
    write_topology(tmp_path, MISTAKE)

    ran = forebay(tmp_path, "show", "--format", "json")

    assert ran.code == 1
    assert ran.document["results"][0]["kind"] == "finding"
    assert ran.document["rules"] == []


def test_a_rule_shows_the_template_with_the_longest_prefix_that_fits(tmp_path: Path) -> None:
    templates = (
        "creation_templates: {standard: {}, kept: {}, pushed: {applied_for: [CREATE_ON_PUSH]}}"
    )
    placed = (
        "    creation_templates: {ROOT: standard, quay/own: kept, docker-hub: kept, quay: pushed}"
    )
    write_topology(
        tmp_path,
        TOPOLOGY.replace("consumers:", f"{templates}\nconsumers:").replace(
            "    caches:\n", f"{placed}\n    caches:\n"
        ),
    )

    document = forebay(tmp_path, "show", "--format", "json").document

    assert {rule["prefix"]: rule["creation_template"] for rule in document["rules"]} == {
        "docker-hub": "kept",
        "quay": None,
    }


@pytest.mark.parametrize("columns", [80, 120])
def test_no_line_is_wider_than_the_terminal_and_every_name_can_be_copied(
    tmp_path: Path, columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_topology(tmp_path)
    everything = forebay(tmp_path, "show").out
    monkeypatch.setenv("COLUMNS", str(columns))

    shown = forebay(tmp_path, "show").out

    image = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/docker-hub/library/alpine:latest"
    wide = [line for line in shown.splitlines() if len(line) > columns]
    assert all(image.rpartition("/")[0][:40] in line for line in wide), wide
    assert set(everything.split()) <= set(shown.split())
    assert f"PULL AS     {image}\n" in shown


def test_a_table_that_fits_stays_a_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_topology(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")

    ran = forebay(tmp_path, "show", "--roots")

    assert "  ACCOUNT  ID            REGIONS    PATH  ROLE\n" in ran.out


def test_one_account_is_shown_with_what_it_has_to_do_with(tmp_path: Path) -> None:
    more = TOPOLOGY.replace(
        '  shop: {id: "222233334444"}\n',
        '  shop: {id: "222233334444"}\n  search: {id: "333344445555"}\n',
    )
    write_topology(tmp_path, f"{more}  search:\n    caches: {{quay: {{}}}}\n")

    shop = forebay(tmp_path, "show", "--account", "shop", "--format", "json").document
    search = forebay(tmp_path, "show", "--account", "search", "--format", "json").document
    page = forebay(tmp_path, "show", "--account", "search", "--format", "html").out

    assert [(row["account"], row["rules"]) for row in shop["registries"]] == [("main", 2)]
    assert [row["consumer"] for row in shop["grants"]] == ["shop-nodes"]
    assert (shop["rules"], [row["account"] for row in shop["roots"]]) == ([], ["shop"])
    assert [row["prefix"] for row in search["rules"]] == ["quay"]
    assert search["grants"] == []
    assert "what account search has to do with" in page
    assert "111122223333" not in page
    assert "docker-hub" not in page


def test_an_account_that_is_not_there_cannot_be_shown(tmp_path: Path) -> None:
    write_topology(tmp_path)

    done = forebay(tmp_path, "show", "--account", "shopp", "--format", "mermaid")

    assert (done.code, done.out) == (1, "")
    assert "Did you mean `shop`?" in done.err
