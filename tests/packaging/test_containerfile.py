"""The container image: what it copies is all that an installation needs."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]
CONTAINERFILE = (CHECKOUT / "Containerfile").read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_image_is_built_from_all_that_the_package_needs(tmp_path: Path) -> None:
    for sources in re.findall(r"^COPY (?!--from)(.+)$", CONTAINERFILE, re.MULTILINE):
        *names, target = sources.split()
        for name in names:
            source = CHECKOUT / name
            if source.is_dir():
                shutil.copytree(
                    source, tmp_path / target, ignore=shutil.ignore_patterns("__pycache__")
                )
            else:
                shutil.copy(source, tmp_path / target)

    built = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert built.returncode == 0, built.stderr
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    for folder in ("templates", "modules", "examples", "upstreams"):
        assert any(name.startswith(f"generator/_data/{folder}/") for name in names), folder


def test_every_base_is_pinned_by_its_digest() -> None:
    bases = re.findall(r"^FROM (\S+)", CONTAINERFILE, re.MULTILINE)

    assert bases
    assert all(re.search(r"@sha256:[0-9a-f]{64}$", base) for base in bases)


def test_nobody_runs_as_root_in_it() -> None:
    assert re.findall(r"^USER (\S+)$", CONTAINERFILE, re.MULTILINE)[-1] == "forebay"


def test_what_comes_from_an_index_is_checked_by_its_hash() -> None:
    pip = r"^RUN \S+/pip (?:--python \S+ )?(?:install|download|wheel) (.+)$"
    installs = re.findall(pip, CONTAINERFILE, re.MULTILINE)

    assert len(installs) == CONTAINERFILE.count("/pip ")
    assert all("--require-hashes" in each or "--no-index" in each for each in installs)


def test_the_image_has_what_the_list_of_the_release_names_and_no_tool_that_builds() -> None:
    workflow = (CHECKOUT / ".github" / "workflows" / "release.yml").read_text(encoding="utf-8")
    (exported,) = re.findall(r"uv export (.+)$", workflow, re.MULTILINE)

    copied = re.findall(r"^COPY --from=build (\S+) ", CONTAINERFILE, re.MULTILINE)
    installed = re.findall(r"/pip --python (\S+) install (.+)$", CONTAINERFILE, re.MULTILINE)

    assert "--no-dev" in exported
    assert "--group" not in exported
    assert copied == ["/opt/forebay"]
    assert " -m venv --without-pip /opt/forebay\n" in CONTAINERFILE
    assert installed == [
        ("/opt/forebay/bin/python", "--no-index --find-links /wheels forebay"),
    ]
