"""The action's own shell: paths, words and surroundings that a stranger chose do nothing but fail."""

from __future__ import annotations

import os
import re
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from action.action_runner import CHECKOUT, SHELL, run_action
from action.github_api import GitHub, serving
from action.seeded import TOPOLOGY, repository

if TYPE_CHECKING:
    from pathlib import Path

EVENT: dict[str, Any] = {"pull_request": {"number": 7, "head": {"repo": {"full_name": "a/b"}}}}
ORDER = re.compile(r"::(error|warning|notice|debug)( [^\n]*?)?::")
STUB = (
    '#!/bin/sh\nprintf "%s\\n" "$@" > "$SEEN/words"\nenv > "$SEEN/env"\nexit "${CODE_OF_STUB:-0}"\n'
)


def orders(text: str) -> list[str]:
    """The lines that GitHub's runner takes for commands; it ends a line at a carriage return, too."""
    lines = [line.strip() for line in re.split(r"\r\n|\n|\r", text)]
    return [line for line in lines if line.startswith("::") or "##[" in line]


def run_step(
    folder: Path, tmp_path: Path, *, code: int = 0, **given: str
) -> subprocess.CompletedProcess[str]:
    """The step that runs forebay, by a real bash, with a program in its place that notes how it is called."""
    action = yaml.safe_load((CHECKOUT / "action.yml").read_text(encoding="utf-8"))
    (step,) = [one for one in action["runs"]["steps"] if one.get("id") == "run"]
    programs = tmp_path / "programs"
    programs.mkdir(exist_ok=True)
    (programs / "forebay").write_text(STUB)
    (programs / "forebay").chmod(0o755)
    inputs = dict.fromkeys(("CODE", "SINCE", "COMMAND", "PAGES"), "")
    inputs |= {"TOPOLOGY": "topology.yaml", "FAIL_ON": "low", "TIMEOUT": "9", **given}
    for name in ("output", "summary"):
        (tmp_path / name).write_text("")
    return subprocess.run(
        [*SHELL, step["run"]],
        cwd=folder,
        env={
            **os.environ,
            **inputs,
            "CODE_OF_STUB": str(code),
            "GITHUB_OUTPUT": str(tmp_path / "output"),
            "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"),
            "PATH": f"{programs}:{os.environ['PATH']}",
            "RUNNER_TEMP": str(tmp_path),
            "SEEN": str(tmp_path),
        },
        capture_output=True,
        text=True,
        check=False,
    )


PATHS = (
    "a\n::stop-commands::x/topology.yaml",
    "a\r::add-mask::x",
    "x,line=9,title=all is well::nothing to see",
    "%0A::set-output name=exit-code::0",
    "a##[error]b",
    "$(touch stolen)`touch stolen`",
    "'\"; touch stolen; #",
    "-h",
    "* ?",
)


@pytest.mark.parametrize("path", PATHS)
def test_a_path_ends_no_annotation_and_is_one_word(tmp_path: Path, path: str) -> None:
    folder = tmp_path / "checkout"
    folder.mkdir()

    ran = run_step(folder, tmp_path, code=2, COMMAND="generate", TOPOLOGY=path, CODE=path)

    assert ran.stderr == ""
    (order,) = orders(ran.stdout)
    assert ORDER.match(order)
    assert order.endswith(
        ",line=1,title=Generated code is not up to date::Run forebay generate and commit what it writes."
    )
    assert order.count(",line=") == 1
    words = (tmp_path / "words").read_bytes()
    assert words.startswith(f"generate\n-t\n{path}\n--out\n{path}\n".encode())
    assert not (folder / "stolen").exists()
    assert (tmp_path / "output").read_text().splitlines()[:2] == ["tell=true", "exit-code=2"]


@pytest.mark.parametrize(
    "command",
    ["$(touch stolen)", "x\r::stop-commands::y", "*", "::set-env", "%0A::error::x", "##[x]"],
)
def test_a_word_that_is_no_command_is_an_error_and_nothing_else(
    tmp_path: Path, command: str
) -> None:
    folder = tmp_path / "checkout"
    folder.mkdir()
    # The names of the checkout's files are no commands.
    (folder / "check").write_text("")

    ran = run_step(folder, tmp_path, COMMAND=command)

    for order in orders(ran.stdout):
        assert re.fullmatch(r"::error title=forebay::`[\w?-]*` is none of [a-z, ]+\.", order)
    assert orders(ran.stdout)
    assert not (folder / "stolen").exists()
    assert not (tmp_path / "words").exists()
    assert "exit-code=1\n" in (tmp_path / "output").read_text()


def test_python_takes_no_module_from_where_the_job_points_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP"):
        monkeypatch.setenv(name, str(tmp_path))

    run_step(tmp_path, tmp_path, COMMAND="check")

    seen = (tmp_path / "env").read_text().splitlines()
    assert "PYTHONSAFEPATH=1" in seen
    assert not [line for line in seen if line.startswith(("PYTHONPATH", "PYTHONHOME"))]


@pytest.mark.parametrize(
    ("ref", "cache", "is_cached"),
    [
        ("refs/heads/main", "true", True),
        ("refs/heads/main", "false", False),
        ("refs/pull/7/merge", "true", False),
        ("refs/heads/main-2", "true", False),
        ("refs/tags/main", "true", False),
    ],
)
def test_only_the_default_branch_has_a_cache(
    tmp_path: Path, ref: str, cache: str, *, is_cached: bool
) -> None:
    action = yaml.safe_load((CHECKOUT / "action.yml").read_text(encoding="utf-8"))
    name, kept, *_ = action["runs"]["steps"]
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    (checkout / "hashlib.py").write_text("raise SystemExit('a stranger runs')")

    subprocess.run(
        [*SHELL, name["run"]],
        cwd=checkout,
        env={
            **os.environ,
            "CACHE": cache,
            "DEFAULT_BRANCH": "main",
            "GITHUB_ACTION_PATH": str(CHECKOUT),
            "GITHUB_OUTPUT": str(tmp_path / "output"),
            "GITHUB_REF": ref,
            "PYTHONPATH": str(checkout),
            "RUNNER_TEMP": str(tmp_path),
        },
        check=True,
    )

    key, cached = (tmp_path / "output").read_text().splitlines()
    assert re.fullmatch(r"key=forebay-wheels-cpython-3\d+-[\w.-]+-[0-9a-f]{32}", key)
    assert cached == f"cached={str(is_cached).lower()}"
    assert kept["if"] == "${{ steps.install.outputs.cached == 'true' }}"
    assert "restore-keys" not in kept["with"]


def test_no_result_of_a_command_changes_another_s(tmp_path: Path) -> None:
    ran = run_step(tmp_path, tmp_path, code=3, COMMAND="check drift")

    assert ran.returncode == 0
    assert "exit-code=3\n" in (tmp_path / "output").read_text()


@pytest.mark.parametrize("name", ["a --> <img src=x> @org", "--\n# ok"])
def test_a_path_leaves_no_comment(tmp_path: Path, name: str) -> None:
    project = repository(tmp_path / "repository")
    (project.folder / name).mkdir()
    (project.folder / name / "topology.yaml").write_text(TOPOLOGY.replace("pull}", "push}"))
    path = f"{name}/topology.yaml"

    with serving(GitHub()) as github:
        run_action(
            project.folder,
            tmp_path,
            event=EVENT,
            api=github.url,
            inputs={"topology": path, "command": "validate"},
        )

    (comment,) = github.comments
    first, _, rest = comment["body"].partition("\n")
    assert re.fullmatch(r"<!-- forebay [\w./ @+=-]+ -->", first)
    assert "--" not in first.removeprefix("<!-- ").removesuffix(" -->")
    outside = re.sub(r"(?ms)^```$.*?^```$|`[^`\n]*`", "", rest)
    assert "<img" not in outside
    assert "\n# ok" not in rest


def test_paths_that_look_alike_have_a_comment_each(tmp_path: Path) -> None:
    project = repository(tmp_path / "repository")

    with serving(GitHub()) as github:
        for path in ("a<.yaml", "a>.yaml"):
            (project.folder / path).write_text(TOPOLOGY.replace("pull}", "push}"))
            run_action(
                project.folder,
                tmp_path,
                event=EVENT,
                api=github.url,
                inputs={"topology": path, "command": "validate"},
            )

    assert len(github.comments) == 2
