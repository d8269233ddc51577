"""`--fix`: what it writes, what it says, and what keeps it from writing."""

from __future__ import annotations

import errno
import hashlib
import io
import json
import os
import subprocess
from typing import TYPE_CHECKING

import pytest
from cli_running import TOPOLOGY, forebay, write_topology

from delivery.write_trees import on_disk

if TYPE_CHECKING:
    from pathlib import Path

SLIP = TOPOLOGY.replace("registry_policy: create}", "registry_policy: Create}   # agreed")
MENDED = TOPOLOGY.replace("registry_policy: create}", "registry_policy: create}   # agreed")
WIDER = TOPOLOGY.replace("allow: pull,", "allow: first-pull,")

OPEN_POLICY = """
resource "aws_ecr_registry_policy" "own" {
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = "*", Action = "ecr:*", Resource = "*" }]
  })
}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with a topology and the code that belongs to it."""
    write_topology(tmp_path)
    assert forebay(tmp_path, "generate").code == 0
    return tmp_path


@pytest.mark.parametrize("command", ["validate", "drift", "check"])
def test_a_slip_is_mended_shown_on_stderr_and_gone(project: Path, command: str) -> None:
    write_topology(project, SLIP)

    ran = forebay(project, command, "--fix", "--format", "json")

    assert ran.code == 0
    assert (project / "topology.yaml").read_text("utf-8") == MENDED
    assert '-  main: {id: "111122223333", registry_policy: Create}   # agreed\n' in ran.err
    assert '+  main: {id: "111122223333", registry_policy: create}   # agreed\n' in ran.err
    (result,) = [each for each in ran.document["results"] if each["fixed"]]
    assert (result["rule"], result["not_fixed"]) == ("invalid-value", None)
    assert ran.document["summary"]["fixed"] == 1
    again = forebay(project, command, "--fix", "--format", "json")
    assert (again.code, again.err) == (0, "")


def test_a_dry_run_shows_the_edit_and_writes_nothing(project: Path) -> None:
    write_topology(project, SLIP)
    before = on_disk(project)

    ran = forebay(project, "validate", "--fix", "--dry-run", "--format", "json")

    assert ran.code == 2
    assert on_disk(project) == before
    assert "registry_policy: create}   # agreed" in ran.err
    (result,) = ran.document["results"]
    assert (result["fixed"], result["not_fixed"]) == (
        False,
        "This run only shows what it would do.",
    )


@pytest.mark.parametrize("end", ["\n", ""])
def test_the_diff_of_a_dry_run_is_one_that_git_applies(project: Path, end: str) -> None:
    write_topology(project, SLIP.rstrip("\n") + end)

    ran = forebay(project, "validate", "--fix", "--dry-run", "-t", str(project / "topology.yaml"))
    subprocess.run(["git", "apply"], cwd=project, input=ran.err, text=True, check=True)

    assert "--- a/topology.yaml\n+++ b/topology.yaml\n" in ran.err
    assert (project / "topology.yaml").read_text("utf-8") == MENDED.rstrip("\n") + end


def test_a_file_outside_of_the_working_folder_has_one_slash_in_its_diff(project: Path) -> None:
    write_topology(project, SLIP)
    aside = project / "aside"
    aside.mkdir()
    topology = project / "topology.yaml"

    ran = forebay(aside, "validate", "--fix", "--dry-run", "-t", str(topology))

    assert f"--- a{topology}\n+++ b{topology}\n" in ran.err


def test_what_has_no_one_remedy_stays_and_says_why(project: Path) -> None:
    write_topology(project, SLIP.replace("caches: [quay]", "caches: [other]"))

    ran = forebay(project, "validate", "--fix", "--format", "json")

    assert ran.code == 2
    reasons = {each["rule"]: each["not_fixed"] for each in ran.document["results"]}
    assert reasons == {
        "invalid-value": None,
        "dangling-name": "What belongs there is for a person to say.",
    }


def test_without_the_option_no_result_speaks_of_fixes(project: Path) -> None:
    write_topology(project, SLIP)

    ran = forebay(project, "validate", "--format", "json")

    assert [(each["fixed"], each["not_fixed"]) for each in ran.document["results"]] == [
        (False, None)
    ]


def test_only_results_that_are_selected_are_mended(project: Path) -> None:
    write_topology(project, SLIP.replace("allow: first-pull", "alow: first-pull"))

    forebay(project, "validate", "--fix", "--select", "unknown-key")

    assert (project / "topology.yaml").read_text("utf-8") == SLIP


@pytest.mark.parametrize("command", ["drift", "check"])
def test_generated_code_that_is_older_than_the_topology_is_written_anew(
    project: Path, command: str
) -> None:
    write_topology(project, WIDER)
    before = on_disk(project)

    dry = forebay(project, command, "--fix", "--dry-run", "--format", "json")
    after_dry = on_disk(project)
    ran = forebay(project, command, "--fix", "--format", "json")

    assert (dry.code, after_dry) == (2, before)
    assert {
        each["not_fixed"] for each in dry.document["results"] if each["severity"] == "high"
    } == {"This run only shows what it would do."}
    assert ran.code == 0
    fixed = {each["rule"] for each in ran.document["results"] if each["fixed"]}
    assert "code-out-of-date" in fixed
    assert "update    terraform/main/access.tf\n" in ran.err
    assert '+      level          = "first-pull"\n' in ran.err
    assert forebay(project, "generate", "--check").code == 0


def make_older(project: Path, name: str, old: str, new: str) -> Path:
    """A module as an earlier version might have written it, and as its manifest says."""
    manifest = project / "terraform" / ".forebay.json"
    file = project / "terraform" / name
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")
    known = json.loads(manifest.read_text("utf-8"))
    known["shared"][name] = hashlib.sha256(file.read_bytes()).hexdigest()
    manifest.write_text(json.dumps(known), "utf-8")
    return file


@pytest.mark.parametrize("command", ["drift", "check"])
def test_a_module_of_an_earlier_version_is_written_anew(project: Path, command: str) -> None:
    name = "modules/registry-access/main.tf"
    older = make_older(project, name, '"ecr:BatchImportUpstreamImage", ', "")

    told = forebay(project, command, "--format", "json")
    ran = forebay(project, command, "--fix", "--format", "json")

    (cause,) = [
        each
        for each in told.document["results"]
        if each["severity"] == "high" and each["caused_by"] is None
    ]
    assert cause["rule"] == "code-out-of-date"
    assert "wrote `modules/registry-access`; nobody has edited it" in cause["message"]
    assert cause["location"]["file"] == f"terraform/{name}"
    assert ran.code == 0
    assert "ecr:BatchImportUpstreamImage" in older.read_text("utf-8")
    assert forebay(project, "generate", "--check").code == 0


def test_a_slip_and_old_code_are_mended_in_one_run(project: Path) -> None:
    write_topology(project, WIDER.replace("to: shop-nodes", "to: shop_nodes"))

    ran = forebay(project, "drift", "--fix")

    assert ran.code == 0
    assert forebay(project, "generate", "--check").code == 0


def test_a_root_that_is_gone_is_written_and_nothing_beside_it(project: Path) -> None:
    for file in (project / "terraform" / "shop").iterdir():
        file.unlink()
    edited = project / "terraform" / "main" / "outputs.tf"
    edited.write_text("# by hand\n", "utf-8")

    ran = forebay(project, "drift", "--fix")

    assert ran.code == 0
    assert (project / "terraform" / "shop" / "access.tf").is_file()
    assert edited.read_text("utf-8") == "# by hand\n"


def test_a_file_that_a_person_edited_is_never_written(project: Path) -> None:
    write_topology(project, WIDER)
    edited = project / "terraform" / "main" / "access.tf"
    edited.write_text(edited.read_text("utf-8") + "# by hand\n", "utf-8")
    before = on_disk(project)

    ran = forebay(project, "drift", "--fix", "--format", "json")

    assert ran.code == 2
    assert on_disk(project) == {
        **before,
        **{name: content for name, content in on_disk(project).items() if "/shop/" in name},
    }
    left = [
        each for each in ran.document["results"] if each["severity"] == "high" and not each["fixed"]
    ]
    assert left
    assert all("A person edited" in each["not_fixed"] for each in left)


def test_a_result_in_an_edited_module_says_that_a_person_edited_it(project: Path) -> None:
    module = project / "terraform" / "modules" / "registry-access" / "main.tf"
    module.write_text(module.read_text("utf-8") + OPEN_POLICY, "utf-8")

    ran = forebay(project, "check", "--fix", "--format", "json")

    reasons = {
        each["rule"]: each["not_fixed"]
        for each in ran.document["results"]
        if each["severity"] != "info"
    }
    assert reasons.keys() == {"module-edited", "grant-any-principal", "two-registry-policies"}
    assert all(reason.startswith("A person edited the file") for reason in reasons.values())


def test_code_that_people_write_is_left_to_them(project: Path) -> None:
    (project / "terraform" / "main" / "own.tf").write_text(
        'resource "aws_ecr_pull_through_cache_rule" "own" {\n'
        '  ecr_repository_prefix = "own"\n'
        '  upstream_registry_url = "registry.k8s.io"\n'
        "}\n",
        "utf-8",
    )
    before = on_disk(project)

    ran = forebay(project, "drift", "--fix", "--format", "json")

    assert (ran.code, on_disk(project)) == (2, before)
    (result,) = ran.document["results"]
    assert "no remedy in the topology's text" in result["not_fixed"]


def test_a_plan_on_standard_input_is_judged_again_after_a_fix(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_topology(project, WIDER)
    plan = b'{"format_version": "1.2", "planned_values": {"root_module": {}}, "configuration": {}}'
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(plan)))

    ran = forebay(project, "check", "--code", "terraform", "--plan", "-", "--fix")

    assert "standard input" not in ran.out + ran.err
    assert "JSON" not in ran.out + ran.err
    assert forebay(project, "generate", "--check").code == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("drift", "--dry-run"), "it goes with --fix"),
        (("check", "--fix", "--no-topology"), "goes without --no-topology"),
        (("check", "--fix", "--since", "HEAD"), "goes without --since"),
        (("drift", "--fix", "--write-baseline", "b.json"), "goes without --fix"),
    ],
)
def test_options_that_exclude_each_other_are_a_wrong_call(
    project: Path, arguments: tuple[str, ...], words: str
) -> None:
    write_topology(project, SLIP)

    ran = forebay(project, *arguments)

    assert (ran.code, ran.out) == (1, "")
    assert words in ran.err
    assert (project / "topology.yaml").read_text("utf-8") == SLIP


def test_a_read_only_topology_is_not_replaced(project: Path) -> None:
    write_topology(project, SLIP)
    (project / "topology.yaml").chmod(0o444)

    ran = forebay(project, "validate", "--fix")

    assert ran.code == 1
    assert "`topology.yaml` is read-only. Nothing was changed" in ran.err
    assert (project / "topology.yaml").read_text("utf-8") == SLIP


def test_a_topology_that_is_a_link_is_not_written_through(project: Path) -> None:
    (project / "real.yaml").write_text(SLIP, "utf-8")
    (project / "topology.yaml").unlink()
    (project / "topology.yaml").symlink_to("real.yaml")

    ran = forebay(project, "validate", "--fix")

    assert ran.code == 1
    assert "link" in ran.err
    assert (project / "real.yaml").read_text("utf-8") == SLIP


def test_the_rights_of_a_file_stay(project: Path) -> None:
    write_topology(project, SLIP)
    (project / "topology.yaml").chmod(0o640)

    assert forebay(project, "validate", "--fix").code == 0
    assert (project / "topology.yaml").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize(
    ("name", "call", "error"),
    [
        ("fsync", 2, OSError(errno.ENOSPC, "No space left on device")),
        ("fsync", 2, KeyboardInterrupt()),
        ("replace", 1, KeyboardInterrupt()),
    ],
)
def test_a_full_disk_or_an_interruption_changes_no_file(
    project: Path, monkeypatch: pytest.MonkeyPatch, name: str, call: int, error: BaseException
) -> None:
    text = SLIP.replace("version: 1\n", "version: 1\ninclude: [more.yaml]\n")
    write_topology(project, text)
    (project / "more.yaml").write_text("consumers:\n  ci: {acount: shop, role: ci}\n", "utf-8")
    before = on_disk(project)
    calls = 0
    original = getattr(os, name)

    def failing(*arguments: object, **keywords: object) -> object:
        nonlocal calls
        calls += 1
        if calls == call:
            raise error
        return original(*arguments, **keywords)

    with monkeypatch.context() as patch:
        patch.setattr(os, name, failing)
        ran = forebay(project, "validate", "--fix")

    assert ran.code == (130 if isinstance(error, KeyboardInterrupt) else 1)
    assert on_disk(project) == before
    assert forebay(project, "validate", "--fix").code == 0


def test_a_topology_that_is_not_yaml_is_the_error_that_it_is(project: Path) -> None:
    write_topology(project, "version: 1\naccounts: {main: [\n")
    before = on_disk(project)

    ran = forebay(project, "drift", "--fix", "--format", "json")

    assert (ran.code, on_disk(project)) == (1, before)
    assert ran.document["results"][0]["kind"] == "error"
