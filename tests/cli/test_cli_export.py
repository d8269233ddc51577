"""`forebay export`: what each format holds, what it refuses, and whose files it leaves alone."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from cli_running import MISTAKE, forebay, write_topology

from export.readers import by_kyverno, mutated, patches
from generator.export.rewrites import chosen_rewrites
from generator.model.errors import ToolError
from generator.topology import read_topology

HERE = "111122223333.dkr.ecr.eu-west-1.amazonaws.com"
FORMATS = ("json", "markdown", "kyverno", "renovate")

TOPOLOGY = """\
version: 1
accounts:
  main: {id: "111122223333", regions: [eu-west-1]}
upstreams:
  docker-hub: {credential: ecr-pullthroughcache/docker-hub}
registries:
  main:
    caches:
      docker-hub: {}
      ecr-public: {}
      prom: {upstream: quay, upstream_prefix: prometheus}
      quay: {}
"""

NESTED = TOPOLOGY.replace(
    "prom: {upstream: quay, upstream_prefix: prometheus}", "quay/in: {upstream: k8s}"
)

TWO_REGISTRIES = TOPOLOGY.replace("[eu-west-1]", "[eu-west-1, us-east-1]")

ROOT = """\
version: 1
accounts: {main: {id: "111122223333", regions: [eu-west-1]}}
registries: {main: {caches: {ROOT: {upstream: quay}}}}
"""


def test_the_map_is_json_in_the_order_in_which_it_is_tried(tmp_path: Path) -> None:
    write_topology(tmp_path, TOPOLOGY)

    ran = forebay(tmp_path, "export", "json")

    assert (ran.code, ran.err) == (0, "")
    document = json.loads(ran.out)
    assert document["version"] == 1
    assert [(one["from"], one["to"]) for one in document["registries"][0]["rewrites"]] == [
        ("docker.io/", f"{HERE}/docker-hub/"),
        ("public.ecr.aws/", f"{HERE}/ecr-public/"),
        ("quay.io/prometheus/", f"{HERE}/prom/"),
        ("quay.io/", f"{HERE}/quay/"),
    ]


def test_the_manual_shows_the_map_with_the_keys_that_it_has(tmp_path: Path) -> None:
    write_topology(tmp_path, TOPOLOGY)
    manual = Path(__file__).parents[2].joinpath("docs/how-to/export.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"^```json\n(.*?)^```", manual, re.MULTILINE | re.DOTALL)

    shown, printed = json.loads(block), json.loads(forebay(tmp_path, "export", "json").out)

    assert (shown["version"], shown["names"]) == (printed["version"], printed["names"])
    assert shown.keys() == printed.keys()
    assert shown["registries"][0].keys() == printed["registries"][0].keys()
    assert shown["registries"][0]["rewrites"][0] in printed["registries"][0]["rewrites"]


@pytest.mark.parametrize("what", ["json", "kyverno", "markdown"])
def test_images_that_keep_their_names_are_in_the_export_and_noted_on_stderr(
    tmp_path: Path, what: str
) -> None:
    write_topology(tmp_path, NESTED)

    ran = forebay(tmp_path, "export", what)

    assert ran.code == 0
    assert "note: images under `quay.io/in/` keep their names in main/eu-west-1" in ran.err
    assert "quay.io/in/" in ran.out


@pytest.mark.parametrize("what", FORMATS)
def test_an_export_is_the_same_every_time(tmp_path: Path, what: str) -> None:
    write_topology(tmp_path, TWO_REGISTRIES)
    arguments = ("export", what, "--registry", "main/us-east-1")

    first, second = forebay(tmp_path, *arguments), forebay(tmp_path, *arguments)

    assert first == second
    assert "us-east-1" in first.out
    assert "eu-west-1" not in first.out


@pytest.mark.parametrize("what", ["json", "markdown", "renovate"])
def test_what_can_speak_of_all_registries_does(tmp_path: Path, what: str) -> None:
    write_topology(tmp_path, TWO_REGISTRIES)

    ran = forebay(tmp_path, "export", what)

    assert ran.code == 0
    assert HERE in ran.out
    assert HERE.replace("eu-west-1", "us-east-1") in ran.out


@pytest.mark.parametrize(
    "arguments", [("kyverno",), ("containerd", "--out", "x"), ("helm", "--out", "x")]
)
def test_what_speaks_of_one_registry_asks_which(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    write_topology(tmp_path, TWO_REGISTRIES)

    ran = forebay(tmp_path, "export", *arguments)

    assert (ran.code, ran.out) == (1, "")
    assert "`main/eu-west-1`, `main/us-east-1`" in ran.err
    assert not (tmp_path / "x").exists()


def test_the_policy_renames_the_images_of_new_pods_and_of_new_ephemeral_containers(
    tmp_path: Path,
) -> None:
    write_topology(tmp_path, TOPOLOGY)
    policy = forebay(tmp_path, "export", "kyverno").out
    spec = {
        "containers": [
            {"name": "a", "image": "nginx:1.27"},
            {"name": "b", "image": f"{HERE}/docker-hub/library/nginx"},
            {"name": "c", "image": "gcr.io/distroless/static"},
            {"name": "d"},
        ],
        "initContainers": [{"name": "e", "image": "quay.io/prometheus/node@sha256:" + "0a" * 32}],
    }
    running = {"name": "f", "image": "busybox"}
    debugged = {**spec, "ephemeralContainers": [running, {"name": "g", "image": "busybox"}]}

    created = by_kyverno(policy, {"spec": spec})
    updated = mutated(
        policy,
        operation="UPDATE",
        pod={"spec": debugged},
        before={"spec": {**spec, "ephemeralContainers": [running]}},
    )

    assert created == {
        "a": f"{HERE}/docker-hub/library/nginx:1.27",
        "b": f"{HERE}/docker-hub/library/nginx",
        "c": "gcr.io/distroless/static",
        "d": None,
        "e": f"{HERE}/prom/node@sha256:" + "0a" * 32,
    }
    # What runs already cannot be changed, and its change would be refused.
    assert updated == {
        **{one["name"]: one.get("image") for one in spec["containers"] + spec["initContainers"]},
        "f": "busybox",
        "g": f"{HERE}/docker-hub/library/busybox",
    }


def test_the_policy_is_of_the_api_that_is_not_deprecated(tmp_path: Path) -> None:
    write_topology(tmp_path, TOPOLOGY)

    policy = yaml.safe_load(forebay(tmp_path, "export", "kyverno").out)

    assert (policy["apiVersion"], policy["kind"]) == ("policies.kyverno.io/v1", "MutatingPolicy")
    assert re.fullmatch(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?", policy["metadata"]["name"])
    rules = policy["spec"]["matchConstraints"]["resourceRules"]
    assert {(rule["operations"][0], rule["resources"][0]) for rule in rules} == {
        ("CREATE", "pods"),
        ("UPDATE", "pods/ephemeralcontainers"),
    }


def test_the_policy_s_lists_hold_texts_alone(tmp_path: Path) -> None:
    """Kyverno compiles with types: a field of a Pod beside a text in one list is refused."""
    write_topology(tmp_path, TOPOLOGY)

    policy = forebay(tmp_path, "export", "kyverno").out

    assert "[string(c.name), string(c.image)]" in policy
    assert not re.search(r"[\[,]\s*c\.(name|image)\b(?!:)\s*[\],]", policy)


def test_the_policy_says_nothing_of_containers_that_it_leaves_alone(tmp_path: Path) -> None:
    write_topology(tmp_path, TOPOLOGY)
    policy = forebay(tmp_path, "export", "kyverno").out
    pod = {"spec": {"containers": [{"name": "a", "image": "gcr.io/x/y"}], "initContainers": []}}

    assert patches(policy, operation="CREATE", pod=pod, before=None) == [{}, {}, {}]


def test_nodes_get_a_mirror_for_each_whole_upstream_and_the_rest_is_refused(tmp_path: Path) -> None:
    write_topology(tmp_path, TOPOLOGY)

    ran = forebay(tmp_path, "export", "containerd", "--out", "certs.d")

    assert ran.code == 2
    assert "containerd is told nothing about `quay.io`" in ran.out
    assert "takes a part of the upstream only" in " ".join(ran.out.split())
    written = sorted(file.parent.name for file in (tmp_path / "certs.d").glob("*/hosts.toml"))
    assert written == ["docker.io", "public.ecr.aws"]
    hosts = tomllib.loads((tmp_path / "certs.d/docker.io/hosts.toml").read_text())
    assert hosts == {
        "server": "https://registry-1.docker.io",
        "host": {
            f"https://{HERE}/v2/docker-hub": {
                "capabilities": ["pull", "resolve"],
                "override_path": True,
            }
        },
    }


def test_a_root_cache_is_refused_where_private_images_would_take_its_place(tmp_path: Path) -> None:
    write_topology(tmp_path, ROOT)

    nodes = forebay(tmp_path, "export", "containerd", "--out", "certs.d")
    updates = forebay(tmp_path, "export", "renovate")
    charts = forebay(tmp_path, "export", "helm", "--out", "values")

    assert nodes.code == updates.code == 2
    assert "a private image of the same name" in " ".join(nodes.out.split())
    assert "Give the cache a prefix." in updates.err
    assert charts.code == 0
    values = yaml.safe_load((tmp_path / "values/values-quay.io.yaml").read_text())
    assert values["global"]["imageRegistry"] == HERE


def test_charts_get_a_file_of_values_for_each_upstream(tmp_path: Path) -> None:
    write_topology(tmp_path, TOPOLOGY)

    ran = forebay(tmp_path, "export", "helm", "--out", "values")

    assert ran.code == 2
    text = (tmp_path / "values/values-docker.io.yaml").read_text()
    registry = f"{HERE}/docker-hub"
    assert yaml.safe_load(text) == {
        "global": {"imageRegistry": registry},
        "image": {"registry": registry},
    }
    assert "need `library/`" in text
    assert "library/" not in (tmp_path / "values/values-public.ecr.aws.yaml").read_text()


def test_a_folder_is_written_anew_and_what_no_longer_holds_is_named(tmp_path: Path) -> None:
    whole = TOPOLOGY.replace("      prom: {upstream: quay, upstream_prefix: prometheus}\n", "")
    write_topology(tmp_path, whole)
    first = forebay(tmp_path, "export", "containerd", "--out", "certs.d")
    again = forebay(tmp_path, "export", "containerd", "--out", "certs.d")
    write_topology(
        tmp_path,
        whole.replace("      quay: {}\n", "").replace(
            "docker-hub: {}", "hub: {upstream: docker-hub}"
        ),
    )

    changed = forebay(tmp_path, "export", "containerd", "--format", "json", "--out", "certs.d")

    assert (first.code, first.out.count("created")) == (0, 3)
    assert (again.code, again.out.count("unchanged")) == (0, 3)
    assert changed.code == 2
    assert {one["path"]: one["action"] for one in changed.document["files"]} == {
        "docker.io/hosts.toml": "updated",
        "public.ecr.aws/hosts.toml": "unchanged",
        "quay.io/hosts.toml": "left over",
    }
    assert "certs.d/quay.io/hosts.toml" in changed.document["results"][0]["message"]


@pytest.mark.parametrize("kind", ["edited", "foreign", "link", "folder", "other format"])
def test_what_somebody_else_wrote_is_in_the_way_and_nothing_is_written(
    tmp_path: Path, kind: str
) -> None:
    write_topology(tmp_path, TOPOLOGY)
    file = tmp_path / "certs.d/public.ecr.aws/hosts.toml"
    file.parent.mkdir(parents=True)
    match kind:
        case "edited":
            forebay(tmp_path, "export", "containerd", "--out", "certs.d")
            file.write_text(file.read_text() + "# mine\n")
            (tmp_path / "certs.d/docker.io/hosts.toml").unlink()
        case "foreign":
            file.write_text("server = 'https://example.com'\n")
        case "link":
            (tmp_path / "elsewhere").write_text("")
            file.symlink_to(tmp_path / "elsewhere")
        case "folder":
            file.mkdir()
        case _:
            forebay(tmp_path, "export", "helm", "--out", "values")
            file.write_bytes((tmp_path / "values/values-public.ecr.aws.yaml").read_bytes())

    ran = forebay(tmp_path, "export", "containerd", "--out", "certs.d")

    assert ran.code == 1
    assert "certs.d/public.ecr.aws/hosts.toml" in ran.err
    assert not (tmp_path / "certs.d/docker.io/hosts.toml").exists()
    assert kind != "edited" or file.read_text().endswith("# mine\n")


def test_a_folder_that_cannot_be_one_is_an_error_with_its_name(tmp_path: Path) -> None:
    write_topology(tmp_path, TOPOLOGY)
    (tmp_path / "file").write_text("")

    ran = forebay(tmp_path, "export", "helm", "--out", "file")

    assert ran.code == 1
    assert "the export cannot be written" in ran.err
    assert (tmp_path / "file").read_text() == ""


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("helm",), "name a folder with --out"),
        (("json", "--out", "x"), "`json` is printed"),
        (("nope",), "'nope' is not one of"),
        (("json", "--registry", "main/eu-west-2"), "`main/eu-west-1`"),
    ],
)
def test_a_wrong_call_says_what_is_right(
    tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    write_topology(tmp_path, TOPOLOGY)

    ran = forebay(tmp_path, "export", *arguments)

    assert (ran.code, ran.out) == (1, "")
    assert words in ran.err


def test_nothing_is_exported_of_a_topology_with_a_mistake(tmp_path: Path) -> None:
    write_topology(tmp_path, MISTAKE)

    ran = forebay(tmp_path, "export", "json")

    assert (ran.code, ran.out) == (1, "")
    assert "push" in ran.err


def test_nothing_is_exported_of_a_topology_without_a_cache(tmp_path: Path) -> None:
    topology = read_topology(write_topology(tmp_path, TOPOLOGY)).topology
    assert topology is not None

    with pytest.raises(ToolError) as raised:
        chosen_rewrites(replace(topology, caches=()), registry=None, only_one_for=None)

    assert "The topology has no cache." in raised.value.detail


def test_the_page_says_how_to_log_in_and_only_what_concerns_its_upstreams(tmp_path: Path) -> None:
    write_topology(tmp_path, TOPOLOGY)
    with_hub = forebay(tmp_path, "export", "markdown").out
    write_topology(tmp_path, TOPOLOGY.replace("      docker-hub: {}\n", ""))
    without_hub = forebay(tmp_path, "export", "markdown").out

    assert f"docker login --username AWS --password-stdin {HERE}" in with_hub
    assert f"| `quay.io/prometheus/…` | `{HERE}/prom/…` |" in with_hub
    assert "`library/`" in with_hub
    assert "library/`" not in without_hub
    assert "toomanyrequests" not in without_hub
    for image in re.findall(r"^docker pull (\S+)$", with_hub, re.MULTILINE):
        assert image.startswith(f"{HERE}/")


def test_the_document_holds_the_export_and_what_it_leaves_out(tmp_path: Path) -> None:
    write_topology(tmp_path, ROOT)

    ran = forebay(tmp_path, "export", "renovate", "--format", "json")

    assert ran.code == ran.document["summary"]["exit_code"] == 2
    assert json.loads(ran.document["export"])["registryAliases"] == {}
    assert ran.document["results"][0]["rule"] == "not-exported"
