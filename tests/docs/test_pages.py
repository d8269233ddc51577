"""The pages under docs/: their topologies are valid, their commands run, their links lead somewhere."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from action.action_runner import forebay_on_path
from e2e.project import Project
from e2e.running_estates import HAND_WRITTEN, fill_platform, fill_shop
from generator.disk.checkout import OF_JOBS
from git_running import commit_all, git

if TYPE_CHECKING:
    from collections.abc import Iterator

    from botocore.model import ServiceModel

    from localaws.local import LocalAws
    from terraform.fixtures import TerraformFactory

CHECKOUT = Path(__file__).parents[2]
DOCS = CHECKOUT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
# The manuals of the rules have bad examples too; tests/rules runs them.
TOURS = [page for page in PAGES if page.parent.name != "rules"]
HOST = re.compile(r"\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com")


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A fenced block of a page."""

    language: str
    text: str


def blocks(page: Path) -> list[Block]:
    return blocks_of(page.read_text(encoding="utf-8"))


def blocks_of(text: str) -> list[Block]:
    found = re.findall(r"^```(\w+)\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return [Block(language=language, text=text) for language, text in found]


def command_lines(block: Block) -> Iterator[tuple[list[list[str]], str]]:
    """Each command of a shell block as the words of its pipeline, with the comment behind it."""
    text = re.sub(r"(\\|\|)\n\s*", lambda end: "" if end[1] == "\\" else "| ", block.text)
    for line in filter(str.strip, text.splitlines()):
        command, _, comment = line.partition("  #")
        yield [shlex.split(part) for part in command.split(" | ")], comment.strip()


def test_every_block_says_what_language_it_is_in() -> None:
    for page in TOURS:
        fences = re.findall(r"^```(.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
        assert all(fences[::2]), page


@pytest.mark.parametrize(
    "page",
    # What asks AWS is run in the local one, below.
    [page for page in TOURS if page.name not in {"live.md", "adopting.md"}],
    ids=lambda page: str(page.relative_to(DOCS)),
)
def test_the_topologies_and_commands_of_a_page_work(page: Path, tmp_path: Path) -> None:
    project: Project | None = None
    number = 0
    for block in blocks(page):
        if block.language == "yaml" and is_topology(block.text):
            number += 1
            folder = tmp_path / str(number)
            folder.mkdir()
            (folder / "topology.yaml").write_text(block.text, encoding="utf-8")
            project = Project(folder=folder)
            done = project.forebay("validate")
            assert done.exit_code == 0, (page, done.stdout)
        elif block.language == "yaml":
            assert yaml.safe_load(block.text) is not None
        elif block.language == "sh":
            if "terraform -chdir=terraform/shop plan" in block.text:
                continue  # run as a whole, below
            for pipeline, comment in command_lines(block):
                for words in pipeline:
                    run_or_check(words, comment, project or of_readme(tmp_path), page)


def test_the_commands_of_the_page_about_aws_work(
    tmp_path: Path, local_aws: LocalAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = of_readme(tmp_path)
    local_aws.seed(project.folder / "topology.yaml")
    for name, value in local_aws.environment("999988887777").items():
        monkeypatch.setenv(name, value)
    page = DOCS / "how-to/live.md"
    for block in blocks(page):
        if block.language == "sh":
            for pipeline, comment in command_lines(block):
                for words in pipeline:
                    run_or_check(words, comment, project, page)


@pytest.mark.slow
@pytest.mark.parametrize("section", ["With Terraform code", "Without Terraform"])
def test_the_ways_to_take_an_estate_over_work(
    section: str, tmp_path: Path, local_aws: LocalAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, text in HAND_WRITTEN.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    fill_platform(local_aws)
    fill_shop(local_aws)
    for name, value in local_aws.environment("999988887777").items():
        monkeypatch.setenv(name, value)
    page = DOCS / "tutorials/adopting.md"
    _, _, after = page.read_text(encoding="utf-8").partition(f"\n## {section}\n")
    found = blocks_of(after.partition("\n## ")[0])

    assert len(found) == 2
    for block in found:
        for pipeline, comment in command_lines(block):
            for words in pipeline:
                run_or_check(words, comment, Project(folder=tmp_path), page)


@pytest.mark.slow
def test_the_plan_and_the_state_of_a_root_can_be_given_to_drift_and_check(
    tmp_path: Path,
    terraform_factory: TerraformFactory,
    terraform_program: tuple[str, ...],
    local_aws: LocalAws,
) -> None:
    (block,) = [one for one in blocks(DOCS / "how-to/plans-and-states.md") if one.language == "sh"]
    project = of_readme(tmp_path)
    terraform = terraform_factory(project.file("shop"), account="222233334444")
    terraform.init()
    terraform.apply()
    programs = forebay_on_path(tmp_path)
    shim = programs / "terraform"
    shim.write_text(f'#!/bin/sh\nexec {shlex.join(terraform_program)} "$@"\n')
    shim.chmod(0o755)

    done = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", block.text],
        cwd=project.folder,
        env={**terraform.environment, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count(": nothing to report") + done.stdout.count("note") >= 3


def is_topology(text: str) -> bool:
    """Whether it is a whole topology, not a part of one that is shown for itself."""
    return text.startswith("version: 1\n") and "\nregistries:" in text and "include:" not in text


def of_readme(folder: Path) -> Project:
    """A project for pages that show commands but no topology: the one of the README's tour."""
    project = Project(folder=folder / "tour")
    if not project.folder.exists():
        project.folder.mkdir()
        (topology,) = [
            block.text for block in blocks(CHECKOUT / "README.md") if block.language == "yaml"
        ]
        (project.folder / "topology.yaml").write_text(topology, encoding="utf-8")
        assert project.forebay("generate").exit_code == 0
        commit_all(project.folder)
        git(project.folder, "update-ref", "refs/remotes/origin/main", "HEAD")
    return project


def run_or_check(words: list[str], comment: str, project: Project, page: Path) -> None:
    """Run a command of ours; of another program, check what can be checked without it."""
    match words:
        case ["forebay", *arguments]:
            done = project.forebay(*arguments)
            said = re.fullmatch(r"exit code (\d)", comment)
            expected = int(said[1]) if said else 0
            assert done.exit_code == expected, (page, words, done.stdout, done.stderr)
            if HOST.match(comment):
                assert done.stdout == f"{comment}\n"
        case ["aws", service, operation, *options]:
            check_call(service, operation, options)
        case ["docker", "login", "--username", "AWS", "--password-stdin", host]:
            assert HOST.fullmatch(host)
        case ["docker", "pull", image]:
            # A cached name is its own cached name, where the topology has the cache.
            assert project.forebay("uri", image).stdout == f"{image}\n"
        case ["terraform" | "tofu", chdir, "init" | "plan" | "apply"]:
            root = chdir.removeprefix("-chdir=terraform/")
            assert root in project.roots
            assert project.file(root).is_dir()
        case ["git", *_] if page.name == "merging.md":
            pass  # tests/delivery runs the page as a whole
        case ["pipx", "install", "."]:
            assert (CHECKOUT / "pyproject.toml").exists()
        case ["make", target]:
            assert re.search(rf"^{target}:", (CHECKOUT / "Makefile").read_text(), re.MULTILINE)
        case _:
            pytest.fail(f"{page}: nobody checks `{shlex.join(words)}`")


def check_call(service: str, operation: str, options: list[str]) -> None:
    """A call of the AWS command line: the operation and its options are in the service's model."""
    if (service, operation) == ("ecr", "get-login-password"):
        assert options[::2] == ["--region"]
        return
    model = service_model(service)
    name = next(
        name for name in model.operation_names if name.lower() == operation.replace("-", "")
    )
    shape = model.operation_model(name).input_shape
    known = {re.sub(r"(?<!^)(?=[A-Z])", "-", member).lower(): member for member in shape.members}
    given = {option.removeprefix("--") for option in options[::2]} - {"region"}
    assert given <= set(known), given - set(known)
    # What is required but made by the command line itself: a token against doing it twice.
    missing = set(shape.required_members) - {known[name] for name in given}
    assert missing <= {"ClientRequestToken"}, missing


@cache
def service_model(service: str) -> ServiceModel:
    import botocore.session

    return botocore.session.get_session().get_service_model(service)


def test_the_page_about_the_environment_has_every_variable_that_is_read() -> None:
    page = (DOCS / "reference" / "environment.md").read_text(encoding="utf-8")
    read = {
        name
        for file in (CHECKOUT / "generator").rglob("*.py")
        for name in re.findall(
            r"environ(?:ment)?(?:\.get\(|\[)\"([A-Z_]+)\"", file.read_text(encoding="utf-8")
        )
    }

    assert {"FOREBAY_EXTERNAL_ID", "XDG_CACHE_HOME", "CI"} <= read
    assert [name for name in sorted({*read, *OF_JOBS}) if f"`{name}`" not in page] == []


def test_the_page_about_the_picture_has_the_picture_of_its_topology(tmp_path: Path) -> None:
    found = blocks(DOCS / "reference" / "map.md")
    (topology,) = [block.text for block in found if block.language == "yaml"]
    (tmp_path / "topology.yaml").write_text(topology, encoding="utf-8")
    drawn = Project(folder=tmp_path).forebay("show", "--format", "mermaid")

    assert [block.text for block in found if block.language == "mermaid"] == [drawn.stdout]


@pytest.fixture(scope="module")
def tour(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The project of the README's tour, for commands that leave it as it is."""
    return of_readme(tmp_path_factory.mktemp("tour"))


@pytest.mark.parametrize(
    "command",
    [
        "show",
        "generate --check",
        "check",
        "check --since HEAD",
        "can shop-nodes pull nginx:1",
        (
            "replay --as arn:aws:iam::222233334444:role/x --action ecr:CreateRepository"
            " --resource arn:aws:ecr:eu-west-1:111122223333:repository/docker-hub/x"
        ),
        "uri nginx:1",
        "export json",
        "policies reader",
        "import --code terraform",
        "init --example list",
        "init -t another.yaml",
        "doctor --explain 'name unknown'",
        "rules since",
        "explain 3",
    ],
)
def test_the_page_about_json_has_every_key_of_a_document(command: str, tour: Project) -> None:
    text = (DOCS / "reference" / "json.md").read_text(encoding="utf-8")
    done = tour.forebay(*shlex.split(command), "--format", "json")
    document = json.loads(done.stdout)
    row = text.partition(f"\n| `{document['command']}` |")[2].partition("\n| `")[0]

    own = set(document) - {"version", "command", "summary", "results"}
    assert own
    assert [key for key in own if f"`{key}`" not in row] == []
    assert [key for key in document["summary"] if f'"{key}"' not in text] == []
    for result in document["results"]:
        assert [key for key in result if f'"{key}"' not in text] == []
    for value in map(document.get, own - {"export", "pull", "walk"}):
        first = value[0] if isinstance(value, list) and value else value
        if isinstance(first, dict) and command != "export json":
            assert [key for key in first if f"`{key}`" not in text] == []


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {
        re.sub(r"[^\w\- ]", "", heading.replace("`", "").lower()).replace(" ", "-")
        for heading in headings
    }


@pytest.mark.parametrize(
    "page", [CHECKOUT / "README.md", *PAGES], ids=lambda page: str(page.relative_to(CHECKOUT))
)
def test_the_links_of_a_page_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if re.match(r"https?://", target):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), (page, target)
        if anchor:
            assert anchor in anchors(file), (page, target)


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached: set[Path] = set()
    waiting = [CHECKOUT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in reached or page.suffix != ".md" or not page.is_file():
            continue
        reached.add(page)
        text = page.read_text(encoding="utf-8")
        waiting += [
            (page.parent / target).resolve()
            for target in re.findall(r"\]\(([^)#\s]+)", text)
            if "://" not in target
        ]

    assert set(PAGES) <= reached


def test_the_hooks_that_the_documents_name_exist() -> None:
    hooks = {
        hook["id"] for hook in yaml.safe_load((CHECKOUT / ".pre-commit-hooks.yaml").read_text())
    }
    named = set(
        re.findall(r"id: (forebay-\w+)", (DOCS / "how-to/ci.md").read_text(encoding="utf-8"))
    )

    assert named == hooks
