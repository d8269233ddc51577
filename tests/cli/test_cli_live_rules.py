"""What only a reading of AWS can find: each fault is made by an API call, and found at its record."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from cli_running import forebay, write_topology
from live_support import MAIN, SHOP, WHOLE, act, snapshot

from localaws.seeding import trust_of

if TYPE_CHECKING:
    from pathlib import Path

    from localaws.local import LocalAws

pytestmark = pytest.mark.slow

HUB, GHCR = "ecr-pullthroughcache/docker-hub", "ecr-pullthroughcache/ghcr"
TOKEN = '{"username": "u", "accessToken": "t"}'


@pytest.fixture
def aws(local_aws: LocalAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LocalAws:
    local_aws.seed(write_topology(tmp_path, WHOLE))
    act(monkeypatch, local_aws)
    return local_aws


def found(folder: Path, *options: str, command: str = "check") -> dict[str, list[str]]:
    """The texts of the results of a new reading, by their rules; notes are left out."""
    assert snapshot(folder, *options).code == 0
    return judged(folder, command)


def judged(folder: Path, command: str = "check") -> dict[str, list[str]]:
    """The same of the reading that is there."""
    ran = forebay(folder, command, "--live", "live.json", "--format", "json")
    texts: dict[str, list[str]] = {}
    for one in ran.document["results"]:
        if one["severity"] != "info":
            assert one["location"] is None or one["location"]["file"] == "topology.yaml"
            texts.setdefault(one["rule"], []).append(f"{one['title']} {one['message']}")
    return texts


def shift(folder: Path, name: str, *, days: int) -> None:
    """Change all times of a name in the file of a snapshot, since nothing makes AWS's things older."""

    def moved(found: re.Match[str]) -> str:
        time = datetime.fromisoformat(found[2]) + timedelta(days=days)
        return f"{found[1]}{time:%Y-%m-%dT%H:%M:%SZ}"

    file = folder / "live.json"
    file.write_text(re.sub(f'("{name}": ")([^"]+)', moved, file.read_text()))


def test_a_deleted_secret_is_told_with_the_command_that_restores_it(
    aws: LocalAws, tmp_path: Path
) -> None:
    secrets = aws.client("secretsmanager", account=MAIN)
    secrets.create_secret(Name="ecr-pullthroughcache/unused", SecretString=TOKEN)
    for name in (HUB, GHCR, "ecr-pullthroughcache/unused"):
        secrets.delete_secret(SecretId=name)

    check, drift = found(tmp_path), found(tmp_path, command="drift")

    assert set(check) == {"secret-pending-deletion"}
    told = " ".join(check["secret-pending-deletion"])
    assert HUB in told
    assert GHCR in told
    assert "unused" not in told
    command = f"aws secretsmanager restore-secret --region eu-west-1 --secret-id {GHCR}"
    assert command in told
    assert any(command in text for text in drift["missing"])


def test_a_secret_that_was_made_anew_or_is_gone_is_told(aws: LocalAws, tmp_path: Path) -> None:
    secrets = aws.client("secretsmanager", account=MAIN)
    for name in (HUB, GHCR):
        secrets.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
    arn = secrets.create_secret(Name=HUB, SecretString=TOKEN)["ARN"]

    check = found(tmp_path)

    assert set(check) == {"secret-arn-stale"}
    anew, gone = sorted(check["secret-arn-stale"])
    assert "was made anew" in anew
    assert f"--ecr-repository-prefix docker-hub --credential-arn {arn}" in anew
    assert f"there is no secret `{GHCR}`" in gone


def test_a_secret_without_a_value_or_with_the_placeholder_is_told(
    aws: LocalAws, tmp_path: Path
) -> None:
    secrets = aws.client("secretsmanager", account=MAIN)
    only = next(iter(secrets.describe_secret(SecretId=HUB)["VersionIdsToStages"]))
    secrets.update_secret_version_stage(
        SecretId=HUB, VersionStage="AWSCURRENT", RemoveFromVersionId=only
    )
    versions = secrets.describe_secret(SecretId=GHCR)["VersionIdsToStages"]
    first = next(one for one, stages in versions.items() if "forebay-placeholder" in stages)
    now = next(one for one, stages in versions.items() if "AWSCURRENT" in stages)
    before = found(tmp_path)
    secrets.update_secret_version_stage(
        SecretId=GHCR, VersionStage="AWSCURRENT", MoveToVersionId=first, RemoveFromVersionId=now
    )

    after = found(tmp_path)

    assert set(before) == {"secret-without-value"}
    assert HUB in before["secret-without-value"][0]
    assert set(after) == {"secret-without-value", "secret-placeholder"}
    assert GHCR in after["secret-placeholder"][0]


def test_a_replica_is_told_and_its_primary_is_not(aws: LocalAws, tmp_path: Path) -> None:
    assert snapshot(tmp_path).code == 0
    # The local AWS has replicas that nothing can be asked about.
    document = json.loads((tmp_path / "live.json").read_text())
    for unit in document["units"]:
        for secret in unit["facts"].get("secrets", ()):
            secret["PrimaryRegion"] = "eu-west-1"
    (tmp_path / "live.json").write_text(json.dumps(document))

    check = judged(tmp_path)

    assert set(check) == {"secret-replica"}
    assert len(check["secret-replica"]) == 2
    assert all("us-east-1, read" in text for text in check["secret-replica"])


CHAINGUARD = """\
version: 1
accounts: {main: {id: "111122223333", regions: [eu-west-1]}}
registries:
  main:
    caches: {chainguard: {credential: {secret: ecr-pullthroughcache/cgr EXPIRES}}}
    grants: [{to: {role: node}, allow: pull}]
"""


@pytest.mark.parametrize(
    ("days", "expires", "fires"),
    [(40, "", True), (20, "", False), (40, ", expires: 2099-01-01", False)],
    ids=["old", "young", "its-end-is-known"],
)
def test_a_token_older_than_its_upstream_lets_it_be_is_told(
    local_aws: LocalAws,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    days: int,
    expires: str,
    *,
    fires: bool,
) -> None:
    local_aws.seed(write_topology(tmp_path, CHAINGUARD.replace(" EXPIRES", expires)))
    act(monkeypatch, local_aws)
    assert snapshot(tmp_path).code == 0

    shift(tmp_path, "LastChangedDate", days=-days)
    check = judged(tmp_path)

    assert set(check) == ({"credential-old"} if fires else set())


def test_a_role_for_ecr_that_nobody_asked_for_is_unexpected_whatever_its_name(
    aws: LocalAws, tmp_path: Path
) -> None:
    iam = aws.client("iam", account=SHOP)
    for name, service in (("strange", "pullthroughcache.ecr"), ("usual", "ec2")):
        iam.create_role(
            RoleName=name,
            Path="/team/",
            AssumeRolePolicyDocument=json.dumps(trust_of(f"{service}.amazonaws.com")),
        )

    drift = found(tmp_path, command="drift")

    assert set(drift) == {"unexpected"}
    assert "asks for no role team/strange" in drift["unexpected"][0]
    assert len(drift["unexpected"]) == 1


def test_repositories_are_judged_in_a_deep_reading_alone(aws: LocalAws, tmp_path: Path) -> None:
    ecr = aws.client("ecr", account=MAIN)
    for name in ("quay/old", "quay/open", "hub/lost", "team/own"):
        ecr.create_repository(repositoryName=name)
    public = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "ecr:BatchGetImage"}],
    }
    for name in ("quay/open", "team/own"):
        ecr.set_repository_policy(repositoryName=name, policyText=json.dumps(public))

    plain, young = found(tmp_path), found(tmp_path, "--deep")
    shift(tmp_path, "createdAt", days=-30)
    deep = judged(tmp_path)

    assert plain == {}
    assert set(young) == {"repository-orphaned", "grant-any-principal"}
    assert set(deep) == {
        "repository-older-than-template",
        "repository-orphaned",
        "grant-any-principal",
    }
    # What a policy opens to everybody is told of any repository.
    assert any("quay/open" in text for text in deep["grant-any-principal"])
    assert "hub/lost" in deep["repository-orphaned"][0]
    assert len(deep["repository-orphaned"]) == 1
    older = deep["repository-older-than-template"]
    assert sorted(name for name in ("quay/old", "quay/open") if name in " ".join(older)) == [
        "quay/old",
        "quay/open",
    ]
    assert "encryption, lifecycle policy, tags" in older[0]
    assert "team/own" not in " ".join(older)
