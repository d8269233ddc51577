"""`make live-smoke` against the local AWS: it asks everything, changes nothing, and tells no secrets."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cli_running import inside
from live_support import MAIN, WHOLE

from localaws.judging import refused

if TYPE_CHECKING:
    from localaws.local import LocalAws

TESTS = Path(__file__).parents[1]


@pytest.mark.slow
def test_it_asks_read_only_and_prints_what_can_be_passed_on(
    local_aws: LocalAws,
    tmp_path: Path,
    terraform_program: tuple[str, ...],
    provider_settings: dict[str, str],
) -> None:
    (tmp_path / "topology.yaml").write_text(WHOLE, encoding="utf-8")
    local_aws.seed(tmp_path / "topology.yaml")
    local_aws.client("secretsmanager", account=MAIN).put_secret_value(
        SecretId="ecr-pullthroughcache/ghcr", SecretString="a-token-nobody-may-see"
    )
    local_aws.forget_calls()

    done = subprocess.run(
        [sys.executable, "-m", "live.smoke", "eu-west-1", "--plan"],
        cwd=TESTS,
        env={
            **os.environ,
            **provider_settings,
            **local_aws.environment(MAIN),
            "PYTHONPATH": f"{TESTS}{os.pathsep}{TESTS.parent}",
        },
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    # A list that is asked for by POST, with a path for a name.
    assert {call.operation for call in local_aws.writes()} <= {"POST /listRegions"}
    assert all(call.operation != "GetSecretValue" for call in local_aws.calls())
    with inside(tmp_path):
        read = local_aws.take_of_commands()
        assert {call.command for call in read} == {"smoke"}
        by_hand = ["--account", f"smoke={MAIN}", "--region", "eu-west-1"]
        assert refused(read, ["snapshot", "--deep", *by_hand]) == []
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
        "3 x aws_ecr_pull_through_cache_rule: import\n",
        "1 x aws_ecr_repository_creation_template: import\n",
    ):
        assert line in done.stdout, done.stdout
    assert MAIN not in done.stdout
    assert "a-token-nobody-may-see" not in done.stdout + done.stderr
