"""`make live-smoke` against the local AWS: it asks everything, changes nothing, and tells no secrets."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from live_support import MAIN, WHOLE

if TYPE_CHECKING:
    from localaws.local import LocalAws

TESTS = Path(__file__).parents[1]


@pytest.mark.slow
def test_it_asks_read_only_and_prints_what_can_be_passed_on(
    local_aws: LocalAws, tmp_path: Path
) -> None:
    (tmp_path / "topology.yaml").write_text(WHOLE, encoding="utf-8")
    local_aws.seed(tmp_path / "topology.yaml")
    local_aws.client("secretsmanager", account=MAIN).put_secret_value(
        SecretId="ecr-pullthroughcache/ghcr", SecretString="a-token-nobody-may-see"
    )
    local_aws.forget_calls()

    done = subprocess.run(
        [sys.executable, "-m", "live.smoke", "eu-west-1"],
        cwd=TESTS,
        env={**os.environ, **local_aws.environment(MAIN), "PYTHONPATH": f"{TESTS}"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    # A list that is asked for by POST, with a path for a name.
    assert {call.operation for call in local_aws.writes()} <= {"POST /listRegions"}
    assert all(call.operation != "GetSecretValue" for call in local_aws.calls())
    assert {call.region for call in local_aws.calls() if call.service == "ecr"} == {"eu-west-1"}
    for line in (
        "the file says the same: True",
        "DescribePullThroughCacheRules: createdAt, credentialArn,",
        "  not in every one: credentialArn",
        "REGISTRY_POLICY_SCOPE is V2",
        "a rule with a credential: True, ''",
        "a rule with a credential: False, 'The secret does not hold a JSON object",
        "a rule without a credential: True",
        "DescribeSecret of none: ResourceNotFoundException (other)",
        "GetRole of none: NoSuchEntity (other)",
        "no region is known to be closed",
    ):
        assert line in done.stdout, done.stdout
    assert MAIN not in done.stdout
    assert "a-token-nobody-may-see" not in done.stdout + done.stderr
