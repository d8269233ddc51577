"""checkov's own checks on generated code and modules: all pass, or are skipped with the AWS reason."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest

from e2e.project import CHECKOUT, EXAMPLES, from_example

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

# The secret's key and rotation, and the token's resource. CKV_AWS_356 is the same check as CKV_AWS_355 on
# policy documents that are data sources, of which there are none here.
EXPECTED_SKIPS = {"CKV_AWS_149", "CKV2_AWS_57", "CKV_AWS_355"}


def reports_on(folder: Path, checkov: str, output: Path) -> Sequence[Mapping[str, object]]:
    """What checkov reports about the Terraform below a folder."""
    subprocess.run(
        [
            checkov,
            *("--directory", folder, "--framework", "terraform"),
            *("--skip-download", "--compact", "--output", "json"),
            *("--output-file-path", output),
        ],
        capture_output=True,
        check=False,
        cwd=output.parent,
    )
    # checkov ends with 0 when a file did not parse, so only its document counts.
    document = json.loads((output / "results_json.json").read_text(encoding="utf-8"))
    return document if isinstance(document, list) else [document]


def assert_clean(reports: Sequence[Mapping[str, object]]) -> None:
    """Nothing failed, everything was parsed, and what is skipped is expected and says why."""
    results = [report["results"] for report in reports]
    assert [report["summary"]["parsing_errors"] for report in reports] == [0] * len(reports)  # type: ignore[index]
    failed = [check for result in results for check in result["failed_checks"]]  # type: ignore[index]
    assert [(check["check_id"], check["resource"]) for check in failed] == []
    skipped = [check for result in results for check in result.get("skipped_checks", [])]  # type: ignore[attr-defined]
    assert {check["check_id"] for check in skipped} == EXPECTED_SKIPS
    assert all(check["check_result"]["suppress_comment"] for check in skipped)


@pytest.mark.slow
def test_checkov_has_nothing_to_say_about_any_example(tmp_path: Path, checkov: str) -> None:
    names = sorted(path.parent.name for path in EXAMPLES.glob("*/topology.yaml"))
    for name in names:
        (tmp_path / "examples" / name).mkdir(parents=True)
        from_example(name, tmp_path / "examples" / name)

    reports = reports_on(tmp_path / "examples", checkov, tmp_path / "checkov")

    assert_clean(reports)
    seen = {
        check["file_path"].split("/")[1]
        for report in reports
        for check in report["results"]["passed_checks"]  # type: ignore[index]
    }
    assert seen == set(names)


@pytest.mark.slow
def test_checkov_has_nothing_to_say_about_any_module_and_its_example(
    tmp_path: Path, checkov: str
) -> None:
    reports = reports_on(CHECKOUT / "modules", checkov, tmp_path / "checkov")

    assert_clean(reports)
    seen = {
        check["file_path"].split("/")[1]
        for report in reports
        for check in report["results"]["passed_checks"]  # type: ignore[index]
    }
    assert seen == {path.name for path in (CHECKOUT / "modules").iterdir()}
