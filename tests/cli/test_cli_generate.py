"""`generate`: writing, looking only, refusing, reporting."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from cli_running import MISTAKE, TOPOLOGY, forebay, write_topology

if TYPE_CHECKING:
    from pathlib import Path

WITHOUT_QUAY = TOPOLOGY.replace("      quay: {}\n", "").replace(
    "      - {to: shop-nodes, allow: pull, caches: [quay]}\n",
    "      - {to: shop-nodes, allow: pull, caches: [docker-hub]}\n",
)
WITHOUT_SHOP = (
    TOPOLOGY.replace('  shop: {id: "222233334444"}\n', "")
    .replace('consumers:\n  shop-nodes: {account: shop, role: "eks-*"}\n', "")
    .replace("      - {to: shop-nodes, allow: pull, caches: [quay]}\n", "")
)


def test_the_files_are_written_beside_the_topology(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    write_topology(tmp_path / "deep")

    ran = forebay(tmp_path, "generate", "-t", "deep/topology.yaml")

    assert (ran.code, ran.err) == (0, "")
    assert "create    deep/terraform/main/main.tf\n" in ran.out
    assert (tmp_path / "deep/terraform/main/main.tf").exists()
    assert ran.out.splitlines()[-1].startswith("deep/terraform: ")


def test_the_files_can_go_elsewhere(tmp_path: Path) -> None:
    write_topology(tmp_path)

    forebay(tmp_path, "generate", "--out", "infra/ecr")

    assert (tmp_path / "infra/ecr/main/main.tf").exists()
    assert not (tmp_path / "terraform").exists()


def test_a_second_run_writes_nothing(tmp_path: Path) -> None:
    write_topology(tmp_path)
    forebay(tmp_path, "generate")
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}

    ran = forebay(tmp_path, "generate", "--format", "json")

    assert ran.code == 0
    assert {file["action"] for file in ran.document["files"]} == {"unchanged"}
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


def test_check_writes_nothing_and_is_exit_code_2_until_all_is_written(tmp_path: Path) -> None:
    write_topology(tmp_path)

    before = forebay(tmp_path, "generate", "--check", "--format", "json")
    assert not (tmp_path / "terraform").exists()
    forebay(tmp_path, "generate")
    after = forebay(tmp_path, "generate", "--check", "--format", "json")

    assert (before.code, after.code) == (2, 0)
    assert {"path": "main/main.tf", "action": "create"} in before.document["files"]
    assert before.document["results"] == []
    assert forebay(tmp_path, "generate", "--check", "--exit-zero").code == 0


def test_diff_writes_nothing_and_shows_what_would_change(tmp_path: Path) -> None:
    write_topology(tmp_path)
    forebay(tmp_path, "generate")
    before = (tmp_path / "terraform/main/main.tf").read_text(encoding="utf-8")
    write_topology(tmp_path, WITHOUT_QUAY)

    ran = forebay(tmp_path, "generate", "--diff")

    assert ran.code == 2
    assert "--- a/terraform/main/main.tf\n+++ b/terraform/main/main.tf\n" in ran.out
    assert "-    quay = {" in ran.out or '-      upstream_registry_url = "quay.io"' in ran.out
    assert (tmp_path / "terraform/main/main.tf").read_text(encoding="utf-8") == before


def test_a_diff_is_one_that_git_applies(tmp_path: Path) -> None:
    write_topology(tmp_path)
    forebay(tmp_path, "generate")
    write_topology(tmp_path, WITHOUT_QUAY)

    diff = forebay(tmp_path, "generate", "--diff").out.partition("\nupdate ")[0]
    subprocess.run(["git", "apply"], cwd=tmp_path, input=f"{diff}\n", text=True, check=True)

    assert forebay(tmp_path, "generate", "--check").code == 0


def test_an_edited_file_means_that_nothing_is_written(tmp_path: Path) -> None:
    write_topology(tmp_path)
    forebay(tmp_path, "generate")
    edited = tmp_path / "terraform/main/main.tf"
    edited.write_text(edited.read_text(encoding="utf-8") + "# mine\n", encoding="utf-8")
    access = (tmp_path / "terraform/main/access.tf").read_bytes()
    write_topology(tmp_path, WITHOUT_QUAY)

    ran = forebay(tmp_path, "generate", "--format", "json")

    assert ran.code == 1
    assert {"path": "main/main.tf", "action": "refused"} in ran.document["files"]
    result = ran.document["results"][0]
    assert (result["kind"], result["rule"]) == ("error", "edited-file")
    assert result["location"]["file"] == "terraform/main/main.tf"
    assert "-# mine" in result["message"]
    assert (tmp_path / "terraform/main/access.tf").read_bytes() == access


def test_an_edited_file_is_shown_to_those_who_only_look(tmp_path: Path) -> None:
    write_topology(tmp_path)
    forebay(tmp_path, "generate")
    edited = tmp_path / "terraform/main/main.tf"
    edited.write_text("# mine\n", encoding="utf-8")

    ran = forebay(tmp_path, "generate", "--check", "--format", "json")

    assert ran.code == 2
    assert ran.document["summary"]["findings"] == 1
    assert ran.document["results"][0]["rule"] == "edited-file"
    assert ran.document["results"][0]["title"] == "A generated file was edited by hand"
    assert "edited-file" in forebay(tmp_path, "generate", "--diff").out


def test_a_diff_shows_nothing_for_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    write_topology(tmp_path)
    forebay(tmp_path, "generate")
    main = tmp_path / "terraform/main/main.tf"
    main.rename(tmp_path / "terraform/main/other.tf")
    main.symlink_to("other.tf")

    ran = forebay(tmp_path, "generate", "--diff")

    assert ran.code == 2
    assert "refused   terraform/main/main.tf (link)" in ran.out
    assert "+++" not in ran.out


def test_the_last_line_counts_the_files(tmp_path: Path) -> None:
    write_topology(tmp_path)
    forebay(tmp_path, "generate")
    (tmp_path / "terraform/main/main.tf").unlink()

    looked = forebay(tmp_path, "generate", "--check").out.splitlines()[-1]
    wrote = forebay(tmp_path, "generate").out.splitlines()[-1]

    assert re.fullmatch(r"terraform: \d+ files \(1 would be created, \d+ unchanged\)", looked)
    assert wrote == looked.replace("would be created", "created")


@pytest.mark.parametrize("option", ["--out", "--topology"])
def test_an_empty_name_is_a_wrong_call_and_not_the_working_folder(
    tmp_path: Path, option: str
) -> None:
    write_topology(tmp_path)

    ran = forebay(tmp_path, "generate", option, "")

    assert (ran.code, ran.out) == (1, "")
    assert "the name is empty" in ran.err
    assert [path.name for path in tmp_path.iterdir()] == ["topology.yaml"]


def test_force_overwrites_an_edited_file(tmp_path: Path) -> None:
    write_topology(tmp_path)
    forebay(tmp_path, "generate")
    edited = tmp_path / "terraform/main/main.tf"
    before = edited.read_bytes()
    edited.write_text("# mine\n", encoding="utf-8")

    ran = forebay(tmp_path, "generate", "--force")

    assert ran.code == 0
    assert edited.read_bytes() == before


def test_a_file_of_ours_without_its_manifest_says_that_the_manifest_is_gone(
    tmp_path: Path,
) -> None:
    write_topology(tmp_path, TOPOLOGY)
    forebay(tmp_path, "generate")
    for manifest in (tmp_path / "terraform").rglob(".forebay.json"):
        manifest.unlink()
    file = tmp_path / "terraform" / "main" / "main.tf"
    file.write_text(f"{file.read_text('utf-8')}# edited\n", encoding="utf-8")

    ran = forebay(tmp_path, "generate")
    file.unlink()
    again = forebay(tmp_path, "generate")

    assert ran.code == 1
    assert "the manifest that lists it is gone" in ran.out
    assert "delete the file" in " ".join(ran.out.split())
    assert again.code == 0


def test_a_file_in_the_way_means_that_nothing_is_written(tmp_path: Path) -> None:
    write_topology(tmp_path)
    (tmp_path / "terraform/main").mkdir(parents=True)
    (tmp_path / "terraform/main/main.tf").write_text("# mine\n", encoding="utf-8")

    ran = forebay(tmp_path, "generate", "--force")

    assert ran.code == 1
    assert "error[file-in-the-way]" in ran.out
    assert "nothing was written" in ran.out
    assert [path.name for path in (tmp_path / "terraform").rglob("*")] == ["main", "main.tf"]


def test_a_link_is_never_written_through(tmp_path: Path) -> None:
    write_topology(tmp_path)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "terraform").mkdir()
    (tmp_path / "terraform/main").symlink_to(tmp_path / "elsewhere")

    ran = forebay(tmp_path, "generate")

    assert ran.code == 1
    assert "error[link-in-the-way]" in ran.out
    assert ran.out.count("--> terraform/main:1:1\n") == 1
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_cache_that_goes_away_is_named_with_the_pulls_it_interrupts(tmp_path: Path) -> None:
    write_topology(tmp_path)
    forebay(tmp_path, "generate")
    write_topology(tmp_path, WITHOUT_QUAY)

    looked = forebay(tmp_path, "generate", "--check", "--format", "json")
    ran = forebay(tmp_path, "generate")

    assert looked.document["interrupted_pulls"] == [
        {
            "account": "main",
            "region": "eu-west-1",
            "prefix": "quay",
            "old": "quay.io",
            "new": None,
        }
    ]
    assert ran.code == 0
    assert "destroys the cache `quay` of `quay.io` in account main, eu-west-1." in ran.out
    assert "fail from then on" in ran.out


def test_a_root_whose_account_is_gone_stays_and_is_reported(tmp_path: Path) -> None:
    write_topology(tmp_path)
    forebay(tmp_path, "generate")
    write_topology(tmp_path, WITHOUT_SHOP)

    ran = forebay(tmp_path, "generate")
    checked = forebay(tmp_path, "generate", "--check", "--format", "json")

    assert ran.code == 0
    assert "warning[orphaned-root]" in ran.out
    assert "terraform -chdir=terraform/shop destroy" in ran.out
    assert (tmp_path / "terraform/shop/access.tf").exists()
    assert checked.code == 2
    assert [result["rule"] for result in checked.document["results"]] == ["orphaned-root"]
    assert {file["action"] for file in checked.document["files"]} == {"unchanged"}


def test_a_topology_with_mistakes_writes_nothing(tmp_path: Path) -> None:
    write_topology(tmp_path, MISTAKE)

    ran = forebay(tmp_path, "generate", "--format", "json")

    assert ran.code == 1
    assert ran.document["results"][0]["location"]["line"] == 15
    assert ran.document["files"] == []
    assert not (tmp_path / "terraform").exists()


def test_a_broken_manifest_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    write_topology(tmp_path)
    forebay(tmp_path, "generate")
    (tmp_path / "terraform/main/.forebay.json").write_text("<<<<<<<\n", encoding="utf-8")

    ran = forebay(tmp_path, "generate")

    assert ran.code == 1
    assert "git checkout -- terraform/main/.forebay.json" in ran.err


def test_a_root_can_lie_in_the_output_folder_itself(tmp_path: Path) -> None:
    write_topology(tmp_path, WITHOUT_SHOP + 'terraform: {layout: "."}\n')

    forebay(tmp_path, "generate")

    assert (tmp_path / "terraform/main.tf").exists()
    assert forebay(tmp_path, "generate", "--check").code == 0


def test_one_account_touches_its_root_and_the_modules_it_calls(tmp_path: Path) -> None:
    write_topology(tmp_path)

    ran = forebay(tmp_path, "generate", "--account", "shop", "--format", "json")

    assert ran.code == 0
    assert {file["path"].split("/")[0] for file in ran.document["files"]} == {
        ".forebay.json",
        "modules",
        "shop",
    }
    modules = {path.name for path in (tmp_path / "terraform/modules").iterdir()}
    assert modules == {"puller-access"}
    forebay(tmp_path, "generate")
    assert forebay(tmp_path, "generate", "--account", "main", "--check").code == 0


def test_an_unknown_account_is_a_wrong_call_with_a_suggestion(tmp_path: Path) -> None:
    write_topology(tmp_path)

    near = forebay(tmp_path, "generate", "--account", "shopp")
    by_id = forebay(tmp_path, "generate", "--account", "222233334444")

    assert near.code == by_id.code == 1
    assert "Did you mean `shop`?" in near.err
    assert "Did you mean `shop`?" in by_id.err
    assert not (tmp_path / "terraform").exists()


def test_an_account_that_needs_nothing_is_said_to_have_no_root(tmp_path: Path) -> None:
    text = TOPOLOGY.replace(
        '  shop: {id: "222233334444"}\n',
        '  shop: {id: "222233334444"}\n  idle: {id: "333344445555"}\n',
    )
    write_topology(tmp_path, text)

    ran = forebay(tmp_path, "generate", "--account", "idle")

    assert ran.code == 0
    assert "the account `idle` needs nothing, so it has no root" in ran.out


def test_prune_removes_what_forebay_wrote_and_keeps_what_it_did_not(tmp_path: Path) -> None:
    write_topology(tmp_path)
    forebay(tmp_path, "generate")
    mine = tmp_path / "terraform/shop/terraform.tfstate"
    mine.write_text("{}", encoding="utf-8")
    write_topology(tmp_path, WITHOUT_SHOP)

    looked = forebay(tmp_path, "generate", "--prune", "--check")
    ran = forebay(tmp_path, "generate", "--prune")

    assert looked.code == 2
    assert "would be removed" in looked.out
    assert ran.code == 0
    assert "nothing in AWS is destroyed by that. What forebay did not write stays" in ran.out
    assert [path.name for path in (tmp_path / "terraform/shop").iterdir()] == [mine.name]
    assert not (tmp_path / "terraform/modules/puller-access").exists() or "pullers" in (
        tmp_path / "terraform/main/access.tf"
    ).read_text(encoding="utf-8")
    assert forebay(tmp_path, "generate", "--check").code == 0


def test_prune_refuses_a_root_that_a_person_edited(tmp_path: Path) -> None:
    write_topology(tmp_path)
    forebay(tmp_path, "generate")
    edited = tmp_path / "terraform/shop/access.tf"
    edited.write_text("# mine\n", encoding="utf-8")
    write_topology(tmp_path, WITHOUT_SHOP)

    ran = forebay(tmp_path, "generate", "--prune")

    assert ran.code == 1
    assert "error[edited-file]" in ran.out
    assert edited.read_text(encoding="utf-8") == "# mine\n"


def test_prune_after_another_layout_leaves_only_the_new_roots(tmp_path: Path) -> None:
    write_topology(tmp_path)
    forebay(tmp_path, "generate")
    write_topology(tmp_path, TOPOLOGY + 'terraform: {layout: "live/{partition}/{account}"}\n')

    warned = forebay(tmp_path, "generate")
    ran = forebay(tmp_path, "generate", "--prune")

    assert warned.out.count("warning[orphaned-root]") == 2
    assert "its root is now `terraform/live/aws/shop`, which has to have its state" in ran.out
    assert sorted(path.name for path in (tmp_path / "terraform").iterdir()) == [
        ".forebay.json",
        "live",
        "modules",
    ]
    source = (tmp_path / "terraform/live/aws/shop/access.tf").read_text(encoding="utf-8")
    assert 'source = "../../../modules/puller-access"' in source


@pytest.mark.skipif(sys.platform != "linux", reason="needs /sys, where nobody can make a folder")
def test_a_folder_that_forbids_it_is_named_with_what_to_do(tmp_path: Path) -> None:
    write_topology(tmp_path)

    ran = forebay(tmp_path, "generate", "--out", "/sys/forebay")

    assert ran.code == 1
    assert "may not be written" in ran.err
    assert "`/sys/forebay`" in ran.err
    assert "choose another folder" in ran.err


def test_a_readme_names_what_people_have_to_do_besides(tmp_path: Path) -> None:
    write_topology(
        tmp_path,
        """\
version: 1
defaults:
  regions: [eu-west-1]
  iam: {name_prefix: acme-, permissions_boundary: "arn:{partition}:iam::{account_id}:policy/limit"}
accounts:
  hub: {id: "111122223333", registry_policy: create}
  shop: {id: "222233334444"}
consumers:
  nodes: {account: shop, role: "eks-*"}
  ci: {account: shop, role: ci/builder, identity: attach}
creation_templates:
  standard: {repository_tags: {team: platform}}
registries:
  hub:
    caches:
      quay: {creation_template: standard}
      docker-hub: {credential: ecr-pullthroughcache/docker-hub}
    grants: [{to: [nodes, ci], allow: first-pull, caches: [quay]}]
""",
    )
    forebay(tmp_path, "generate")

    hub = (tmp_path / "terraform/hub/README.md").read_text(encoding="utf-8")
    shop = (tmp_path / "terraform/shop/README.md").read_text(encoding="utf-8")

    assert "| policy | `arn:aws:iam::111122223333:policy/limit` |" in hub
    assert "| secret | `ecr-pullthroughcache/docker-hub in eu-west-1` |" in hub
    assert "sets\n`REGISTRY_POLICY_SCOPE` to `V2`, for every repository of the registry" in hub
    assert "| role | `ci/builder` | its policy is attached to it |" in shop
    assert "| `acme-nodes` | role eks-\\* | by you |" in shop
    assert "--policy-arn arn:aws:iam::222233334444:policy/acme-nodes\n" in shop
    assert "docker pull 111122223333.dkr.ecr.eu-west-1.amazonaws.com/quay/" in shop
    assert "REGISTRY_POLICY_SCOPE" not in shop
