"""No call of forebay's goes by that `forebay policies live` does not allow."""

from __future__ import annotations

from typing import TYPE_CHECKING
from unittest import mock

import pytest
from cli_running import write_topology
from live_support import WHOLE, act, snapshot

from generator.snapshot import reading_policies
from localaws import judging

if TYPE_CHECKING:
    from pathlib import Path

    from localaws.local import LocalAws


def test_a_call_beyond_the_policy_fails_the_test_that_made_it(
    local_aws: LocalAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    local_aws.seed(write_topology(tmp_path, WHOLE))
    act(monkeypatch, local_aws)
    less = tuple(fact for fact in reading_policies._ROLE if fact != "attached")

    with (
        mock.patch.object(reading_policies, "_ROLE", less),
        mock.patch.object(judging, "_printed", {}),
        pytest.raises(AssertionError, match="ListAttachedRolePolicies"),
    ):
        snapshot(tmp_path)


def test_the_command_that_asked_stands_beside_each_call(
    local_aws: LocalAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    local_aws.seed(write_topology(tmp_path, WHOLE))
    act(monkeypatch, local_aws)

    snapshot(tmp_path)

    assert {call.command for call in local_aws.calls()} == {"", "snapshot"}
    assert {call.command for call in local_aws.calls() if call.service != "sts"} == {"snapshot"}
