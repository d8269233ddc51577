"""Fixtures that give tests a local AWS; a pytest plugin that `tests/conftest.py` loads.

Whatever forebay asks there is held against what `forebay policies live` prints for the command.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from unittest import mock

import pytest
from botocore.loaders import create_loader

from .local import LocalAws

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path


@pytest.fixture(scope="session")
def local_aws_server() -> Iterator[LocalAws]:
    """One running local AWS for the whole session (under xdist, one for each worker).

    Commands that run in this process share the service models that botocore reads: reading them anew
    costs more than the calls. What they asked is judged as soon as they end.
    """
    from cli_running import run

    from .judging import refused

    def run_and_judge(arguments: Sequence[str]) -> int:
        code = run(arguments)
        if os.environ.get("AWS_ENDPOINT_URL") == local.endpoint_url:
            assert refused(local.take_of_commands(), arguments) == []
        return code

    loader = create_loader()
    with (
        mock.patch("botocore.session.create_loader", return_value=loader),
        mock.patch("cli_running.run", run_and_judge),
        LocalAws() as local,
    ):
        yield local


@pytest.fixture
def local_aws(local_aws_server: LocalAws, tmp_path: Path) -> Iterator[LocalAws]:
    """An empty local AWS; what processes of a test asked is judged by the topology in its folder."""
    local_aws_server.reset()
    local_aws_server.take_of_commands()
    yield local_aws_server
    from cli_running import inside

    from .judging import refused

    left = local_aws_server.take_of_commands()
    with inside(tmp_path):
        for command in {call.command for call in left}:
            of_one = [call for call in left if call.command == command]
            assert refused(of_one, [command]) == []
