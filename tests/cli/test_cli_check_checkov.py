"""`check --checkov`: checkov's results beside ours, each problem once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cli_running import Ran, forebay

if TYPE_CHECKING:
    from collections.abc import Callable

TOPOLOGY = """\
version: 1
defaults: {regions: [eu-west-1]}
accounts:
  main: {id: "111122223333"}
registries:
  main: {caches: {quay: {}}}
"""
CODE = """\
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111122223333"]
}

resource "aws_ecr_repository_policy" "open" {
  repository = "quay/a"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = "*", Action = "ecr:BatchGetImage" }]
  })
}

resource "aws_ecr_repository" "plain" {
  name = "quay/a"
}
"""


def written(folder: Path) -> Path:
    (folder / "topology.yaml").write_text(TOPOLOGY, encoding="utf-8")
    (folder / "terraform").mkdir()
    (folder / "terraform" / "main.tf").write_text(CODE, encoding="utf-8")
    return folder


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return written(tmp_path)


@pytest.fixture
def stand_in(tmp_path: Path) -> Callable[[str], str]:
    """Makes a program that writes what a broken or hostile checkov might write."""

    def make(answer: str) -> str:
        program = tmp_path / "stand-in-checkov"
        program.write_text(
            f"#!{sys.executable}\n"
            "import pathlib, sys\n"
            "folder = pathlib.Path(sys.argv[sys.argv.index('--output-file-path') + 1])\n"
            f"(folder / 'results_json.json').write_text({answer!r})\n"
            "print('last words', file=sys.stderr)\n",
            encoding="utf-8",
        )
        program.chmod(0o755)
        return str(program)

    return make


def check(project: Path, *options: str) -> Ran:
    return forebay(project, "check", "--format", "json", *options)


def of_checkov(ran: Ran) -> list[dict[str, object]]:
    return [result for result in ran.document["results"] if result["rule"] == "checkov"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A project with settings that would have checkov run its code, judged without checkov and with it."""

    project: Path
    alone: Ran
    beside_checkov: Ran


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory, checkov: str) -> Judged:
    project = written(tmp_path_factory.mktemp("judged"))
    checks = project / "terraform" / "checks"
    checks.mkdir()
    (checks / "__init__.py").write_text(
        f"open({str(project / 'ran')!r}, 'w').close()\n", encoding="utf-8"
    )
    for folder in (project, project / "terraform"):
        (folder / ".checkov.yaml").write_text(
            f"external-checks-dir: [{checks}]\n", encoding="utf-8"
        )
    alone = check(project)
    return Judged(project=project, alone=alone, beside_checkov=check(project, "--checkov", checkov))


@pytest.mark.slow
def test_checkov_adds_what_we_do_not_say_and_repeats_nothing(judged: Judged) -> None:
    alone, ran = judged.alone, judged.beside_checkov

    ours = [result for result in ran.document["results"] if result["rule"] != "checkov"]
    titles = [str(result["title"]) for result in of_checkov(ran)]
    assert ours == alone.document["results"]
    assert any(title.startswith("CKV_AWS_163:") for title in titles), titles
    assert not any(title.startswith("CKV_AWS_32:") for title in titles), titles
    (note,) = [result for result in of_checkov(ran) if result["severity"] == "info"]
    assert "1 of them are said by findings of forebay already" in str(note["message"])
    failed = next(result for result in of_checkov(ran) if "CKV_AWS_163" in str(result["title"]))
    assert failed["address"] == "aws_ecr_repository.plain"
    location = failed["location"]
    assert isinstance(location, dict)
    assert (location["file"], location["line"]) == ("terraform/main.tf", 14)


@pytest.mark.slow
def test_a_file_that_checkov_cannot_read_is_an_error(project: Path, checkov: str) -> None:
    (project / "terraform" / "broken.tf").write_text('resource "x" {', encoding="utf-8")

    ran = check(project, "--checkov", checkov)

    assert ran.code == 1
    assert any(
        result["kind"] == "error" and "broken.tf" in str(result["message"])
        for result in of_checkov(ran)
    )


@pytest.mark.slow
def test_settings_in_the_code_run_nothing(judged: Judged) -> None:
    assert of_checkov(judged.beside_checkov)
    assert not (judged.project / "ran").exists()


def test_a_checkov_that_is_not_there_says_how_to_install_it(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(project))

    ran = forebay(project, "check", "--checkov")

    assert ran.code == 1
    assert "uv tool install checkov" in ran.err
    assert "no program `checkov`" in ran.err


@pytest.mark.parametrize(
    "answer",
    ["", "nonsense", "[" * 100_000, "3", "[]", '"text"'],
    ids=["nothing", "no JSON", "deep", "a number", "no report", "a text"],
)
def test_an_answer_that_is_none_is_an_error(
    project: Path, stand_in: Callable[[str], str], answer: str
) -> None:
    ran = forebay(project, "check", "--checkov", stand_in(answer))

    assert ran.code == 1
    assert "checkov gave no answer" in ran.err


def test_strange_values_in_an_answer_are_left_out(
    project: Path, stand_in: Callable[[str], str]
) -> None:
    entry = {
        "check_id": "CKV_X",
        "check_name": "\x1b[2Jname",
        "resource": 7,
        "severity": ["HIGH"],
        "file_abs_path": "/etc/passwd",
        "file_line_range": ["1", None],
        "guideline": "javascript:alert()",
    }
    answer = {"results": {"failed_checks": [entry, 7, None], "parsing_errors": {}}, "summary": []}

    ran = check(project, "--checkov", stand_in(json.dumps(answer)))
    shown = forebay(project, "check", "--checkov", stand_in(json.dumps(answer)))

    failed = [result for result in of_checkov(ran) if result["severity"] == "medium"]
    assert [result["location"] for result in failed] == [None]
    assert "javascript" not in str(failed[0]["message"])
    assert "\x1b[2J" not in shown.out


def test_a_summary_of_unreadable_files_without_their_names_is_an_error(
    project: Path, stand_in: Callable[[str], str]
) -> None:
    answer = {"results": {}, "summary": {"parsing_errors": 2}}

    ran = check(project, "--checkov", stand_in(json.dumps(answer)))

    assert ran.code == 1
    assert any("2 files" in str(result["message"]) for result in of_checkov(ran))


def test_checkov_checks_all_of_the_code(project: Path) -> None:
    ran = forebay(project, "check", "--checkov", "--since", "HEAD")

    assert ran.code == 1
    assert "goes without --since" in " ".join(ran.err.split())


def failed(check: str, resource: str) -> dict[str, object]:
    """A failed check as checkov writes it."""
    return {"check_id": check, "check_name": f"About {check}", "resource": resource}


CACHED = """
resource "aws_secretsmanager_secret" "hub" {
  name = "ecr-pullthroughcache/docker-hub"
}

resource "aws_secretsmanager_secret" "own" {
  name = "team/token"
}

resource "aws_ecr_pull_through_cache_rule" "hub" {
  ecr_repository_prefix = "docker-hub"
  upstream_registry_url = "registry-1.docker.io"
  credential_arn        = aws_secretsmanager_secret.hub.arn
}

resource "aws_ecr_repository" "cached" {
  for_each = toset(["a", "b"])
  name     = "docker-hub/${each.key}"
}

resource "aws_ecr_repository" "mixed" {
  for_each = toset(["docker-hub/c", "team/c"])
  name     = each.key
}
"""


def test_an_advice_that_would_break_a_cache_is_a_note_and_a_block_is_one_result(
    project: Path, stand_in: Callable[[str], str]
) -> None:
    (project / "terraform" / "main.tf").write_text(
        CODE.split("\n\n", maxsplit=1)[0] + "\n" + CACHED
    )
    entries = [
        failed("CKV_AWS_149", "aws_secretsmanager_secret.hub"),
        failed("CKV_AWS_149", "aws_secretsmanager_secret.own"),
        failed("CKV2_AWS_57", "aws_secretsmanager_secret.hub"),
        failed("CKV_AWS_51", 'aws_ecr_repository.cached["a"]'),
        failed("CKV_AWS_51", 'aws_ecr_repository.cached["b"]'),
        failed("CKV_AWS_51", 'aws_ecr_repository.mixed["team/c"]'),
        failed("CKV_AWS_163", 'aws_ecr_repository.cached["a"]'),
        failed("CKV_AWS_163", 'aws_ecr_repository.cached["b"]'),
    ]
    answer = json.dumps({"results": {"failed_checks": entries}, "summary": {"failed": 8}})

    program = stand_in(answer)
    found = of_checkov(check(project, "--checkov", program))

    told = [(str(one["title"]).partition(":")[0], one["address"]) for one in found]
    assert set(told[:3]) == {
        ("CKV_AWS_149", "aws_secretsmanager_secret.own"),
        ("CKV_AWS_163", "aws_ecr_repository.cached"),
        ("CKV_AWS_51", 'aws_ecr_repository.mixed["team/c"]'),
    }
    (scanning,) = [one for one in found if one["address"] == "aws_ecr_repository.cached"]
    assert "in 2 instances" in str(scanning["message"])
    assert "https://www.checkov.io/" in str(scanning["message"])
    notes = [str(one["message"]) for one in found if one["severity"] == "info"]
    advised = {
        name
        for name in ("CKV_AWS_149", "CKV2_AWS_57", "CKV_AWS_51")
        if any(f"check {name} fails" in note for note in notes)
    }
    assert advised == {"CKV_AWS_149", "CKV2_AWS_57", "CKV_AWS_51"}
    assert any("`secret-key-refused`" in note for note in notes)
    alone = check(project, "--no-topology", "--code", "terraform", "--checkov", program)
    assert [one["title"] for one in of_checkov(alone)] == [one["title"] for one in found]


@pytest.mark.slow
def test_checkov_loads_our_rules_as_checks_of_its_own(project: Path, checkov: str) -> None:
    checks = project / "checks"
    checks.mkdir()
    (checks / "__init__.py").touch()
    (checks / "forebay.py").write_text(forebay(project, "rules", "--checkov").out)
    program = Path(sys.executable).with_name("forebay")

    ran = subprocess.run(
        [
            checkov,
            *("--directory", "terraform", "--external-checks-dir", "checks"),
            *("--framework", "terraform", "--skip-download", "--compact", "--output", "json"),
        ],
        cwd=project,
        env={**os.environ, "FOREBAY": str(program)},
        capture_output=True,
        text=True,
        check=False,
    )

    found = json.loads(ran.stdout)["results"]["failed_checks"]
    ours = {each["check_id"]: each["resource"] for each in found if "FOREBAY" in each["check_id"]}
    assert ours == {"FOREBAY_GRANT_ANY_PRINCIPAL": "aws_ecr_repository_policy.open"}
    assert "forebay: 1 results, 1 of them at blocks" in ran.stderr
