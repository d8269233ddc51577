"""`check --no-topology` looks up what it found before, where nothing changed, and says the same."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest
from cli_running import Ran, forebay

import generator.gate.check
from generator.gate.suppressions import Suppressor

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from generator.model.finding import Finding

OPEN = """\
provider "aws" {
  region = "eu-west-1"
}

resource "aws_ecr_registry_policy" "this" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect = "Allow", Principal = "*", Action = "ecr:*", Resource = "*"
    }]
  })
}
"""
ACCEPTED = OPEN.replace(
    "    Statement", '    # forebay: ignore[wildcard-action] reason="a test"\n    Statement'
)


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many findings there were, each time that the code was really judged."""
    counts: list[int] = []
    real = generator.gate.check.findings_without_topology

    def judge(*given: object, **named: object) -> tuple[Finding, ...]:
        found = real(*given, **named)  # type: ignore[arg-type]
        counts.append(len(found))
        return found

    monkeypatch.setattr(generator.gate.check, "findings_without_topology", judge)
    return counts


def code(folder: Path, text: str = OPEN) -> Path:
    (folder / "code").mkdir(exist_ok=True)
    (folder / "code" / "main.tf").write_text(text, encoding="utf-8")
    return folder


def check(folder: Path, *options: str) -> Ran:
    return forebay(folder, "check", "--no-topology", "--code", "code", "--format", "json", *options)


@pytest.mark.parametrize("text", [OPEN, ACCEPTED, 'provider "aws" {\n  region = "eu-west-1"\n}\n'])
def test_the_answer_of_an_earlier_run_is_the_same_to_the_letter(
    text: str, tmp_path: Path, judged: list[int]
) -> None:
    code(tmp_path, text)

    runs = [check(tmp_path) for _ in range(3)]

    assert runs[1] == runs[0]
    assert runs[2] == runs[0]
    assert len(judged) == 1
    assert runs[0].document["summary"]["suppressed"] == (text == ACCEPTED)


CHANGES: dict[str, Callable[[Path], object]] = {
    "a letter": lambda folder: code(folder, OPEN.replace("ecr:*", "ecr:B*")),
    "a comment": lambda folder: code(folder, ACCEPTED),
    "another file": lambda folder: (folder / "code" / "more.tf").write_text("locals {}\n"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_code_that_changed_is_judged_anew(
    change: str, tmp_path: Path, judged: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    check(code(tmp_path))

    CHANGES[change](tmp_path)
    after = check(tmp_path)
    monkeypatch.setattr("generator.cli.code_alone.cache_folder", lambda: None)

    assert len(judged) == 2
    assert check(tmp_path) == after


def test_another_day_may_judge_otherwise(
    tmp_path: Path, judged: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    check(code(tmp_path))
    tomorrow = datetime.now(tz=UTC) + timedelta(days=1)

    monkeypatch.setattr(Suppressor, "begin_of_today", tomorrow)
    check(tmp_path)

    assert len(judged) == 2


def test_what_is_accepted_is_looked_up_each_time(tmp_path: Path, judged: list[int]) -> None:
    before = check(code(tmp_path))
    (tmp_path / "forebay-ignore.yaml").write_text(
        "version: 1\nignore:\n"
        "  - {rule: wildcard-action, address: aws_ecr_registry_policy.this, reason: a test}\n",
        encoding="utf-8",
    )
    after = check(tmp_path)

    assert len(judged) == 1
    assert before.document["summary"]["suppressed"] == 0
    assert after.document["summary"]["suppressed"] == 1


def _signed(text: str) -> str:
    return f"{sha256(text.encode()).hexdigest()}\n{text}"


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text.replace("wildcard-action", "wildcard-actors"),
        lambda text: text[:-9],
        lambda _: _signed("[[],[1,[1],[1],[1,7]]]"),
        lambda _: _signed("[[],[1]]"),
        lambda _: _signed("7"),
    ],
    ids=["another word", "cut", "no file", "nothing", "a number"],
)
def test_a_damaged_entry_is_none(
    damage: Callable[[str], str], tmp_path: Path, cache_home: Path, judged: list[int]
) -> None:
    others = set(cache_home.glob("forebay/checked-*"))
    before = check(code(tmp_path))
    (entry,) = set(cache_home.glob("forebay/checked-*")) - others

    entry.write_text(damage(entry.read_text("utf-8")), encoding="utf-8")

    assert check(tmp_path) == before
    assert len(judged) == 2
