"""`forebay uri`: every rule about names of images, as a person meets it."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from cli_running import forebay, write_topology

from generator.export.images import written_host
from generator.topology import read_topology

if TYPE_CHECKING:
    from pathlib import Path

HERE = "111122223333.dkr.ecr.eu-west-1.amazonaws.com"
DIGEST = "sha256:" + "0a" * 32

TOPOLOGY = """\
version: 1
accounts:
  main: {id: "111122223333", regions: [eu-west-1, us-east-1]}
upstreams:
  docker-hub: {credential: ecr-pullthroughcache/docker-hub}
  acme: {registry: azure-container-registry, host: acme.azurecr.io, credential: ecr-pullthroughcache/acme}
  golden: {registry: ecr, account: main, region: us-east-1}
registries:
  main:
    regions: [eu-west-1]
    caches:
      docker-hub: {}
      ecr-public: {}
      kubernetes: {}
      acme: {}
      golden: {}
      quay: {}
      prom: {upstream: quay, upstream_prefix: prometheus}
      prom-node: {upstream: quay, upstream_prefix: prometheus/node}
      argo: {upstream: github, upstream_prefix: argoproj, credential: ecr-pullthroughcache/github}
"""

NAMES = [
    ("nginx", "docker-hub/library/nginx"),
    ("nginx:1.27", "docker-hub/library/nginx:1.27"),
    ("library/nginx", "docker-hub/library/nginx"),
    ("docker.io/nginx", "docker-hub/library/nginx"),
    ("docker.io/library/nginx", "docker-hub/library/nginx"),
    ("index.docker.io/nginx", "docker-hub/library/nginx"),
    ("registry-1.docker.io/library/nginx", "docker-hub/library/nginx"),
    ("grafana/grafana", "docker-hub/grafana/grafana"),
    ("docker.io/grafana/grafana:11.2.0", "docker-hub/grafana/grafana:11.2.0"),
    (f"nginx@{DIGEST}", f"docker-hub/library/nginx@{DIGEST}"),
    (f"nginx:1.27@{DIGEST}", f"docker-hub/library/nginx:1.27@{DIGEST}"),
    ("registry.k8s.io/pause:3.10", "kubernetes/pause:3.10"),
    ("registry.k8s.io/ingress-nginx/controller", "kubernetes/ingress-nginx/controller"),
    ("public.ecr.aws/docker/library/alpine", "ecr-public/docker/library/alpine"),
    ("acme.azurecr.io/team/app:v1", "acme/team/app:v1"),
    ("ACME.azurecr.io/team/app:v1", "acme/team/app:v1"),
    ("111122223333.dkr.ecr.us-east-1.amazonaws.com/base/python:3", "golden/base/python:3"),
    ("quay.io/jetstack/cert-manager", "quay/jetstack/cert-manager"),
    ("quay.io/prometheus/prometheus", "prom/prometheus"),
    ("quay.io/prometheus/node/exporter:1", "prom-node/exporter:1"),
    ("quay.io/prometheus-operator/operator", "quay/prometheus-operator/operator"),
    ("ghcr.io/argoproj/argo-cd/argocd", "argo/argo-cd/argocd"),
    # A cached name already is its own cached name.
    (f"{HERE}/docker-hub/library/nginx:1", "docker-hub/library/nginx:1"),
]


@pytest.mark.parametrize(("image", "cached"), NAMES, ids=[name for name, _ in NAMES])
def test_an_image_has_the_cached_name_that_ecr_gives_it(
    tmp_path: Path, image: str, cached: str
) -> None:
    write_topology(tmp_path, TOPOLOGY)

    ran = forebay(tmp_path, "uri", image)

    assert (ran.code, ran.out) == (0, f"{HERE}/{cached}\n")


@pytest.mark.parametrize(
    ("image", "reason"),
    [
        ("ghcr.io/actions/runner", "only what lies under `ghcr.io/argoproj/` is cached"),
        ("gcr.io/distroless/static", "Google's registries are not among them"),
        ("k8s.gcr.io/pause:3.9", "have moved to registry.k8s.io"),
        ("cgr.dev/chainguard/static", "No cache has the upstream `cgr.dev`"),
        ("localhost:5000/nginx", "No cache has the upstream `localhost:5000`"),
        ("docker://nginx", "write `nginx`"),
        ("Nginx", "in lower case: `nginx`"),
        ("nginx:", "`` is not a tag"),
        ("nginx:.1", "`.1` is not a tag"),
        ("nginx@sha256:abc", "is not a digest"),
        ("nginx 1.27", "one word without spaces"),
        ("quay.io/", "is a registry, not an image in it"),
        ("a" * 250, "has 269 characters"),
    ],
)
def test_an_image_without_a_cached_name_is_refused_with_the_reason_on_stderr(
    tmp_path: Path, image: str, reason: str
) -> None:
    write_topology(tmp_path, TOPOLOGY)

    ran = forebay(tmp_path, "uri", image)

    assert (ran.code, ran.out) == (2, "\n")
    assert f"error: `{image}` has no cached name" in ran.err
    assert reason in ran.err


def test_a_first_pull_by_digest_gets_a_note_that_leaves_the_exit_code_alone(tmp_path: Path) -> None:
    write_topology(tmp_path, TOPOLOGY)

    ran = forebay(tmp_path, "uri", f"nginx@{DIGEST}", f"redis@{DIGEST}")

    assert ran.code == 0
    assert ran.err.startswith("note: 2 images are named by digest")


def test_a_root_cache_keeps_the_upstream_path_and_gives_way_to_other_caches(tmp_path: Path) -> None:
    write_topology(
        tmp_path,
        """\
version: 1
accounts: {main: {id: "111122223333", regions: [eu-west-1]}}
registries:
  main:
    caches:
      ROOT: {upstream: quay}
      team: {upstream: ecr-public}
""",
    )

    through, covered = (
        forebay(tmp_path, "uri", f"quay.io/{name}")
        for name in ("prometheus/prometheus", "team/app")
    )

    assert through.out == f"{HERE}/prometheus/prometheus\n"
    assert (covered.code, covered.out) == (2, "\n")
    assert "it would lie under the cache `team` as well" in covered.err


TWO_REGISTRIES = """\
version: 1
accounts:
  main: {id: "111122223333", regions: [eu-west-1, us-east-1]}
registries:
  main:
    caches:
      quay: {}
      kubernetes: {regions: [us-east-1]}
"""


def test_of_several_registries_one_must_be_named(tmp_path: Path) -> None:
    write_topology(tmp_path, TWO_REGISTRIES)

    several = forebay(tmp_path, "uri", "quay.io/a/b")
    by_name = forebay(tmp_path, "uri", "quay.io/a/b", "--registry", "main/us-east-1")
    by_id = forebay(tmp_path, "uri", "quay.io/a/b", "--registry", "111122223333/eu-west-1")
    only_one = forebay(tmp_path, "uri", "registry.k8s.io/pause")
    elsewhere = forebay(tmp_path, "uri", "registry.k8s.io/pause", "--registry", "main/eu-west-1")
    unknown = forebay(tmp_path, "uri", "quay.io/a/b", "--registry", "main/eu-west-2")

    assert several.code == 2
    assert "`main/eu-west-1`, `main/us-east-1`" in several.err
    assert by_name.out == "111122223333.dkr.ecr.us-east-1.amazonaws.com/quay/a/b\n"
    assert by_id.out == f"{HERE}/quay/a/b\n"
    assert only_one.out == "111122223333.dkr.ecr.us-east-1.amazonaws.com/kubernetes/pause\n"
    assert elsewhere.code == 2
    assert "main/eu-west-1 does not cache it; `main/us-east-1` does." in elsewhere.err
    assert unknown.code == 1
    assert "`main/eu-west-1`, `main/us-east-1`" in unknown.err


def test_two_caches_that_fit_equally_well_are_a_tie(tmp_path: Path) -> None:
    text = TWO_REGISTRIES.replace("quay: {}", "quay: {}\n      mirror: {upstream: quay}")
    write_topology(tmp_path, text)

    ran = forebay(tmp_path, "uri", "quay.io/a/b", "--registry", "main/eu-west-1")

    assert ran.code == 2
    assert f"`{HERE}/mirror/a/b`, `{HERE}/quay/a/b`" in ran.err


def test_lines_on_stdin_are_answered_line_by_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_topology(tmp_path, TOPOLOGY)
    monkeypatch.setattr("sys.stdin", io.StringIO("nginx:1\n\ngcr.io/x/y\r\nquay.io/a/b\n"))

    ran = forebay(tmp_path, "uri")

    assert ran.code == 2
    assert ran.out.split("\n") == [
        f"{HERE}/docker-hub/library/nginx:1",
        "",
        "",
        f"{HERE}/quay/a/b",
        "",
    ]
    assert ran.err.count("error:") == 1


def test_the_document_pairs_each_image_with_its_name_or_the_reason(tmp_path: Path) -> None:
    write_topology(tmp_path, TOPOLOGY)

    ran = forebay(tmp_path, "uri", "--format", "json", "nginx", "gcr.io/x/y")

    assert ran.code == ran.document["summary"]["exit_code"] == 2
    cached, refused = ran.document["images"]
    assert cached == {
        "image": "nginx",
        "uri": f"{HERE}/docker-hub/library/nginx",
        "account": "main",
        "region": "eu-west-1",
        "prefix": "docker-hub",
        "reason": None,
    }
    assert (refused["uri"], refused["image"]) == (None, "gcr.io/x/y")
    assert refused["reason"] == ran.document["results"][0]["message"]


def test_every_cache_answers_for_the_images_of_its_own_upstream(tmp_path: Path) -> None:
    topology = read_topology(write_topology(tmp_path, TOPOLOGY)).topology
    assert topology is not None

    for cache in topology.caches:
        inside = "" if cache.upstream_prefix.is_root else f"{cache.upstream_prefix}/"
        ran = forebay(tmp_path, "uri", f"{written_host(cache)}/{inside}team/app:1")

        assert ran.out == f"{HERE}/{cache.prefix}/team/app:1\n"
