"""Nothing outside of the project is read, written or shown, by whatever link it is reached."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from attack.projects import SECRET, Attacked, project

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def attacked(tmp_path: Path) -> Attacked:
    return project(tmp_path)


def test_a_report_is_not_written_through_a_link(attacked: Attacked) -> None:
    victim = attacked.outside / "bashrc"
    victim.write_text("mine\n")
    (attacked.folder / "drift.json").symlink_to(victim)

    ran = attacked.run("drift", "--report", "json=drift.json")

    assert ran.code == 1
    assert "it is a link" in ran.err
    assert victim.read_text() == "mine\n"
    assert (attacked.folder / "drift.json").is_symlink()


def test_a_report_is_not_written_through_a_link_that_leads_nowhere(attacked: Attacked) -> None:
    (attacked.folder / "drift.json").symlink_to(attacked.outside / "new")

    assert attacked.run("drift", "--report", "json=drift.json").code == 1
    assert not (attacked.outside / "new").exists()


@pytest.mark.parametrize("name", ["reports/drift.json", "reports/deep/drift.json"])
def test_a_report_is_not_written_below_a_linked_folder(attacked: Attacked, name: str) -> None:
    (attacked.outside / "deep").mkdir()
    (attacked.folder / "reports").symlink_to(attacked.outside)

    ran = attacked.run("drift", "--report", f"json={name}")

    assert ran.code == 1
    assert "leads out of the project" in ran.err
    assert not list(attacked.outside.rglob("*.json"))


def test_a_checkout_behind_a_link_is_not_taken_for_the_project(attacked: Attacked) -> None:
    (attacked.outside / ".git").mkdir()
    (attacked.folder / "reports").symlink_to(attacked.outside)

    assert attacked.run("drift", "--report", "json=reports/drift.json").code == 1
    assert not list(attacked.outside.rglob("*.json"))


def test_a_report_replaces_one_that_is_there_and_keeps_its_rights(attacked: Attacked) -> None:
    report = attacked.folder / "drift.json"
    report.write_text("old and much longer than nothing" * 1000)
    report.chmod(0o640)

    assert attacked.run("drift", "--report", "json=drift.json").code == 0
    assert json.loads(report.read_text())["command"] == "drift"
    assert report.stat().st_mode & 0o777 == 0o640
    assert [path.name for path in attacked.folder.glob(".drift*")] == []


def test_a_report_beside_the_project_is_the_users_own_affair(attacked: Attacked) -> None:
    assert attacked.run("drift", "--report", "json=../outside/drift.json").code == 0
    assert (attacked.outside / "drift.json").exists()


@pytest.mark.parametrize("name", ["topology.yaml", "forebay-ignore.yaml"])
@pytest.mark.parametrize("format_", ["human", "json", "github", "markdown"])
def test_what_a_linked_input_leads_to_is_not_printed(
    attacked: Attacked, name: str, format_: str
) -> None:
    (attacked.folder / name).unlink(missing_ok=True)
    (attacked.folder / name).symlink_to(attacked.outside / "credentials")

    ran = attacked.run("check", "--format", format_)

    assert ran.code == 1
    assert "ghp_" not in ran.out + ran.err
    assert "leads out of the project" in ran.out + ran.err


def test_a_topology_in_a_linked_folder_is_not_read(attacked: Attacked) -> None:
    (attacked.outside / "topology.yaml").write_text(SECRET)
    (attacked.folder / "infra").symlink_to(attacked.outside)

    ran = attacked.run("validate", "-t", "infra/topology.yaml")

    assert ran.code == 1
    assert "ghp_" not in ran.out + ran.err


def test_a_link_inside_the_project_is_followed(attacked: Attacked) -> None:
    (attacked.folder / "topology.yaml").rename(attacked.folder / "estate.yaml")
    (attacked.folder / "topology.yaml").symlink_to("estate.yaml")

    assert attacked.run("validate").code == 0


@pytest.mark.parametrize("option", ["--plan", "--state"])
def test_a_linked_plan_is_not_read(attacked: Attacked, option: str) -> None:
    (attacked.folder / "plan.json").symlink_to(attacked.outside / "credentials")

    ran = attacked.run("drift", option, "plan.json")

    assert ran.code == 1
    assert "leads out of the project" in ran.err


def test_a_linked_policy_is_not_read(attacked: Attacked) -> None:
    (attacked.folder / "p.json").symlink_to(attacked.outside / "credentials")

    ran = attacked.run("check", "--policy", "registry:111122223333/eu-west-1=p.json")

    assert ran.code == 1
    assert "ghp_" not in ran.out + ran.err


def test_what_git_keeps_for_itself_is_not_included(attacked: Attacked) -> None:
    (attacked.folder / ".git" / "extra").write_text(SECRET)
    topology = attacked.folder / "topology.yaml"
    topology.write_text(topology.read_text() + "include: [.git/extra]\n")

    ran = attacked.run("validate")

    assert ran.code == 2
    assert "ghp_" not in ran.out + ran.err


@pytest.mark.parametrize("name", ["topology.yaml", "forebay-ignore.yaml", "plan.json"])
def test_a_link_to_what_git_keeps_is_not_read(attacked: Attacked, name: str) -> None:
    (attacked.folder / ".git" / "extra").write_text(SECRET)
    (attacked.folder / name).unlink(missing_ok=True)
    (attacked.folder / name).symlink_to(".git/extra")
    plan = ("--plan", "plan.json") if name == "plan.json" else ()

    ran = attacked.run("drift", *plan)

    assert ran.code == 1
    assert "leads out of the project" in ran.err
    assert "ghp_" not in ran.out + ran.err


def test_no_report_replaces_what_git_keeps(attacked: Attacked) -> None:
    before = (attacked.folder / ".git" / "config").read_bytes()

    assert attacked.run("validate", "--report", "json=.git/config").code == 1
    assert (attacked.folder / ".git" / "config").read_bytes() == before


def test_a_manifest_of_countless_roots_is_not_followed(attacked: Attacked) -> None:
    manifest(attacked, "terraform/.forebay.json", roots=[f"r{number}" for number in range(30_000)])

    assert attacked.run("generate", "--check").code == 1


def test_an_output_folder_behind_a_link_is_refused(attacked: Attacked) -> None:
    attacked.git("rm", "-r", "--quiet", "terraform")
    (attacked.folder / "terraform").symlink_to(attacked.outside)

    for arguments in (("generate",), ("generate", "--out", "terraform/deep")):
        ran = attacked.run(*arguments)

        assert ran.code == 1
        assert "leads out of the project" in ran.err
    assert [path.name for path in attacked.outside.iterdir()] == ["credentials"]


@pytest.mark.parametrize("what", ["helm", "containerd"])
def test_an_export_behind_a_link_is_refused(attacked: Attacked, what: str) -> None:
    (attacked.folder / "out").symlink_to(attacked.outside)

    ran = attacked.run("export", what, "--registry", "main/eu-west-1", "--out", "out")

    assert ran.code == 1, ran.out + ran.err
    assert [path.name for path in attacked.outside.iterdir()] == ["credentials"]


def test_a_first_topology_and_an_import_go_through_no_link(attacked: Attacked) -> None:
    (attacked.folder / "new").symlink_to(attacked.outside)

    assert attacked.run("init", "-t", "new/topology.yaml").code == 1
    assert attacked.run("import", "--code", "terraform", "--out", "new/t.yaml").code == 1
    assert [path.name for path in attacked.outside.iterdir()] == ["credentials"]


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("topology.yaml", ("validate",)),
        ("forebay-ignore.yaml", ("check",)),
        ("terraform/.forebay.json", ("generate",)),
        ("terraform/main/main.tf", ("generate",)),
        ("plan.json", ("drift", "--plan", "plan.json")),
        ("state.json", ("check", "--state", "state.json")),
        ("p.json", ("check", "--policy", "registry:111122223333/eu-west-1=p.json")),
    ],
)
def test_a_pipe_that_nobody_writes_to_keeps_nobody_waiting(
    attacked: Attacked, name: str, arguments: tuple[str, ...]
) -> None:
    (attacked.folder / name).unlink(missing_ok=True)
    os.mkfifo(attacked.folder / name)

    ran = attacked.run(*arguments)

    assert ran.code == 1
    assert "bug" not in ran.err


def manifest(attacked: Attacked, name: str, **entries: object) -> None:
    file = attacked.folder / name
    document = json.loads(file.read_text())
    for key, entry in entries.items():
        if isinstance(entry, dict):
            document[key] = {**document[key], **entry}
        else:
            document[key] = entry
    file.write_text(json.dumps(document))


@pytest.mark.parametrize(
    "name",
    [
        "terraform.tfvars",
        "terraform.tfstate",
        "terraform.tfvars.json",
        "a.auto.tfvars",
        ".terraform/modules/modules.json",
        ".env",
        "main.tf.json",
        "main/../../../.git/config",
    ],
)
@pytest.mark.parametrize("arguments", [("--check",), ("--diff",), ("--force",), ()])
def test_a_manifest_names_only_files_that_are_generated(
    attacked: Attacked, name: str, arguments: tuple[str, ...]
) -> None:
    victim = attacked.folder / "terraform" / "shop" / name
    victim.parent.mkdir(parents=True, exist_ok=True)
    if not victim.exists():
        victim.write_text(SECRET)
    before = victim.read_bytes()
    manifest(attacked, "terraform/shop/.forebay.json", files={name: "0" * 64})

    ran = attacked.run("generate", *arguments)

    assert ran.code == 1
    assert "ghp_" not in ran.out + ran.err
    assert victim.read_bytes() == before


@pytest.mark.parametrize(
    "name",
    [".git/config", "handover/x/a.auto.tfvars.json", "modules/x/.terraform.lock.hcl", "a.tf"],
)
def test_the_manifest_of_the_output_folder_is_no_freer(attacked: Attacked, name: str) -> None:
    manifest(attacked, "terraform/.forebay.json", shared={name: "0" * 64})

    ran = attacked.run("generate", "--force")

    assert ran.code == 1
    assert "no file that `forebay generate` writes" in ran.err


@pytest.mark.parametrize(
    "entries",
    [
        {"account": "x\n::stop-commands::y"},
        {"account_id": "\x1b[2J"},
        {"rules": {"eu-west-1": {"quay": "x\n~~~~\n# all is well"}}},
        {"rules": {"eu-west-1": {"\ud800": "quay.io"}}},
        {"files": {"\ud800": "0" * 64}},
        {"files": {"main.tf": "\n"}},
    ],
)
def test_words_of_a_manifest_are_what_forebay_writes_or_nothing(
    attacked: Attacked, entries: dict[str, object]
) -> None:
    manifest(attacked, "terraform/shop/.forebay.json", **entries)

    ran = attacked.run("generate")

    assert ran.code == 1
    assert "a manifest cannot be used" in ran.err
    assert "bug" not in ran.err
    text = ran.out + ran.err
    assert not any(line.strip().startswith("::") for line in text.splitlines())
    assert "\x1b" not in text


@pytest.mark.skipif(os.name == "nt", reason="Windows has no /dev")
@pytest.mark.parametrize("stream", ["/dev/stdout", "/dev/fd/1", "/dev/stderr"])
def test_a_report_goes_to_a_stream_that_leads_to_a_file_of_the_project(
    attacked: Attacked, stream: str
) -> None:
    # The file holds what came before: a redirection is not opened anew.
    file = attacked.folder / "out.json"
    with file.open("w") as out:
        out.write("before\n")
        out.flush()
        done = subprocess.run(
            [sys.executable, "-m", "generator", "validate", "--report", f"json={stream}"],
            cwd=attacked.folder,
            stdout=out,
            stderr=out,
            check=False,
        )

    assert done.returncode == 0
    text = file.read_text()
    assert text.startswith("before\n")
    assert '"command": "validate"' in text


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no FIFOs")
@pytest.mark.parametrize(
    "arguments",
    [
        ("drift", "--live", "pipe"),
        ("drift", "--plan", "pipe"),
        ("check", "--policy", "registry:111122223333/eu-west-1=pipe"),
        ("plan", "pipe"),
    ],
)
def test_a_pipe_that_nobody_writes_to_is_refused(
    attacked: Attacked, arguments: tuple[str, ...]
) -> None:
    os.mkfifo(attacked.folder / "pipe")

    ran = attacked.run(*arguments)

    assert ran.code == 1
    assert "not an ordinary file" in ran.err


@pytest.mark.parametrize("name", [".env", ".npmrc", ".netrc", "id_rsa", "x.pem", ".aws/config"])
def test_a_file_of_credentials_is_no_part_of_a_topology(attacked: Attacked, name: str) -> None:
    file = attacked.folder / name
    file.parent.mkdir(exist_ok=True)
    file.write_text("token = do_not_print_me\n")
    topology = attacked.folder / "topology.yaml"
    topology.write_text(topology.read_text() + f'include: ["{name}"]\n')

    ran = attacked.run("validate")

    assert ran.code == 2
    assert "passwords or keys" in ran.out
    assert "do_not_print_me" not in ran.out + ran.err


def test_a_part_of_a_topology_may_be_called_credentials(attacked: Attacked) -> None:
    (attacked.folder / "credentials.yaml").write_text('accounts:\n  more: {id: "333344445555"}\n')
    topology = attacked.folder / "topology.yaml"
    topology.write_text(topology.read_text() + 'include: ["credentials.yaml"]\n')

    assert attacked.run("validate").code == 0
