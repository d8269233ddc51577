"""Fixtures that give tests a local AWS; a pytest plugin that `tests/conftest.py` loads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .local import LocalAws

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def local_aws_server() -> Iterator[LocalAws]:
    """One running local AWS for the whole session (under xdist, one for each worker)."""
    with LocalAws() as local:
        yield local


@pytest.fixture
def local_aws(local_aws_server: LocalAws) -> LocalAws:
    """An empty local AWS."""
    local_aws_server.reset()
    return local_aws_server
