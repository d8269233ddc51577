"""The process that forks providers: Terraform sees an ordinary provider, with and without it."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from standin.install import Mirror, install

if TYPE_CHECKING:
    from collections.abc import Iterator

# Without PLUGIN_CLIENT_CERT the provider answers in the clear.
STARTED = {"TF_PLUGIN_MAGIC_COOKIE": "any", "PATH": os.environ["PATH"]}


@pytest.fixture
def alone(tmp_path: Path) -> Mirror:
    """A mirror at whose socket nobody answers."""
    return install(tmp_path, tmp_path / "nobody")


def started(mirror: Mirror, environment: dict[str, str]) -> subprocess.Popen[str]:
    (program,) = mirror.root.glob("mirror/registry.terraform.io/**/terraform-provider-time*")
    return subprocess.Popen(
        [program],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(process: subprocess.Popen[str]) -> tuple[str, str]:
    process.send_signal(signal.SIGTERM)
    return process.communicate(timeout=20)


@pytest.fixture(params=["warm", "alone"])
def provider(
    request: pytest.FixtureRequest, stand_in: Mirror, alone: Mirror
) -> Iterator[subprocess.Popen[str]]:
    process = started(stand_in if request.param == "warm" else alone, STARTED)
    yield process
    if process.poll() is None:
        ended(process)


def test_a_provider_says_where_it_listens_and_ends_with_its_start_script(
    provider: subprocess.Popen[str],
) -> None:
    assert provider.stdout is not None
    handshake = provider.stdout.readline()

    assert handshake.startswith("1|6|unix|/")
    socket = Path(handshake.split("|")[3])
    assert socket.exists()
    # Both streams end only when nobody holds them any more, the fork included.
    ended(provider)


@pytest.mark.parametrize("which", ["warm", "alone"])
def test_a_person_who_starts_it_is_told_what_it_is(
    which: str, stand_in: Mirror, alone: Mirror
) -> None:
    mirror = stand_in if which == "warm" else alone

    _, errors = started(mirror, {"PATH": os.environ["PATH"]}).communicate(timeout=20)

    assert "This is a provider plugin for tests." in errors
