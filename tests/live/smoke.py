"""Asks one real AWS account, in one region and read-only, what nothing else can settle.

Run it with `make live-smoke REGION=eu-west-1`, with the credentials of the AWS command line. It prints names
of members and codes, no value of a secret, no policy, and account numbers as `ACCOUNT`: what it prints can be
passed on. With PLAN=1 it also has Terraform plan to import what was read, which asks and changes nothing
either, but downloads the AWS provider and takes some minutes.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generator.aws.answers import accounts_in
from generator.aws.calls import CALLS
from generator.aws.failures import FAILURES, code_of, reason_of, words_of
from generator.aws.reading import Request, take_snapshot
from generator.aws.sessions import Access
from generator.model.snapshot import Fact, Snapshot, text_of
from generator.model.values import AccountId, Region
from generator.snapshot.document import merged, parse_snapshot, snapshot_bytes
from generator.snapshot.reader import Ages, read_snapshot
from generator.snapshot.wanted import plain_units
from generator.snapshot.wording import not_read_findings, summary_line, things
from terraform.program import NO_TERRAFORM, find_terraform, find_tofu

if TYPE_CHECKING:
    from boto3.session import Session

_FILE = Path("smoke.json")
NOBODY = "forebay-smoke-which-is-not-there"


def say(text: str) -> None:
    """Print a line without the numbers of accounts."""
    sys.stdout.write(re.sub(r"(?<![0-9])[0-9]{12}(?![0-9])", "ACCOUNT", text) + "\n")
    sys.stdout.flush()


def asked(what: str, ask: Callable[[], Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The answer of one call; where there is none, its code is printed."""
    try:
        return ask()
    except FAILURES as error:
        say(f"  {what}: {code_of(error)} ({reason_of(error)}): {words_of(error)[:160]}")
        return None


def read(account: str, region: Region) -> Snapshot:
    """Read the region as `forebay snapshot` does, and say what came of it."""
    began = time.perf_counter()
    taken = take_snapshot(
        Request(
            wanted=plain_units([("smoke", AccountId(account), [region])]),
            access=Access(session_name="forebay-smoke"),
            version="smoke",
            now=lambda: datetime.now(tz=UTC),
            is_deep=True,
        )
    )
    say(f"  read in {time.perf_counter() - began:.1f} s: {summary_line(things(taken))}")
    for finding in not_read_findings(taken, {}):
        say(f"  {finding.title}: {finding.message}")
    kept = parse_snapshot(snapshot_bytes(taken))
    reading = read_snapshot(merged([kept]), _FILE, None, Ages(now=datetime.now(tz=UTC)))
    same = [unit.facts for unit in kept.units] == [unit.facts for unit in taken.units]
    say(f"  {len(reading.estate.records)} records, and the file says the same: {same}")
    return taken


def members(session: Session, region: Region) -> Iterator[str]:
    """Which members each list has, and which of its things lack one: what a snapshot may leave out."""
    for fact in (Fact.RULES, Fact.TEMPLATES, Fact.SECRETS, Fact.REPOSITORIES, Fact.ROLES):
        call = CALLS[fact]
        client = session.client(call.service, region_name=region)
        method = re.sub(r"(?<!^)(?=[A-Z])", "_", call.operation).lower()
        answer = asked(call.action, getattr(client, method))
        client.close()
        items = (answer or {}).get(call.answer, [])
        if not items:
            yield f"{call.operation}: none, so nothing is learned"
            continue
        names = sorted({name for item in items for name in item})
        sometimes = [name for name in names if any(name not in item for item in items)]
        yield f"{call.operation}: {', '.join(names)}"
        if sometimes:
            yield f"  not in every one: {', '.join(sometimes)}"
        yield f"  accounts told: {len(set(accounts_in(answer or {})))}"


def settings(session: Session, region: Region) -> None:
    """What an account setting answers, which is a default where nobody set one."""
    client = session.client("ecr", region_name=region)
    answer = asked(
        "GetAccountSetting", lambda: client.get_account_setting(name="REGISTRY_POLICY_SCOPE")
    )
    client.close()
    if answer is not None:
        say(f"  REGISTRY_POLICY_SCOPE is {answer.get('value')}")


def validations(session: Session, region: Region, snapshot: Snapshot) -> None:
    """ECR's own words about each credential, and about rules without one."""
    client = session.client("ecr", region_name=region)
    rules = [
        rule
        for unit in snapshot.units
        for rule in unit.facts.get((Fact.RULES, ""), None) or ()
        if isinstance(rule, Mapping)
    ]
    for rule in rules:
        prefix = text_of(rule, "ecrRepositoryPrefix")
        sort = "with" if rule.get("credentialArn") else "without"
        answer = asked(
            f"a rule {sort} a credential",
            lambda prefix=prefix: client.validate_pull_through_cache_rule(
                ecrRepositoryPrefix=prefix
            ),
        )
        if answer is not None:
            failure = answer.get("failure")
            say(f"  a rule {sort} a credential: {answer.get('isValid')}, {failure!r}")
    client.close()
    if not rules:
        say("  there is no cache rule, so nothing is learned")


def absences(session: Session, region: Region) -> None:
    """What is answered about things that are not there: not found, or denied."""
    secrets = session.client("secretsmanager", region_name=region)
    iam = session.client("iam", region_name=region)
    asked(
        "DescribeSecret of none",
        lambda: secrets.describe_secret(SecretId=f"ecr-pullthroughcache/{NOBODY}"),
    )
    asked("GetRole of none", lambda: iam.get_role(RoleName=NOBODY))
    secrets.close()
    iam.close()


def closed_region(session: Session) -> None:
    """The code of a call in a region that is not enabled, where there is one."""
    account = session.client("account", region_name="us-east-1")
    answer = asked(
        "account:ListRegions",
        lambda: account.list_regions(RegionOptStatusContains=["DISABLED"], MaxResults=50),
    )
    account.close()
    names = [one["RegionName"] for one in (answer or {}).get("Regions", [])]
    if not names:
        say("  no region is known to be closed, so nothing is learned")
        return
    client = session.client("ecr", region_name=names[0])
    if asked(f"ECR in {names[0]}", client.describe_pull_through_cache_rules) is not None:
        say(f"  ECR in {names[0]} answers, though the region is not enabled")
    client.close()


def first_plan(account: str, snapshot: Snapshot) -> None:
    """Whether the provider takes the ids of the import blocks, and finds nothing to change."""
    program = find_terraform(os.environ) or find_tofu(os.environ)
    if program is None:
        say(f"  {NO_TERRAFORM}")
        return
    forebay = (sys.executable, "-m", "generator")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        root = folder / "terraform" / "smoke"
        (folder / "live.json").write_bytes(snapshot_bytes(snapshot))
        named = ("--account", f"smoke={account}", "--out", "topology.yaml")
        steps = (
            ("import", (*forebay, "import", "--live", "live.json", *named), folder, (0, 3)),
            ("generate", (*forebay, "generate", "--adopt", "live.json"), folder, (0,)),
            ("init", (*program, "init", "-input=false", "-no-color"), root, (0,)),
            # Nothing is locked or written anywhere but in this folder, which goes.
            ("plan", (*program, "plan", *_QUIET, "-out=first.tfplan"), root, (0,)),
        )
        for what, command, place, fine in steps:
            done = subprocess.run(command, cwd=place, capture_output=True, text=True, check=False)
            if done.returncode not in fine:
                words = " ".join((done.stderr or done.stdout).split())
                say(f"  {what} ended with {done.returncode}: {words[:600]}")
                return
        shown = subprocess.run(
            (*program, "show", "-json", "first.tfplan"),
            cwd=root,
            capture_output=True,
            text=True,
            check=True,
        )
    for line, count in sorted(Counter(planned(json.loads(shown.stdout))).items()):
        say(f"  {count} x {line}")


_QUIET = ("-input=false", "-no-color", "-lock=false")


def planned(plan: Mapping[str, Any]) -> Iterator[str]:
    """What a plan does to each resource: its type, the actions, and the arguments that change."""
    for one in plan.get("resource_changes", ()):
        change = one["change"]
        words = "+".join(change["actions"])
        if "importing" in change:
            words = "import" if words == "no-op" else f"import+{words}"
        before, after = change.get("before") or {}, change.get("after") or {}
        changed = sorted(name for name in after if name in before and before[name] != after[name])
        told = f" ({', '.join(changed)})" if changed and "create" not in words else ""
        yield f"{one['type']}: {words}{told}"


def main(arguments: list[str]) -> int:
    """Ask, and print."""
    import boto3

    region = Region.parse(arguments[0])
    session = boto3.Session(region_name=region)
    sts = session.client("sts")
    caller = asked("who asks", sts.get_caller_identity)
    sts.close()
    if caller is None:
        return 1
    account = str(caller["Account"])
    say(f"account {account} in {region}, as {caller['Arn']}")
    say("\nthe reading")
    taken = read(account, region)
    say("\nwhat lists tell")
    for line in members(session, region):
        say(f"  {line}")
    say("\nthe scope of the registry policy")
    settings(session, region)
    say("\nwhat ECR says of credentials (it logs in upstream)")
    validations(session, region, taken)
    say("\nthings that are not there")
    absences(session, region)
    say("\na region that is not enabled")
    closed_region(session)
    left = "how many calls ECR takes a second, and other partitions"
    if "--plan" in arguments:
        say("\nwhat a first plan does (it imports nothing yet)")
        first_plan(account, taken)
    else:
        left += "; whether Terraform imports\nall that without a change, which PLAN=1 asks (it changes nothing)"
    say(f"\nnot asked: {left}.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
