"""Each export, read by the rules of its own format, says what `forebay uri` says."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from export.readers import by_containerd, by_kyverno, by_map, by_renovate
from generator.export.images import CachedImage, cached_image, parse_image, registries_of
from generator.export.kyverno import kyverno
from generator.export.mirrors import containerd, helm
from generator.export.renovate import renovate
from generator.export.rewrite_map import rewrite_map
from generator.export.rewrites import RegistryRewrites, rewrites_of
from generator.topology import read_topology

if TYPE_CHECKING:
    from generator.model.topology import Topology

PREFIXES = (
    "ROOT",
    "hub",
    "hub/library",
    "quay",
    "quay/prometheus",
    "quay/prometheus/node",
    "mirror",
)
UPSTREAMS = ("docker-hub", "quay", "golden")
PARTS = ("library", "prometheus", "prometheus/node", "team")
HOSTS = (
    "", "", "docker.io/", "index.docker.io/", "Registry-1.Docker.io/", "quay.io/", "QUAY.io/",
    "gcr.io/", "localhost/", "localhost:5000/", "111122223333.dkr.ecr.us-east-1.amazonaws.com/",
    "111122223333.dkr.ecr.eu-west-1.amazonaws.com/",
)  # fmt: skip
PATHS = (
    "nginx", "library/nginx", "prometheus/prometheus", "prometheus/node/exporter", "prometheus/node",
    "team/app", "team/library/x", "hub/library/nginx", "quay/prometheus/node/a", "mirror/a/b",
    "library/" + "a" * 240,
)  # fmt: skip
DIGEST = "@sha256:" + "0a" * 32
REFERENCES = ("", ":1.27", DIGEST, f":1.27{DIGEST}")


@st.composite
def topologies(draw: st.DrawFn) -> Topology:
    """One registry whose caches overlap in every way that a topology allows."""
    caches: dict[str, dict[str, str]] = {}
    for prefix in draw(st.lists(st.sampled_from(PREFIXES), min_size=1, max_size=6, unique=True)):
        caches[prefix] = {"upstream": draw(st.sampled_from(UPSTREAMS))}
        part = draw(st.none() | st.sampled_from(PARTS))
        if part is not None and prefix != "ROOT":
            caches[prefix]["upstream_prefix"] = part
    document = {
        "version": 1,
        "accounts": {"main": {"id": "111122223333", "regions": ["eu-west-1", "us-east-1"]}},
        "upstreams": {
            "docker-hub": {"credential": "ecr-pullthroughcache/docker-hub"},
            "golden": {"registry": "ecr", "account": "main", "region": "us-east-1"},
        },
        "registries": {"main": {"regions": ["eu-west-1"], "caches": caches}},
    }
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "topology.yaml"
        file.write_text(yaml.safe_dump(document), encoding="utf-8")
        topology = read_topology(file).topology
    assert topology is not None
    return topology


IMAGES = st.builds(
    "{}{}{}".format,
    st.sampled_from(HOSTS),
    st.sampled_from(PATHS),
    st.sampled_from(REFERENCES),
)


def registry_of(topology: Topology) -> RegistryRewrites:
    (name,) = registries_of(topology.caches)
    return rewrites_of(topology, name)


def uri(topology: Topology, image: str) -> str | None:
    """What `forebay uri` prints; nothing when the image has no cached name."""
    answer = cached_image(topology, parse_image(image))
    return answer.uri if isinstance(answer, CachedImage) else None


@settings(max_examples=150, deadline=None)
@given(topology=topologies(), images=st.lists(IMAGES, min_size=8, max_size=8))
def test_the_map_gives_the_cached_name_or_leaves_the_name_alone(
    topology: Topology, images: list[str]
) -> None:
    document = rewrite_map([registry_of(topology)])

    for image in images:
        assert by_map(document, image) == (uri(topology, image) or image)


@settings(max_examples=40, deadline=None)
@given(topology=topologies(), images=st.lists(IMAGES, min_size=6, max_size=6))
def test_pods_get_the_cached_names_or_keep_theirs(topology: Topology, images: list[str]) -> None:
    policy = kyverno(registry_of(topology))
    kinds = [("containers", images[:3]), ("initContainers", images[3:])]
    spec = {
        kind: [{"name": f"{kind}-{number}", "image": image} for number, image in enumerate(some)]
        for kind, some in kinds
    }

    after = by_kyverno(policy, {"spec": spec})

    for kind, some in kinds:
        for number, image in enumerate(some):
            assert after[f"{kind}-{number}"] == (uri(topology, image) or image)


@settings(max_examples=100, deadline=None)
@given(topology=topologies(), images=st.lists(IMAGES, min_size=8, max_size=8))
def test_renovate_looks_where_the_cache_takes_the_image_from(
    topology: Topology, images: list[str]
) -> None:
    text, unsaid = renovate([registry_of(topology)])

    assert bool(unsaid) == any(cache.prefix.is_root for cache in topology.caches)
    for image in images:
        answer = cached_image(topology, parse_image(image))
        named = parse_image(image)
        if not isinstance(answer, CachedImage) or answer.cache.prefix.is_root:
            continue
        if answer.uri.startswith(f"{named.host}/"):
            continue
        assert by_renovate(text, answer.uri) == f"{named.host}/{named.path}{named.reference}"


@settings(max_examples=100, deadline=None)
@given(topology=topologies(), images=st.lists(IMAGES, min_size=8, max_size=8))
def test_nodes_and_charts_name_a_whole_upstream_exactly_or_not_at_all(
    topology: Topology, images: list[str]
) -> None:
    registry = registry_of(topology)
    mirrors, without_mirror = containerd(registry)
    values, without_values = helm(registry)
    hosts = {rewrite.host for rewrite in registry.rewrites}

    assert {path.split("/")[0] for path in mirrors} | {
        one.subject for one in without_mirror
    } == hosts
    assert len(values) + len(without_values) == len(mirrors) + len(without_mirror) == len(hosts)
    for image in images:
        named = parse_image(image)
        cached = uri(topology, image)
        if cached is None:
            # A name that is too long for a repository stays the upstream's: containerd asks it then.
            assert f"{named.host}/hosts.toml" not in mirrors or len(named.path) > 240
            continue
        mirror = by_containerd(mirrors, named.host, named.path)
        if mirror is not None:
            host, repository = cached.removesuffix(named.reference).split("/", 1)
            assert mirror == f"https://{host}/v2/{repository}"
        if (text := values.get(f"values-{named.host}.yaml")) is not None:
            read = yaml.safe_load(text)
            assert read["global"]["imageRegistry"] == read["image"]["registry"]
            assert f"{read['image']['registry']}/{named.path}{named.reference}" == cached
