"""Fixtures that give tests a local AWS; a pytest plugin that `tests/conftest.py` loads."""

from __future__ import annotations

from typing import TYPE_CHECKING
from unittest import mock

import pytest
from botocore.loaders import create_loader

from .local import LocalAws

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def local_aws_server() -> Iterator[LocalAws]:
    """One running local AWS for the whole session (under xdist, one for each worker).

    Commands that run in this process share the service models that botocore reads: reading them anew
    costs more than the calls.
    """
    loader = create_loader()
    with mock.patch("botocore.session.create_loader", return_value=loader), LocalAws() as local:
        yield local


@pytest.fixture
def local_aws(local_aws_server: LocalAws) -> LocalAws:
    """An empty local AWS."""
    local_aws_server.reset()
    return local_aws_server


@pytest.fixture
def only_what_is_allowed(local_aws_server: LocalAws, tmp_path: Path) -> Iterator[None]:
    """Hold every call of a test that only reads against what `policies live` prints for its topology."""
    yield
    from e2e.deployer import allows, resource_of, role_arns
    from generator.snapshot.reading_policies import reading_policies
    from generator.topology import read_topology

    topology = read_topology(tmp_path / "topology.yaml").topology
    if topology is None:
        return
    documents = {
        str(policy.account_id): policy.document
        for policy in reading_policies(topology, is_deep=True, may_probe=True)
    }
    made = {
        (call.account, call.service, call.operation, call.region, call.parameters): call
        for call in local_aws_server.calls()
        if call.is_read and call.service != "sts" and call.account in documents
    }
    arns = role_arns(local_aws_server, documents)
    refused = [
        call
        for call in made.values()
        if not allows(documents[call.account], call, resource_of(call, arns))
    ]
    assert refused == []
