"""checkov's own checks on what `generate` writes: all pass, or are skipped with the AWS reason."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from e2e.project import from_example

if TYPE_CHECKING:
    from pathlib import Path

EXPECTED_SKIPS = {"CKV_AWS_149", "CKV2_AWS_57", "CKV_AWS_355"}


@pytest.fixture(scope="module")
def checkov() -> str:
    """The checkov program; it cannot live in this environment, since it brings another `hcl2`."""
    program = os.environ.get("FOREBAY_CHECKOV") or shutil.which("checkov")
    if program is None:
        pytest.skip("no checkov: `uv tool install checkov==3.3.30`, or name it in FOREBAY_CHECKOV")
    return program


@pytest.mark.slow
@pytest.mark.parametrize(
    "example", ["docker-hub-and-ecr-public", "private-to-private", "tokens-and-templates"]
)
def test_checkov_has_nothing_to_say_about_generated_code(
    example: str, tmp_path: Path, checkov: str
) -> None:
    project = from_example(example, tmp_path)
    output = tmp_path / "checkov"

    subprocess.run(
        [
            checkov,
            *("--directory", project.code, "--framework", "terraform"),
            *("--skip-download", "--compact", "--output", "json"),
            *("--output-file-path", output),
        ],
        capture_output=True,
        check=False,
        cwd=tmp_path,
    )
    # checkov ends with 0 when a file did not parse, so only its document counts.
    document = json.loads((output / "results_json.json").read_text(encoding="utf-8"))
    reports = document if isinstance(document, list) else [document]

    assert sum(report["summary"]["passed"] for report in reports) >= 5
    assert [report["summary"]["parsing_errors"] for report in reports] == [0] * len(reports)
    failed = [check for report in reports for check in report["results"]["failed_checks"]]
    assert [(check["check_id"], check["resource"]) for check in failed] == []
    skipped = [check for report in reports for check in report["results"].get("skipped_checks", [])]
    assert {check["check_id"] for check in skipped} <= EXPECTED_SKIPS
    assert all(check["check_result"]["suppress_comment"] for check in skipped)
