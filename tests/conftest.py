"""What every test starts from: an environment without credentials, and the shared fixtures."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

pytest_plugins = ["exploring", "localaws.fixtures", "terraform.fixtures"]

SCRUBBED_PREFIXES = ("AWS_", "FOREBAY_", "GITHUB_", "TF_")
SCRUBBED_NAMES = ("CI", "COLUMNS", "FORCE_COLOR", "NO_COLOR")
SWITCHES = ("FOREBAY_CHECKOV", "FOREBAY_REAL_PROVIDER", "FOREBAY_TERRAFORM", "FOREBAY_TOFU")


@pytest.fixture(scope="session")
def cache_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache folder for all tests of the session, so that none writes into a person's."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, cache_home: Path) -> None:
    """Take out of the environment whatever could change what a test sees, credentials first."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache_home))
    for name in list(os.environ):
        if name in SCRUBBED_NAMES or (name.startswith(SCRUBBED_PREFIXES) and name not in SWITCHES):
            monkeypatch.delenv(name)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
