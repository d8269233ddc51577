"""The GitHub action on a pull request: red at the right lines, green when mended, quiet otherwise."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import tomllib
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from action.action_runner import CHECKOUT, SHELL, ActionRun, run_action
from action.github_api import GitHub, serving
from action.seeded import repository, seed
from git_running import commit_all

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from e2e.project import Project

REPOSITORY = {"repo": {"full_name": "acme/platform"}}
EVENT: dict[str, Any] = {"pull_request": {"number": 7, "head": REPOSITORY}}
FROM_FORK: dict[str, Any] = {
    "pull_request": {"number": 7, "head": {"repo": {"full_name": "stranger/platform"}}}
}
MARKER = "<!-- forebay topology.yaml -->"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return repository(tmp_path / "repository")


@pytest.fixture
def github() -> Iterator[GitHub]:
    with serving(GitHub()) as served:
        yield served


def test_a_pull_request_with_drift_and_a_grant_too_many_goes_red_at_both_lines(
    project: Project, github: GitHub, tmp_path: Path
) -> None:
    grant_line, drift_line = seed(project)

    ran = run_action(
        project.folder,
        tmp_path,
        event=EVENT,
        api=github.url,
        inputs={"report-html": "forebay-pages"},
    )

    assert not ran.succeeded
    assert ran.step("Result").exit_code == 2
    assert ran.outputs["exit-code"] == "2"
    places = {
        (found["file"], line, found["rule"])
        for annotation in ran.annotations
        if (
            found := re.match(
                r"::error file=(?P<file>[^,]+),line=(?P<first>\d+),endLine=(?P<last>\d+),.*?"
                r"title=[^:]*\[(?P<rule>[a-z-]+)\]::",
                annotation,
            )
        )
        for line in range(int(found["first"]), int(found["last"]) + 1)
    }
    assert ("terraform/platform/main.tf", drift_line, "different") in places
    assert ("terraform/platform/access.tf", grant_line, "grant-undeclared") in places
    assert any("file=topology.yaml,line=1,title=Generated code" in line for line in ran.annotations)
    (comment,) = github.comments
    assert comment["body"].startswith(f"{MARKER}\n")
    for command in ("validate", "generate", "drift", "check"):
        assert f"### forebay {command}\n" in comment["body"]
        assert f"### forebay {command}\n" in ran.summary
        # Markdown takes a line right below HTML for more of it.
        for text in (comment["body"], ran.summary):
            assert f"\n\n### forebay {command}\n" in f"\n\n{with_markers_left_out(text)}"
    order = re.findall("### forebay (.*)", comment["body"])
    # Who gets what stands first.
    assert order == ["check", "validate", "generate", "drift"]
    # Each file that was edited is told once, with what the edit does inside.
    titles = [line for line in comment["body"].splitlines() if "edited by hand" in line]
    assert len(titles) == comment["body"].count("\nrule `edited-file`") == 2
    assert "may create repositories, import upstream images and pull images" in titles[0]
    assert (
        "The edit of <code>terraform/platform/access.tf</code> is told under `check`."
        in (comment["body"].partition("### forebay generate")[2])
    )
    for command in ("validate", "drift", "check"):
        for kind in ("json", "sarif"):
            file = tmp_path / "temp" / "forebay-reports" / f"{command}.{kind}"
            assert json.loads(file.read_text(encoding="utf-8"))
    reports = tmp_path / "temp" / "forebay-reports"
    kept = json.loads(ran.step("Keep the pages").output)
    assert (kept["name"], kept["path"]) == ("forebay-pages", f"{reports}/*.html")
    pages = {file.stem for file in reports.glob("*.html")}
    assert pages == {"validate", "drift", "check"}


def with_markers_left_out(text: str) -> str:
    """The text without the comments that nobody sees."""
    return re.sub(r"<!--.*?-->\n", "", text)


def test_the_fix_goes_green_and_the_same_comment_says_so(
    project: Project, github: GitHub, tmp_path: Path
) -> None:
    seed(project)
    run_action(project.folder, tmp_path, event=EVENT, api=github.url)
    assert project.forebay("generate", "--force").exit_code == 0

    ran = run_action(project.folder, tmp_path, event=EVENT, api=github.url)

    assert ran.succeeded
    assert [line for line in ran.annotations if not line.startswith("::notice")] == []
    (comment,) = github.comments
    assert "❌" not in comment["body"]
    assert comment["body"].count("✅") == 4


def test_an_unrelated_pull_request_stays_quiet(
    project: Project, github: GitHub, tmp_path: Path
) -> None:
    (project.folder / "README.md").write_text("about something else\n")

    ran = run_action(project.folder, tmp_path, event=EVENT, api=github.url)

    assert ran.succeeded
    assert [line for line in ran.annotations if not line.startswith("::notice")] == []
    assert github.comments == []
    assert "Keep the pages" not in [step.name for step in ran.steps]


def test_a_person_s_comment_is_never_taken_for_the_action_s_own(
    project: Project, github: GitHub, tmp_path: Path
) -> None:
    for number in range(150):
        github.add(f"{MARKER}\nI am number {number}", kind="User")
    own = github.add(f"{MARKER}\nold", kind="Bot")
    seed(project)

    run_action(
        project.folder, tmp_path, event=EVENT, api=github.url, inputs={"command": "generate"}
    )

    changed = [comment["id"] for comment in github.comments if "###" in comment["body"]]
    assert changed == [own]


def test_a_fork_without_rights_gets_the_same_result_and_no_comment(
    project: Project, github: GitHub, tmp_path: Path
) -> None:
    github.may_write = False
    seed(project)

    ran = run_action(
        project.folder,
        tmp_path,
        event=FROM_FORK,
        api=github.url,
        inputs={"command": "check", "upload-sarif": "true"},
    )

    assert ran.step("Comment on the pull request").exit_code == 0
    assert "may not write a comment" in ran.step("Comment on the pull request").output
    assert [step.name for step in ran.steps if "code scanning" in step.name] == []
    assert ran.step("Result").exit_code == 2
    assert "### forebay check" in ran.summary


def test_results_are_uploaded_to_code_scanning_where_that_is_wanted(
    project: Project, github: GitHub, tmp_path: Path
) -> None:
    ran = run_action(
        project.folder,
        tmp_path,
        event=EVENT,
        api=github.url,
        inputs={"command": "validate", "upload-sarif": "true"},
    )

    upload = json.loads(ran.step("Upload to code scanning").output)
    assert upload == {"sarif_file": str(tmp_path / "temp" / "forebay-reports")}


def test_an_error_is_worse_than_a_finding(project: Project, tmp_path: Path) -> None:
    seed(project)

    ran = run_action(
        project.folder,
        tmp_path,
        event={},
        event_name="push",
        inputs={"command": "drift validatee check"},
    )

    assert ran.step("Result").exit_code == 1
    assert "`validatee` is none of" in "\n".join(ran.annotations)
    assert "### forebay check" in ran.summary


def test_with_since_only_what_the_change_adds_fails_the_job(
    project: Project, tmp_path: Path
) -> None:
    seed(project)
    commit_all(project.folder)

    ran = run_action(
        project.folder,
        tmp_path,
        event={},
        event_name="push",
        inputs={"command": "check", "since": "HEAD"},
    )

    assert ran.succeeded, ran.steps


def test_inputs_are_words_and_never_shell(project: Project, tmp_path: Path) -> None:
    ran = run_action(
        project.folder,
        tmp_path,
        event={},
        event_name="push",
        inputs={"topology": "$(touch stolen).yaml; touch stolen", "command": "validate"},
    )

    assert ran.step("Result").exit_code == 1
    assert not (project.folder / "stolen").exists()


def test_a_comment_about_hundreds_of_results_counts_those_it_leaves_out(
    project: Project, github: GitHub, tmp_path: Path
) -> None:
    main = project.file("platform/main.tf")
    rules = [
        f'resource "aws_ecr_pull_through_cache_rule" "extra_{number}" {{\n'
        f'  ecr_repository_prefix = "extra-{number}"\n'
        '  upstream_registry_url = "quay.io"\n}\n'
        for number in range(400)
    ]
    main.write_text(main.read_text(encoding="utf-8") + "".join(rules))
    seed(project)

    run_action(project.folder, tmp_path, event=EVENT, api=github.url)

    (comment,) = github.comments
    assert len(comment["body"]) <= 65_000
    drift = comment["body"].partition("### forebay drift\n")[2]
    (counted,) = re.findall(r"^❌ (\d+) differences$", drift, re.MULTILINE)
    assert int(counted) > len(rules) > comment["body"].count("<details>")
    assert "This is too long for a comment: see the [summary of the job]" in drift
    for command in ("validate", "generate", "drift", "check"):
        assert f"### forebay {command}\n" in comment["body"]


@pytest.mark.slow
def test_the_action_installs_forebay_with_the_versions_of_the_lock_file(
    project: Project, tmp_path: Path
) -> None:
    def install() -> ActionRun:
        return run_action(
            project.folder,
            tmp_path,
            event={},
            event_name="push",
            inputs={"command": "validate"},
            install=True,
        )

    ran = install()

    assert ran.succeeded, ran.steps
    lock = (CHECKOUT / "uv.lock").read_text(encoding="utf-8")
    installed = {
        path.name.removesuffix(".dist-info").rsplit("-", 1)[0]
        for path in (tmp_path / "temp" / "forebay" / "environment").rglob("*.dist-info")
    }
    assert {"forebay", "click", "jinja2", "python_hcl2"} <= installed
    assert "moto" not in installed
    for path in (tmp_path / "temp" / "forebay" / "environment").rglob("click-*.dist-info"):
        version = path.name.removesuffix(".dist-info").rsplit("-", 1)[1]
        assert f'name = "click"\nversion = "{version}"' in lock

    made = tmp_path / "temp" / "forebay" / "made"
    before = made.stat().st_mtime_ns
    assert install().succeeded
    assert made.stat().st_mtime_ns == before, "it was installed already"


BACKEND = """\
import zipfile
def build_wheel(folder, config_settings=None, metadata_directory=None):
    with zipfile.ZipFile(f"{folder}/small-1-py3-none-any.whl", "w") as wheel:
        wheel.writestr("small-1.dist-info/METADATA", "Metadata-Version: 2.1\\nName: small\\nVersion: 1\\n")
        wheel.writestr("small-1.dist-info/WHEEL", "Wheel-Version: 1.0\\nTag: py3-none-any\\n")
        wheel.writestr("small-1.dist-info/RECORD", "")
    return "small-1-py3-none-any.whl"
"""


@pytest.mark.slow
def test_a_wheel_that_somebody_put_in_the_place_of_ours_is_not_installed(tmp_path: Path) -> None:
    good, content = tmp_path / "index" / "needed", b"Wheel-Version: 1.0\nTag: py3-none-any\n"
    action = tmp_path / "action"
    for folder in (good, action / ".github" / "action", tmp_path / "temp/forebay/wheels"):
        folder.mkdir(parents=True)
    name = "needed-1-py3-none-any.whl"
    for file, module in (
        (good / name, "ours"),
        (tmp_path / "temp/forebay/wheels" / name, "planted"),
    ):
        with zipfile.ZipFile(file, "w") as wheel:
            wheel.writestr(f"{module}.py", "")
            wheel.writestr(
                "needed-1.dist-info/METADATA", "Metadata-Version: 2.1\nName: needed\nVersion: 1\n"
            )
            wheel.writestr("needed-1.dist-info/WHEEL", content)
            wheel.writestr("needed-1.dist-info/RECORD", "")
    (good / "index.html").write_text(f'<a href="{name}">{name}</a>')
    digest = hashlib.sha256((good / name).read_bytes()).hexdigest()
    (action / ".github/action/requirements.txt").write_text(f"needed==1 --hash=sha256:{digest}\n")
    (action / "pyproject.toml").write_text(
        '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
    )
    (action / "backend.py").write_text(BACKEND)
    steps = yaml.safe_load((CHECKOUT / "action.yml").read_text(encoding="utf-8"))["runs"]["steps"]
    (step,) = [one for one in steps if one["name"] == "Install forebay"]

    subprocess.run(
        [*SHELL, step["run"]],
        env={
            **os.environ,
            "GITHUB_ACTION_PATH": str(action),
            "GITHUB_PATH": str(tmp_path / "path"),
            "KEY": "a key",
            "PIP_INDEX_URL": good.parent.as_uri(),
            "RUNNER_TEMP": str(tmp_path / "temp"),
        },
        check=True,
        capture_output=True,
    )

    installed = {file.name for file in (tmp_path / "temp/forebay/environment").rglob("*.py")}
    assert "ours.py" in installed
    assert "planted.py" not in installed
    assert (tmp_path / "temp/forebay/wheels" / name).read_bytes() == (good / name).read_bytes()


def test_what_the_action_installs_is_what_the_lock_file_has() -> None:
    lock = tomllib.loads((CHECKOUT / "uv.lock").read_text(encoding="utf-8"))
    hashes = {
        (package["name"], package["version"]): {
            file["hash"] for file in [*package.get("wheels", ()), package.get("sdist", {})] if file
        }
        for package in lock["package"]
        if "registry" in package["source"]
    }
    text = (CHECKOUT / ".github" / "action" / "requirements.txt").read_text(encoding="utf-8")
    wanted = {
        (name, version): set(re.findall(r"--hash=(\S+)", rest))
        for name, version, rest in re.findall(
            r"^(\S+)==(\S+)(.*?)(?=^\S|\Z)", text, re.MULTILINE | re.DOTALL
        )
    }

    assert len(wanted) > 15
    for one, found in wanted.items():
        assert found == hashes[one], f"{one}: run `make docs`"
    # What forebay imports, and all that those need.
    own = next(package for package in lock["package"] if package["name"] == "forebay")
    needed, waiting = set(), [one["name"] for one in own["dependencies"]]
    while waiting:
        name = waiting.pop()
        needed.add(name)
        (package,) = (one for one in lock["package"] if one["name"] == name)
        waiting += [one["name"] for one in package.get("dependencies", ()) if "marker" not in one]
    assert needed <= {name for name, _ in wanted}


def test_foreign_actions_are_pinned_by_their_commit() -> None:
    files = [CHECKOUT / "action.yml", *(CHECKOUT / "examples" / "ci").glob("github-*.yml")]
    used = [
        found
        for file in files
        for found in re.findall(r"uses: (\S+)", file.read_text(encoding="utf-8"))
    ]

    assert len(used) > 5
    for name in used:
        assert re.search(r"@([0-9a-f]{40}|COMMIT)$", name), name


def test_the_example_workflows_name_inputs_that_the_action_has() -> None:
    action = yaml.safe_load((CHECKOUT / "action.yml").read_text(encoding="utf-8"))
    for file in (CHECKOUT / "examples" / "ci").glob("github-*.yml"):
        workflow = yaml.safe_load(file.read_text(encoding="utf-8"))
        for job in workflow["jobs"].values():
            for step in job["steps"]:
                if str(step.get("uses", "")).startswith("OWNER/forebay@"):
                    assert set(step.get("with", {})) <= set(action["inputs"])
