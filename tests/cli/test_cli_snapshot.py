"""`forebay snapshot` against the local AWS: what it holds, what it leaves out, what it never does."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import time
import zlib
from typing import TYPE_CHECKING

import pytest
from cli_running import forebay, write_topology
from live_support import MAIN, OUTSIDER, ROLES, SHOP, WHOLE, act, facts, snapshot, units

from localaws.faults import Fault

if TYPE_CHECKING:
    from pathlib import Path

    from localaws.local import LocalAws


pytestmark = pytest.mark.slow


@pytest.fixture
def aws(local_aws: LocalAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LocalAws:
    """The local AWS as the code of `WHOLE` leaves it, and somebody outside who reads it."""
    local_aws.seed(write_topology(tmp_path, WHOLE))
    act(monkeypatch, local_aws)
    local_aws.forget_calls()
    return local_aws


def test_it_holds_every_account_and_region_and_says_what_it_found(
    aws: LocalAws, tmp_path: Path
) -> None:
    ran = snapshot(tmp_path)

    assert ran.code == 0
    assert ran.out == (
        "wrote live.json: 8 cache rules, 2 creation templates, 2 registry policies, 4 secrets, "
        "3 roles, 2 managed policies\n"
    )
    assert "reading 2 accounts in 2 regions as arn:aws:sts::999988887777:" in ran.err
    found = units(tmp_path)
    assert sorted(found, key=str) == sorted(
        (
            (account, region)
            for account in (MAIN, SHOP)
            for region in (None, "eu-west-1", "us-east-1")
        ),
        key=str,
    )
    here = found[MAIN, "eu-west-1"]["facts"]
    assert [rule["ecrRepositoryPrefix"] for rule in here["rules"]] == ["docker-hub", "ghcr", "quay"]
    assert here["scope"] == "V2"
    assert here["secret_policy"] == {
        "ecr-pullthroughcache/docker-hub": None,
        "ecr-pullthroughcache/ghcr": None,
    }
    labels = [["AWSCURRENT"], ["AWSPREVIOUS", "forebay-placeholder"]]
    assert here["secrets"][1]["labels"] == labels


def test_only_its_owner_may_read_the_file_whatever_was_there(aws: LocalAws, tmp_path: Path) -> None:
    (tmp_path / "live.json").write_text("old")
    (tmp_path / "live.json").chmod(0o644)

    snapshot(tmp_path)

    assert stat.S_IMODE((tmp_path / "live.json").stat().st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["live.json", "topology.yaml"]


def test_the_same_aws_gives_the_same_bytes_but_for_times(aws: LocalAws, tmp_path: Path) -> None:
    snapshot(tmp_path)
    snapshot(tmp_path, "--threads", "1", out="again.json")

    first, second = ((tmp_path / name).read_text() for name in ("live.json", "again.json"))
    times = {
        unit["read_at"]
        for name in ("live.json", "again.json")
        for unit in units(tmp_path, name).values()
    }
    for moment in times:
        first, second = first.replace(moment, "then"), second.replace(moment, "then")
    assert first == second


def test_a_packed_file_holds_the_same(aws: LocalAws, tmp_path: Path) -> None:
    snapshot(tmp_path)
    snapshot(tmp_path, out="live.json.gz")

    packed = (tmp_path / "live.json.gz").read_bytes()
    (tmp_path / "unpacked.json").write_bytes(zlib.decompress(packed, 16 + zlib.MAX_WBITS))
    assert facts(tmp_path, "unpacked.json") == facts(tmp_path)


def test_without_a_file_the_snapshot_goes_to_stdout_alone(aws: LocalAws, tmp_path: Path) -> None:
    ran = forebay(tmp_path, "snapshot", "--assume-role", ROLES, "--report", "html=report.html")

    assert ran.code == 0
    assert ran.document["forebay_snapshot"] == 1
    page = (tmp_path / "report.html").read_text("utf-8")
    assert 'id="map"' in page
    assert "forebay_snapshot" not in page


def test_no_value_of_a_secret_no_token_and_no_key_is_anywhere(
    aws: LocalAws, tmp_path: Path
) -> None:
    main = aws.client("secretsmanager", account=MAIN)
    main.put_secret_value(
        SecretId="ecr-pullthroughcache/docker-hub",
        SecretString='{"username":"u","accessToken":"dckr_pat_do_not_tell"}',
    )
    aws.fail(
        Fault(
            operation="GetRegistryPolicy",
            error="AccessDeniedException",
            message=f"token {os.environ['AWS_SESSION_TOKEN']} of {os.environ['AWS_ACCESS_KEY_ID']}",
        )
    )

    ran = snapshot(tmp_path, "--report", "html=report.html")

    page = (tmp_path / "report.html").read_text("utf-8")
    assert "Not read: " in page
    told = ran.out + ran.err + (tmp_path / "live.json").read_text() + page
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        assert os.environ[name] not in told
    assert "do_not_tell" not in told
    assert "GetSecretValue" not in {call.operation for call in aws.calls()}


def test_every_call_reads_and_every_role_is_narrowed_to_reads(
    aws: LocalAws, tmp_path: Path
) -> None:
    from urllib.parse import parse_qs

    from generator.aws.calls import CALLS, session_policy

    snapshot(tmp_path, "--deep")

    calls = aws.calls()
    allowed = {call.action for call in CALLS.values()}
    assert aws.writes() == ()
    made = {f"{call.service}:{call.operation}" for call in calls if call.service != "sts"}
    assert made <= allowed
    entered = [call for call in calls if call.operation == "AssumeRole"]
    assert len(entered) == 2
    for call in entered:
        policy = json.loads(parse_qs(call.parameters)["Policy"][0])
        assert policy == session_policy()
        assert len(json.dumps(policy, separators=(",", ":"))) <= 2048


def test_an_account_costs_few_calls_and_its_calls_are_never_beside_each_other(
    aws: LocalAws, tmp_path: Path
) -> None:
    snapshot(tmp_path)

    calls = [call for call in aws.calls() if call.service == "ecr"]
    assert len(calls) == 2 * 2 * 4


def test_one_client_serves_all_accounts(
    aws: LocalAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from generator.aws import sessions

    made: list[tuple[str, str]] = []
    signed: list[int] = []
    client, keys = sessions.Sessions._client, sessions.Acting.get_frozen_credentials

    def counted(self: sessions.Sessions, session: object, service: str, region: str) -> object:
        made.append((service, region))
        return client(self, session, service, region)

    def noted(self: sessions.Acting) -> object:
        signed.append(1)
        return keys(self)

    monkeypatch.setattr(sessions.Sessions, "_client", counted)
    monkeypatch.setattr(sessions.Acting, "get_frozen_credentials", noted)

    snapshot(tmp_path)

    assert len(made) == len(set(made)) == 2 + 2 + 1 + 1
    acting = [call for call in aws.calls() if call.service != "sts"]
    assert len(signed) >= len(acting)


def test_the_own_account_needs_no_option_and_another_one_is_refused_with_both_ways(
    aws: LocalAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    act(monkeypatch, aws, MAIN)

    own = forebay(tmp_path, "snapshot", "--account", "main", "--out", "own.json")
    both = forebay(tmp_path, "snapshot", "--out", "both.json")

    assert own.code == 0
    assert {account for account, _ in units(tmp_path, "own.json")} == {MAIN}
    assert both.code == 1
    assert "--assume-role" in both.err
    assert "--profile" in both.err
    assert not (tmp_path / "both.json").exists()


def test_profiles_enter_accounts_and_one_that_leads_elsewhere_is_refused(
    aws: LocalAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def profile(name: str, account: str) -> str:
        keys = aws.credentials(account)
        return (
            f"[{name}]\naws_access_key_id={keys.access_key_id}\n"
            f"aws_secret_access_key={keys.secret_access_key}\n"
            f"aws_session_token={keys.session_token}\n"
        )

    file = tmp_path / "credentials"
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(file))
    file.write_text(profile("main", MAIN) + profile("shop", SHOP))
    right = snapshot(tmp_path, "--profile", "{account}")
    file.write_text(profile("main", MAIN) + profile("shop", MAIN))
    wrong = snapshot(tmp_path, "--profile", "{account}", out="wrong.json")
    file.write_text(profile("main", MAIN))
    missing = snapshot(tmp_path, "--profile", "{account}", out="missing.json")

    assert (right.code, wrong.code, missing.code) == (0, 3, 3)
    assert "lead into another account" in " ".join(wrong.out.split())
    assert "no credentials for the profile `shop`" in " ".join(missing.out.split())
    for name in ("wrong.json", "missing.json"):
        found = units(tmp_path, name)
        assert all(not unit["facts"] for (account, _), unit in found.items() if account == SHOP)
        assert found[MAIN, "eu-west-1"]["facts"]["rules"]


def test_answers_about_another_account_are_thrown_away(
    aws: LocalAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from generator.aws import sessions

    enter = sessions.Sessions._enter

    def swapped(self: sessions.Sessions, wanted: object, caller: object) -> object:
        from dataclasses import replace

        from generator.model.values import AccountId

        elsewhere = {MAIN: SHOP, SHOP: MAIN}[wanted.account]
        return enter(self, replace(wanted, account=AccountId(elsewhere)), caller)

    monkeypatch.setattr(sessions.Sessions, "_enter", swapped)

    ran = snapshot(tmp_path)

    assert ran.code == 1
    assert "another account" in ran.err
    assert not (tmp_path / "live.json").exists()


def test_nobody_logged_in_is_said_at_once_and_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, local_aws: LocalAws
) -> None:
    write_topology(tmp_path, WHOLE)
    monkeypatch.setenv("AWS_ENDPOINT_URL", local_aws.endpoint_url)

    ran = snapshot(tmp_path)

    assert ran.code == 1
    assert "error: AWS lets nobody in" in ran.err
    assert not (tmp_path / "live.json").exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--assume-role", "arn:aws:iam::{account-id}:role/x"), "may hold {account}"),
        (("--profile", "x", "--assume-role", "y"), "exclude each other"),
        (("--account", "mian", "--profile", "x"), "Did you mean `main`?"),
    ],
)
def test_options_that_cannot_be_meant_are_refused(
    tmp_path: Path, options: tuple[str, ...], words: str
) -> None:
    write_topology(tmp_path, WHOLE)

    ran = forebay(tmp_path, "snapshot", "--out", "live.json", *options)

    assert ran.code == 1
    assert words in ran.err


# Whoever runs the tests in the background has Ctrl-C ignored.
INTERRUPTIBLE = """
import signal
from generator.cli.main import main
signal.signal(signal.SIGINT, signal.default_int_handler)
main()
"""


def test_an_interrupt_leaves_nothing_and_does_not_wait(aws: LocalAws, tmp_path: Path) -> None:
    aws.fail(Fault(service="ecr", delay=20))
    began = time.monotonic()
    with subprocess.Popen(
        [
            sys.executable,
            "-c",
            INTERRUPTIBLE,
            "snapshot",
            "--out",
            "live.json",
            "--assume-role",
            ROLES,
        ],
        cwd=tmp_path,
        env=dict(os.environ),
        stderr=subprocess.PIPE,
        text=True,
    ) as ran:
        while not any(call.service == "sts" for call in aws.calls()):
            time.sleep(0.1)
        time.sleep(0.5)
        ran.send_signal(signal.SIGINT)
        _, words = ran.communicate()

    assert ran.returncode == 130
    assert "interrupted" in words
    assert time.monotonic() - began < 15
    assert [path.name for path in tmp_path.iterdir()] == ["topology.yaml"]


@pytest.mark.parametrize("moment", ["reads", "writes"])
def test_killed_at_any_moment_there_is_a_whole_file_or_none(
    aws: LocalAws, tmp_path: Path, moment: str
) -> None:
    from generator.snapshot.document import parse_snapshot

    def written() -> set[str]:
        return {path.name for path in tmp_path.iterdir()} - {"topology.yaml"}

    if moment == "reads":
        aws.fail(Fault(service="ecr", delay=20))
    with subprocess.Popen(
        [
            sys.executable,
            "-m",
            "generator",
            "snapshot",
            "--out",
            "live.json",
            "--assume-role",
            ROLES,
        ],
        cwd=tmp_path,
        env=dict(os.environ),
        stderr=subprocess.DEVNULL,
    ) as ran:
        while ran.poll() is None and not (aws.calls() if moment == "reads" else written()):
            time.sleep(0.001)
        ran.kill()

    # What was begun has another name until it is whole.
    assert written() if moment == "writes" else not written()
    if (file := tmp_path / "live.json").exists():
        assert len(parse_snapshot(file.read_bytes()).units) == 6


def test_what_stands_in_for_aws_is_said_and_written_down(aws: LocalAws, tmp_path: Path) -> None:
    ran = snapshot(tmp_path)

    assert f"note: {aws.endpoint_url} stood in for AWS" in ran.err
    assert json.loads((tmp_path / "live.json").read_text())["endpoint"] == aws.endpoint_url
    assert OUTSIDER in json.loads((tmp_path / "live.json").read_text())["by"]
