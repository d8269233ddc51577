"""Where `drift` and `check` point: at the argument in the code, and at the grant or key that asks."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest
from cli_running import forebay

if TYPE_CHECKING:
    from pathlib import Path

TOPOLOGY = """\
version: 1
defaults:
  regions: [eu-west-1]
  iam:
    permissions_boundary: arn:{partition}:iam::{account_id}:policy/boundary
    name_prefix: ecr-
accounts:
  hub:
    id: "111111111111"
    registry_policy: create
  shop: {id: "222222222222", registry_policy: create}
  pay: {id: "333333333333"}
upstreams:
  base: {registry: ecr, account: shop, region: eu-west-1}
  private:
    registry: docker-hub
    credential:
      secret: ecr-pullthroughcache/hub
      value: {variable: hub, version: 2}
      recovery_days: 7
consumers:
  shop-nodes: {account: shop, role: "eks-*"}
  pay-nodes: {account: pay, role: node}
creation_templates:
  std:
    lifecycle: {expire_after_days: 60}
    encryption: {kms_key: alias/ecr}
registries:
  hub:
    creation_templates: {quay: std}
    caches:
      quay: {}
      docker-hub:
        upstream: private
      priv:
        upstream: base
    grants:
      - to: {role: node}
        allow: first-pull
      - to: shop-nodes
        allow: pull
        caches: [quay]
      - to: pay-nodes
        allow: cached
        caches: [quay, docker-hub]
"""

HUB, PAY = "terraform/hub/access.tf", "terraform/pay/access.tf"
CACHES = "terraform/hub/main.tf"
SHOP_GRANT, PAY_GRANT = "- to: shop-nodes", "- to: pay-nodes"
BOUNDARY = "permissions_boundary: arn:{partition}:iam::{account_id}:policy/boundary"

CHANGES = (
    ("more", HUB, 'level          = "pull"', 'level          = "first-pull"', "", SHOP_GRANT),
    ("less", HUB, 'level          = "pull"', 'level          = "cached"', "", SHOP_GRANT),
    ("another grant", HUB, 'level          = "cached"', 'level          = "pull"', "", PAY_GRANT),
    ("repositories", HUB, '["docker-hub", "quay"]', '["quay"]', "", PAY_GRANT),
    ("roles", HUB, "role/eks-*", "role/*", "", SHOP_GRANT),
    ("a role's policy", PAY, 'level      = "cached"', 'level      = "pull"', "", PAY_GRANT),
    ("boundary", HUB, "policy/boundary", "policy/other", "", BOUNDARY),
    ("days", CACHES, "expire_after_days = 60", "expire_after_days = 600", "", "lifecycle: {"),
    ("secret", CACHES, '_name = "ecr-pullthroughcache/hub"', '_name = "ecr-pullthroughcache/x"', "", "secret: "),
    ("recovery", CACHES, "days = 7", "days = 9", "", "recovery_days: 7"),
    ("version", CACHES, "version           = 2", "version           = 3", "", "value: {"),
    ("host", CACHES, '"registry-1.docker.io"', '"quay.io"', "", "upstream: private"),
    ("role of a rule", CACHES, '      custom_role_name      = "ecr-upstream"\n', "", "priv = {", "upstream: base"),
    ("a module's entry", HUB, 'prefix     = "ROOT"', 'prefix     = "base"', "ecr-upstream = {", "priv:"),
)  # fmt: skip


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The topology with the code that belongs to it."""
    folder = tmp_path_factory.mktemp("places")
    (folder / "topology.yaml").write_text(TOPOLOGY, "utf-8")
    assert forebay(folder, "generate").code == 0
    return folder


def line(folder: Path, place: dict[str, Any]) -> str:
    return (folder / place["file"]).read_text("utf-8").splitlines()[place["line"] - 1]


@pytest.mark.parametrize(
    ("file", "right", "wrong", "code", "asking"),
    [change[1:] for change in CHANGES],
    ids=[change[0] for change in CHANGES],
)
def test_a_difference_points_at_the_argument_and_at_the_line_that_asks(
    written: Path, tmp_path: Path, file: str, right: str, wrong: str, code: str, asking: str
) -> None:
    shutil.copytree(written, tmp_path, dirs_exist_ok=True)
    text = (tmp_path / file).read_text("utf-8")
    assert right in text
    (tmp_path / file).write_text(text.replace(right, wrong, 1), "utf-8")

    ran = forebay(tmp_path, "drift", "--format", "json")

    (result, *others) = ran.document["results"]
    assert {each["severity"] for each in others} <= {"info"}
    assert result["rule"] == "different"
    assert result["location"]["file"] == file
    assert (code or wrong) in line(tmp_path, result["location"])
    assert line(tmp_path, result["topology"]).strip().startswith(asking)


@pytest.mark.parametrize("name", ["more", "less", "repositories", "roles", "a role's policy"])
def test_check_points_at_the_same_argument(written: Path, tmp_path: Path, name: str) -> None:
    (file, right, wrong), asking = next(
        (change[1:4], change[5]) for change in CHANGES if change[0] == name
    )
    shutil.copytree(written, tmp_path, dirs_exist_ok=True)
    text = (tmp_path / file).read_text("utf-8")
    (tmp_path / file).write_text(text.replace(right, wrong, 1), "utf-8")

    ran = forebay(tmp_path, "check", "--format", "json")

    (result,) = [each for each in ran.document["results"] if each["severity"] == "high"]
    assert result["location"]["file"] == file
    assert wrong in line(tmp_path, result["location"])
    assert line(tmp_path, result["topology"]).strip().startswith(asking)


@pytest.mark.parametrize("where", ["    PullQuay = {", '      level          = "cached"'])
def test_who_accepts_the_entry_accepts_what_is_told_of_its_argument(
    written: Path, tmp_path: Path, where: str
) -> None:
    shutil.copytree(written, tmp_path, dirs_exist_ok=True)
    file = tmp_path / HUB
    text = file.read_text("utf-8").replace(
        'level          = "pull"', 'level          = "cached"', 1
    )
    before, entry, after = text.partition("    PullQuay = {")
    comment = '# forebay: ignore[different] reason="as they wish"\n'
    file.write_text(before + (entry + after).replace(where, comment + where, 1), "utf-8")

    ran = forebay(tmp_path, "drift", "--format", "json")

    assert ran.code == 0, ran.out
    assert ran.document["summary"]["suppressed"] == 1


def test_access_that_no_grant_is_near_to_points_at_who_writes_the_policy(
    written: Path, tmp_path: Path
) -> None:
    shutil.copytree(written, tmp_path, dirs_exist_ok=True)
    file = tmp_path / HUB
    stranger = (
        '  grants = {\n    Stranger = {\n      level       = "pull"\n'
        '      prefixes    = ["quay"]\n      account_ids = ["999999999999"]\n    }\n'
    )
    file.write_text(file.read_text("utf-8").replace("  grants = {\n", stranger, 1), "utf-8")

    ran = forebay(tmp_path, "drift", "--format", "json")

    (result,) = [each for each in ran.document["results"] if each["kind"] == "drift"]
    assert result["rule"] == "unexpected"
    assert "Stranger" in line(tmp_path, result["location"])
    assert line(tmp_path, result["topology"]).strip() == "registry_policy: create"


def test_a_template_that_the_defaults_name_is_asked_for_there(tmp_path: Path) -> None:
    text = TOPOLOGY.replace("  iam:\n", "  creation_template: std\n  iam:\n", 1).replace(
        "    creation_templates: {quay: std}\n", ""
    )
    (tmp_path / "topology.yaml").write_text(text, "utf-8")
    assert forebay(tmp_path, "generate").code == 0
    file = tmp_path / CACHES
    code = file.read_text("utf-8")
    before, head, after = code.partition("  creation_templates = {\n")
    assert "    quay = {" in after
    file.write_text(before + head + after.replace("    quay = {", "    quux = {", 1), "utf-8")

    ran = forebay(tmp_path, "drift", "--format", "json")

    (missing,) = [each for each in ran.document["results"] if each["rule"] == "missing"]
    assert line(tmp_path, missing["topology"]).strip() == "creation_template: std"


@pytest.mark.parametrize("command", ["drift", "check"])
def test_what_is_wrong_by_a_call_is_no_line_of_the_module_that_nobody_edited(
    written: Path, tmp_path: Path, command: str
) -> None:
    shutil.copytree(written, tmp_path, dirs_exist_ok=True)
    file = tmp_path / HUB
    text = file.read_text("utf-8")
    file.write_text(text.replace('prefix     = "ROOT"', 'prefix     = "base"', 1), "utf-8")

    ran = forebay(tmp_path, command, "--format", "json")

    files = {
        each["location"]["file"] for each in ran.document["results"] if each["severity"] == "high"
    }
    assert files == {HUB}


@pytest.mark.parametrize(
    ("arguments", "file"),
    [
        (("validate", "-t", "folder.yaml"), "folder.yaml"),
        (("validate", "-t", "link.yaml"), "link.yaml"),
        (("drift", "--plan", "folder.yaml"), "folder.yaml"),
        (("drift", "--live", "text.json"), "text.json"),
        (("drift", "--code", "text.json"), "text.json"),
        (("drift", "--baseline", "text.json"), "text.json"),
        (("generate", "--out", "text.json"), "text.json"),
    ],
)
def test_an_error_about_a_file_has_it_for_its_location(
    tmp_path: Path, arguments: tuple[str, ...], file: str
) -> None:
    (tmp_path / "topology.yaml").write_text(TOPOLOGY, "utf-8")
    (tmp_path / "folder.yaml").mkdir()
    (tmp_path / "link.yaml").symlink_to("/etc/hostname")
    (tmp_path / "text.json").write_text("text", "utf-8")
    (tmp_path / "terraform").mkdir()

    ran = forebay(tmp_path, *arguments, "--format", "json")

    assert ran.code == 1
    (result,) = ran.document["results"]
    assert result["kind"] == "error"
    assert (result["location"]["file"], result["location"]["line"]) == (file, 1)
