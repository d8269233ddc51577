"""What a topology without mistakes means."""

from pathlib import Path

import pytest

from generator.model.finding import Severity
from generator.model.levels import Level
from generator.model.topology import (
    Cache,
    CredentialValue,
    IdentitySide,
    RegistryPolicyMode,
    Topology,
)
from generator.topology import read_topology

SMALLEST = """\
version: 1
accounts: {main: {id: "111122223333", regions: [eu-west-1]}}
registries:
  main:
    caches:
      ecr-public: {}
      docker-hub: {credential: ecr-pullthroughcache/docker-hub}
    grants: [{to: {role: "eks-node-*"}, allow: first-pull}]
"""

WHOLE = """\
version: 1

defaults:
  regions: [eu-west-1]
  settle: 20s
  iam: {name_prefix: acme-}

accounts:
  platform: {id: 012345678901, regions: [eu-west-1, us-east-1], registry_policy: create}
  shop: {id: "222233334444"}
  search: {id: "333344445555", regions: [eu-west-1, us-east-1]}

upstreams:
  docker-hub:
    credential: {secret: ecr-pullthroughcache/hub, value: placeholder, recovery_days: 7}
  github: {credential: ecr-pullthroughcache/github}
  acme-azure:
    registry: azure-container-registry
    host: acme.azurecr.io
    credential: ecr-pullthroughcache/acme-azure
  base-images: {registry: ecr, account: platform, region: eu-west-1}
  nearby: {registry: ecr, account: platform}

consumers:
  shop-nodes: {account: shop, role: eks-node}
  ci: {account: search, role: ci/builder, identity: attach}
  everyone: {account: shop, identity: elsewhere}

registries:
  central:
    account: platform
    caches:
      docker-hub: {}
      github-container-registry: {regions: [us-east-1]}
      acme-azure: {credential: ecr-pullthroughcache/own}
      ROOT: {upstream: quay}
    grants:
      - {to: [shop-nodes, ci], allow: first-pull, regions: [eu-west-1]}
      - {to: everyone, allow: cached, caches: [ROOT]}
  spokes:
    accounts: [shop, search]
    regions: [eu-west-1]
    caches:
      base: {upstream: base-images, upstream_prefix: base}
    grants:
      - {to: {role: "eks/*/node-?"}, allow: pull}
  search:
    regions: [us-east-1]
    caches: {nearby: {}}

terraform: {layout: "roots/{account_id}", assume_role: "arn:{partition}:iam::{account_id}:role/tf"}
"""


def topology_of(tmp_path: Path, text: str) -> Topology:
    file = tmp_path / "topology.yaml"
    file.write_text(text, encoding="utf-8")
    reading = read_topology(file)
    assert [found for found in reading.findings if found.severity is Severity.HIGH] == []
    assert reading.topology is not None
    return reading.topology


@pytest.fixture
def whole(tmp_path: Path) -> Topology:
    return topology_of(tmp_path, WHOLE)


def cache_of(topology: Topology, account: str, region: str, prefix: str) -> Cache:
    (cache,) = (
        cache
        for cache in topology.caches
        if (cache.account, cache.region, cache.prefix) == (account, region, prefix)
    )
    return cache


def test_the_smallest_topology_has_its_defaults(tmp_path: Path) -> None:
    topology = topology_of(tmp_path, SMALLEST)

    assert topology.name_prefix == "forebay-"
    assert topology.settle == "15s"
    assert topology.folder("main") == "main"
    assert topology.terraform.required_version == ">= 1.11"
    assert topology.terraform.aws_provider == ">= 6.50, < 7.0"
    assert topology.terraform.time_provider == ">= 0.12, < 1.0"
    assert topology.terraform.assume_role is None


def test_an_account_id_without_quotes_keeps_its_leading_zero(whole: Topology) -> None:
    assert whole.accounts["platform"].id == "012345678901"


def test_an_account_without_regions_has_the_default_ones(whole: Topology) -> None:
    assert whole.accounts["shop"].regions == ("eu-west-1",)
    assert whole.accounts["search"].regions == ("eu-west-1", "us-east-1")


def test_an_account_says_whether_it_gets_a_registry_policy(whole: Topology) -> None:
    assert whole.accounts["platform"].registry_policy is RegistryPolicyMode.CREATE
    assert whole.accounts["shop"].registry_policy is None


def test_a_set_covers_all_regions_of_its_account(whole: Topology) -> None:
    assert [cache.region for cache in whole.caches if cache.prefix == "docker-hub"] == [
        "eu-west-1",
        "us-east-1",
    ]


def test_regions_of_a_cache_narrow_those_of_the_set(whole: Topology) -> None:
    assert [
        cache.region for cache in whole.caches if cache.prefix == "github-container-registry"
    ] == ["us-east-1"]


def test_regions_of_a_set_narrow_those_of_its_accounts(whole: Topology) -> None:
    assert [(cache.account, cache.region) for cache in whole.caches if cache.prefix == "base"] == [
        ("search", "eu-west-1"),
        ("shop", "eu-west-1"),
    ]


def test_a_set_with_the_name_of_an_account_is_that_account(whole: Topology) -> None:
    assert cache_of(whole, "search", "us-east-1", "nearby").set_name == "search"


def test_a_cache_takes_the_credential_of_its_upstream(whole: Topology) -> None:
    credential = cache_of(whole, "platform", "eu-west-1", "docker-hub").credential

    assert credential is not None
    assert credential.secret == "ecr-pullthroughcache/hub"
    assert credential.value is CredentialValue.PLACEHOLDER
    assert credential.recovery_days == 7


def test_the_credential_of_a_cache_goes_before_that_of_its_upstream(whole: Topology) -> None:
    cache = cache_of(whole, "platform", "eu-west-1", "acme-azure")

    assert cache.credential is not None
    assert cache.credential.secret == "ecr-pullthroughcache/own"
    assert cache.credential.value is CredentialValue.EXISTING
    assert cache.upstream.credential is not None
    assert cache.upstream.credential.secret == "ecr-pullthroughcache/acme-azure"


def test_the_two_names_of_a_registry_find_the_same_declaration(whole: Topology) -> None:
    cache = cache_of(whole, "platform", "us-east-1", "github-container-registry")

    assert cache.upstream.name == "github"
    assert cache.credential is not None
    assert cache.credential.secret == "ecr-pullthroughcache/github"


@pytest.mark.parametrize(
    ("account", "region", "prefix", "host"),
    [
        ("platform", "eu-west-1", "docker-hub", "registry-1.docker.io"),
        ("platform", "eu-west-1", "acme-azure", "acme.azurecr.io"),
        ("platform", "us-east-1", "ROOT", "quay.io"),
        ("shop", "eu-west-1", "base", "012345678901.dkr.ecr.eu-west-1.amazonaws.com"),
        ("search", "us-east-1", "nearby", "012345678901.dkr.ecr.us-east-1.amazonaws.com"),
    ],
)
def test_a_cache_knows_the_host_of_its_upstream(
    whole: Topology, account: str, region: str, prefix: str, host: str
) -> None:
    assert cache_of(whole, account, region, prefix).upstream_host == host


def test_the_host_of_an_upstream_in_china_has_the_suffix_of_china(tmp_path: Path) -> None:
    topology = topology_of(
        tmp_path,
        """\
version: 1
accounts: {main: {id: "111122223333", regions: [cn-north-1, cn-northwest-1]}}
upstreams: {base: {registry: ecr, account: main, region: cn-north-1}}
registries: {main: {regions: [cn-northwest-1], caches: {base: {}}}}
""",
    )

    assert topology.caches[0].upstream_host == ("111122223333.dkr.ecr.cn-north-1.amazonaws.com.cn")


def test_only_an_ecr_upstream_has_an_account_and_a_region(whole: Topology) -> None:
    private = cache_of(whole, "shop", "eu-west-1", "base")
    public = cache_of(whole, "platform", "eu-west-1", "docker-hub")

    assert (private.upstream_account, private.upstream_region) == ("platform", "eu-west-1")
    assert private.upstream.ecr is not None
    assert private.upstream.ecr.region == "eu-west-1"
    assert (public.upstream_account, public.upstream_region) == (None, None)
    assert public.upstream.ecr is None


def test_an_ecr_upstream_without_a_region_is_in_that_of_the_cache(whole: Topology) -> None:
    cache = cache_of(whole, "search", "us-east-1", "nearby")

    assert cache.upstream.ecr is not None
    assert cache.upstream.ecr.region is None
    assert cache.upstream_region == "us-east-1"


def test_a_cache_takes_the_whole_upstream_unless_a_prefix_is_written(whole: Topology) -> None:
    assert cache_of(whole, "search", "us-east-1", "nearby").upstream_prefix == "ROOT"
    assert cache_of(whole, "shop", "eu-west-1", "base").upstream_prefix == "base"


def test_a_slash_at_the_end_of_a_prefix_is_dropped(tmp_path: Path) -> None:
    topology = topology_of(tmp_path, SMALLEST.replace("ecr-public:", "ecr-public/:"))

    assert [cache.prefix for cache in topology.caches] == ["docker-hub", "ecr-public"]


def test_a_grant_without_caches_covers_all_but_the_root_cache(whole: Topology) -> None:
    covered = {grant.cache.prefix for grant in whole.grants if grant.level is Level.FIRST_PULL}

    assert covered == {"docker-hub", "acme-azure"}


def test_a_grant_that_names_the_root_cache_covers_it(whole: Topology) -> None:
    covered = {
        (grant.cache.prefix, grant.cache.region)
        for grant in whole.grants
        if grant.level is Level.CACHED
    }

    assert covered == {("ROOT", "eu-west-1"), ("ROOT", "us-east-1")}


def test_regions_of_a_grant_narrow_it(whole: Topology) -> None:
    regions = {grant.cache.region for grant in whole.grants if grant.level is Level.FIRST_PULL}

    assert regions == {"eu-west-1"}


def test_an_inline_consumer_without_a_scope_is_in_each_registrys_own_account(
    whole: Topology,
) -> None:
    own = [grant for grant in whole.grants if grant.cache.prefix == "base"]

    assert [(grant.consumer_account, grant.crosses_accounts) for grant in own] == [
        ("search", False),
        ("shop", False),
    ]
    assert {grant.consumer.account for grant in own} == {None}


def test_a_policy_is_named_after_the_consumer_or_after_set_and_role(whole: Topology) -> None:
    names = {grant.consumer.policy_name for grant in whole.grants}

    assert names == {"shop-nodes", "ci", "everyone", "spokes-eks-x-node-x"}


def test_an_inline_consumer_that_is_an_account_is_named_after_set_and_account(
    tmp_path: Path,
) -> None:
    topology = topology_of(tmp_path, SMALLEST.replace('{role: "eks-node-*"}', "{account: main}"))

    assert {grant.consumer.policy_name for grant in topology.grants} == {"main-main"}


def test_the_identity_side_is_written_by_us_unless_said_otherwise(whole: Topology) -> None:
    identities = {grant.consumer.policy_name: grant.consumer.identity for grant in whole.grants}

    assert identities == {
        "shop-nodes": IdentitySide.POLICY,
        "ci": IdentitySide.ATTACH,
        "everyone": IdentitySide.ELSEWHERE,
        "spokes-eks-x-node-x": IdentitySide.POLICY,
    }


def test_the_same_grant_twice_is_one_grant(tmp_path: Path) -> None:
    again = '[{to: {role: "eks-node-*"}, allow: first-pull}, {to: {role: "eks-node-*"}, allow: first-pull}]'
    text = SMALLEST.replace('[{to: {role: "eks-node-*"}, allow: first-pull}]', again)

    topology = topology_of(tmp_path, text)

    assert len(topology.grants) == 2


def test_two_levels_for_one_consumer_are_two_grants(tmp_path: Path) -> None:
    again = (
        "[{to: {role: a}, allow: first-pull}, {to: {role: a}, allow: pull, caches: [ecr-public]}]"
    )
    text = SMALLEST.replace('[{to: {role: "eks-node-*"}, allow: first-pull}]', again)

    topology = topology_of(tmp_path, text)

    assert [(grant.cache.prefix, grant.level) for grant in topology.grants] == [
        ("docker-hub", Level.FIRST_PULL),
        ("ecr-public", Level.FIRST_PULL),
        ("ecr-public", Level.PULL),
    ]


def test_the_folder_of_an_account_follows_the_layout(whole: Topology) -> None:
    assert whole.folder("platform") == "roots/012345678901"


def test_everything_knows_the_line_that_asks_for_it(whole: Topology) -> None:
    cache = cache_of(whole, "shop", "eu-west-1", "base")
    (grant,) = (grant for grant in whole.grants if grant.cache is cache or grant.cache == cache)
    lines = WHOLE.splitlines()

    assert lines[whole.accounts["shop"].span.line - 1].startswith("  shop:")
    assert lines[cache.span.line - 1].lstrip().startswith("base:")
    assert lines[grant.span.line - 1].lstrip().startswith('- {to: {role: "eks/*/node-?"}')
    assert lines[grant.consumer.span.line - 1][grant.consumer.span.column - 1 :].startswith(
        '{role: "eks/*/node-?"}'
    )


def test_a_value_that_came_by_an_alias_points_at_the_alias(tmp_path: Path) -> None:
    topology = topology_of(
        tmp_path,
        """\
version: 1
accounts:
  main: {id: "111122223333", regions: &regions [eu-west-1]}
  shop: {id: "222233334444", regions: *regions}
registries:
  main: &caches
    caches: {quay: {}}
  shop: *caches
""",
    )

    assert [(cache.account, cache.span.line, cache.span.column) for cache in topology.caches] == [
        ("main", 7, 14),
        ("shop", 8, 9),
    ]


def test_a_registry_policy_that_nobody_needs_is_not_asked_for(tmp_path: Path) -> None:
    topology = topology_of(tmp_path, SMALLEST)

    assert topology.accounts["main"].registry_policy is None
