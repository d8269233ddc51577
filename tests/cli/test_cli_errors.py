"""What stops a command: usage, files, Ctrl-C, bugs; and what each says where."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from cli_running import TOPOLOGY, forebay, write_topology

from generator.model.errors import ToolError


def break_reader(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    """Make the topology reader fail."""

    def failing(_path: Path) -> None:
        raise error

    monkeypatch.setattr("generator.topology.read_topology", failing)


@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense",),
        ("validate", "--nonsense"),
        ("validate", "--format", "xml"),
        ("validate", "extra"),
        ("validate", "--report", "json"),
        ("validate", "--report", "xml=a"),
        ("validate", "--report", "json="),
        ("validate", "--report", "json=a", "--report", "sarif=./a"),
        ("validate", "--fail-on", "terrible"),
        ("show", "--format", "sarif"),
        (),
    ],
)
def test_a_wrong_call_is_exit_code_1_with_words_on_stderr(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    ran = forebay(tmp_path, *arguments)

    assert ran.code == 1
    assert ran.out == ""
    assert "Usage: forebay" in ran.err


def test_help_and_version_are_exit_code_0(tmp_path: Path) -> None:
    for arguments in (("--help",), ("-h",), ("validate", "--help"), ("--version",)):
        ran = forebay(tmp_path, *arguments)

        assert (ran.code, ran.err) == (0, "")
        assert "forebay" in ran.out


def test_a_missing_topology_is_exit_code_1(tmp_path: Path) -> None:
    ran = forebay(tmp_path, "validate")

    assert ran.code == 1
    assert ran.out == ""
    assert ran.err.startswith("error: ")
    assert "topology.yaml" in ran.err


def test_the_json_document_is_printed_on_an_error_too(tmp_path: Path) -> None:
    ran = forebay(tmp_path, "validate", "--format", "json")

    assert ran.code == 1
    assert ran.document["summary"]["errors"] == 1
    assert ran.document["summary"]["exit_code"] == 1
    assert ran.document["results"][0]["kind"] == "error"
    assert "topology.yaml" in ran.document["results"][0]["message"]
    assert ran.err.startswith("error: ")


@pytest.mark.parametrize(
    ("command", "keys"),
    [
        ("generate", ("files", "interrupted_pulls")),
        ("show", ("registries", "rules", "grants", "roots")),
    ],
)
def test_on_an_error_the_commands_own_keys_are_there_and_empty(
    tmp_path: Path, command: str, keys: tuple[str, ...]
) -> None:
    document = forebay(tmp_path, command, "--format", "json").document

    assert [document[key] for key in keys] == [[]] * len(keys)


def test_the_sarif_log_says_that_the_run_failed(tmp_path: Path) -> None:
    ran = forebay(tmp_path, "validate", "--format", "sarif")

    invocation = ran.document["runs"][0]["invocations"][0]
    assert invocation["executionSuccessful"] is False
    assert invocation["exitCode"] == 1


def test_an_error_shows_summary_detail_and_commands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = ToolError("something is missing", "It is gone.\nMake it:", commands=("make it", "run"))
    break_reader(monkeypatch, error)

    ran = forebay(tmp_path, "validate")

    assert ran.err == (
        "error: something is missing\n  It is gone.\n  Make it:\n    make it\n    run\n"
    )


def test_exit_zero_does_not_hide_an_error(tmp_path: Path) -> None:
    assert forebay(tmp_path, "validate", "--exit-zero").code == 1


def test_a_bug_is_a_short_text_and_exit_code_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_reader(monkeypatch, KeyError("quay"))

    ran = forebay(tmp_path, "validate", "-t", "my file.yaml", "--format", "json")

    assert ran.code == 1
    assert ran.err.startswith("error: this is a bug in forebay\n  KeyError: 'quay'\n")
    assert "FOREBAY_DEBUG=1 forebay validate -t 'my file.yaml' --format json" in ran.err
    assert "Traceback" not in ran.err
    assert ran.document["results"][0]["title"] == "this is a bug in forebay"


def test_a_bug_shows_its_traceback_when_it_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_reader(monkeypatch, KeyError("quay"))
    monkeypatch.setenv("FOREBAY_DEBUG", "1")

    assert "Traceback" in forebay(tmp_path, "validate").err


def test_a_file_error_that_nobody_expected_is_no_bug(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_reader(monkeypatch, PermissionError(13, "Permission denied", "secret.yaml"))

    ran = forebay(tmp_path, "validate")

    assert ran.code == 1
    assert ran.err == (
        "error: a file cannot be read or written\n  `secret.yaml`: Permission denied.\n"
    )


def test_ctrl_c_is_exit_code_130(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    break_reader(monkeypatch, KeyboardInterrupt())

    ran = forebay(tmp_path, "validate", "--format", "json")

    assert ran.code == 130
    assert "error: interrupted" in ran.err
    assert ran.document["summary"]["exit_code"] == 130


def test_a_bug_while_reporting_a_bug_still_ends_with_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_arguments: object, **_options: object) -> str:
        raise RuntimeError("no report")

    monkeypatch.setattr("generator.cli.delivery.render", failing)
    write_topology(tmp_path)

    ran = forebay(tmp_path, "validate", "--format", "json")

    assert ran.code == 1
    assert "RuntimeError: no report" in ran.err


def test_a_working_folder_that_is_gone_is_an_error(tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    script = "import os, sys; os.rmdir(os.getcwd()); from generator.cli.main import run; "
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}

    ran = subprocess.run(
        [sys.executable, "-c", f"{script}sys.exit(run(['validate']))"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 1
    assert ran.stderr.startswith("error: the working folder cannot be read")


def test_a_reader_that_went_away_is_no_error(tmp_path: Path) -> None:
    write_topology(tmp_path)
    reading, writing = os.pipe()
    os.close(reading)

    ran = subprocess.run(
        [sys.executable, "-m", "generator", "validate"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writing)

    assert (ran.returncode, ran.stderr) == (0, "")


def test_a_misspelled_command_is_answered_with_the_likely_one(tmp_path: Path) -> None:
    ran = forebay(tmp_path, "vaildate")

    assert ran.code == 1
    assert "No such command 'vaildate'. Did you mean `validate`?" in ran.err


def program(folder: Path, line: str) -> subprocess.CompletedProcess[str]:
    """Run a line of shell in which `"$@"` is the program."""
    return subprocess.run(
        ["sh", "-c", line, "sh", sys.executable, "-m", "generator"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_stdout_that_the_caller_closed_is_no_error(tmp_path: Path) -> None:
    write_topology(tmp_path)

    ran = program(tmp_path, '"$@" validate --format json --report json=out.json >&-')

    assert (ran.returncode, ran.stderr) == (0, "")
    assert json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))["results"] == []


def test_an_error_without_a_stderr_keeps_its_exit_code(tmp_path: Path) -> None:
    assert program(tmp_path, '"$@" validate 2>&-').returncode == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full, which Linux has")
@pytest.mark.parametrize("arguments", ["validate", "validate --format json", "schema"])
def test_a_result_that_cannot_be_printed_is_an_error(tmp_path: Path, arguments: str) -> None:
    write_topology(tmp_path)

    ran = program(tmp_path, f'"$@" {arguments} >/dev/full')

    assert ran.returncode == 1
    assert ran.stderr.startswith("error: the result cannot be written\n")
    assert "Exception" not in ran.stderr


def test_the_json_document_survives_a_terminal_that_knows_only_ascii(tmp_path: Path) -> None:
    write_topology(tmp_path, 'version: "übel"\n')

    ran = subprocess.run(
        [sys.executable, "-m", "generator", "validate", "--format", "json"],
        cwd=tmp_path,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
            "PYTHONIOENCODING": "ascii",
        },
        capture_output=True,
        check=False,
    )

    assert ran.returncode == 2
    assert "übel" in "".join(result["message"] for result in json.loads(ran.stdout)["results"])


def test_an_error_about_a_file_has_its_place(tmp_path: Path) -> None:
    (tmp_path / "topology.yaml").write_text("version: 1\naccounts: {main: [\n")

    broken = forebay(tmp_path, "validate", "--format", "json").document["results"][0]

    assert (broken["location"]["file"], broken["location"]["line"]) == ("topology.yaml", 3)
    (tmp_path / "topology.yaml").write_text(TOPOLOGY)
    assert forebay(tmp_path, "generate").code == 0
    (tmp_path / "forebay-ignore.yaml").write_text("version: 1\nignore: [")
    ignored = forebay(tmp_path, "drift", "--format", "json").document["results"][0]
    assert ignored["location"]["file"] == "forebay-ignore.yaml"
    (tmp_path / "forebay-ignore.yaml").unlink()
    (tmp_path / "terraform" / ".forebay.json").write_text("{")
    manifest = forebay(tmp_path, "generate", "--format", "json").document["results"][0]
    assert manifest["location"]["file"] == "terraform/.forebay.json"


def test_an_error_about_a_folder_has_its_place(tmp_path: Path) -> None:
    (tmp_path / "topology.yaml").mkdir()
    (tmp_path / "plan.json").mkdir()

    topology = forebay(tmp_path, "validate", "--format", "json").document["results"][0]
    plan = forebay(
        tmp_path, "check", "--no-topology", "--plan", "plan.json", "--format", "json"
    ).document["results"][0]

    assert topology["location"]["file"] == "topology.yaml"
    assert plan["location"]["file"] == "plan.json"


def test_an_error_about_a_name_has_no_file_of_that_name_for_a_place(tmp_path: Path) -> None:
    (tmp_path / "topology.yaml").write_text(TOPOLOGY)
    (tmp_path / "nobody").mkdir()

    ran = forebay(tmp_path, "snapshot", "--account", "nobody", "--out", "s", "--format", "json")

    assert ran.code == 1
    assert [result["location"] for result in ran.document["results"]] == [None]


def test_a_topology_that_is_not_found_says_the_next_step(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    below = tmp_path / "live" / "shop"
    below.mkdir(parents=True)

    assert "or begin one with `forebay init`" in forebay(below, "validate").err
    (tmp_path / "topology.yml").write_text(TOPOLOGY)
    assert "name it with `--topology topology.yml`" in forebay(tmp_path, "validate").err
    (tmp_path / "topology.yml").rename(tmp_path / "topology.yaml")
    assert "name it with `--topology ../../topology.yaml`" in forebay(below, "validate").err
    named = forebay(tmp_path, "validate", "topology.yaml")
    assert (named.code, "`--topology FILE`" in named.err) == (1, True)


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    (tmp_path / "topology.yaml").write_text(TOPOLOGY)

    ran = forebay(tmp_path, "generate", "--dry-run")

    assert ran.code == 2
    assert "would be created" in ran.out
    assert not (tmp_path / "terraform").exists()


TWO_LINES = "a\nyes: b"


@pytest.mark.parametrize(
    "words",
    [
        ("can", TWO_LINES, "pull", "nginx"),
        ("can", f"111122223333/{TWO_LINES}", "pull", "nginx"),
        ("can", "ci", "pull", "nginx", "--plan", TWO_LINES),
        ("generate", "--out", TWO_LINES),
        ("init", f"--topology={TWO_LINES}"),
        ("snapshot", "--account", TWO_LINES),
        ("uri", TWO_LINES),
    ],
)
def test_no_name_brings_a_line_of_its_own(tmp_path: Path, words: tuple[str, ...]) -> None:
    write_topology(tmp_path)

    ran = forebay(tmp_path, *words)

    assert ran.code == 1
    assert ran.out == ""
    assert "holds a line break" in ran.err
    assert not any(line.lstrip().startswith("yes:") for line in ran.err.splitlines())
    assert [file.name for file in tmp_path.iterdir()] == ["topology.yaml"]


def test_a_text_may_have_several_lines(tmp_path: Path) -> None:
    write_topology(tmp_path)

    ran = forebay(tmp_path, "doctor", "--explain", "pull failed:\ntoomanyrequests: slow down")

    assert "line break" not in ran.err
