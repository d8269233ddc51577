"""What it costs to read 200 accounts in four regions from AWS, and to judge what was read.

Run it with `make bench`, or `python tests/bench/bench_live.py [ACCOUNTS [WITHOUT-DELAY]]`. The local AWS
takes 50 ms for every call. Reading one after the other is measured with a tenth of the accounts and counted
for all. The second number is how many accounts are read without any delay, for the memory that it takes:
1,000 take some minutes, since the local AWS answers about 200 calls a second.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from bench.bench_hcl import Measured, ratio, say
from localaws.faults import Fault
from localaws.local import LocalAws

READER = "999988887777"
DELAY = 0.05
ROLES = "arn:{partition}:iam::{account_id}:role/reader"
TOPOLOGY = """\
version: 1
defaults: {{regions: [eu-west-1, us-east-1, eu-central-1, us-west-2]}}
accounts:
{accounts}
creation_templates:
  usual: {{repository_tags: {{team: platform}}}}
registries:
  all:
    accounts: all
    caches:
      quay: {{}}
      docker-hub: {{credential: ecr-pullthroughcache/docker-hub}}
    creation_templates: {{quay: usual}}
    grants: [{{to: {{role: node, identity: attach}}, allow: pull}}]
"""


def write(file: Path, accounts: int) -> Path:
    """A topology of so many accounts."""
    lines = "\n".join(f'  team-{n}: {{id: "{100_000_000_000 + n}"}}' for n in range(accounts))
    file.write_text(TOPOLOGY.format(accounts=lines), encoding="utf-8")
    return file


def spoiled(file: Path, target: Path) -> Path:
    """The snapshot with another value in every cache rule, template, policy and role."""
    document = json.loads(file.read_text("utf-8"))
    for unit in document["units"]:
        facts = unit["facts"]
        for rule in facts.get("rules", ()):
            rule["upstreamRegistryUrl"] = "ghcr.io"
        for template in facts.get("templates", ()):
            template["imageTagMutability"] = "IMMUTABLE"
        for secret in facts.get("secrets", ()):
            secret["KmsKeyId"] = "alias/other"
        for policy in facts.get("policy_document", {}).values():
            policy["Statement"][0]["Action"] = ["ecr:DescribeImages"]
        for trust in facts.get("role", {}).values():
            trust["AssumeRolePolicyDocument"]["Statement"][0]["Action"] = "sts:TagSession"
        for policy in facts.get("role_policy", {}).values():
            policy["Statement"][0]["Action"] = ["ecr:DescribeImages"]
    target.write_text(json.dumps(document), encoding="utf-8")
    return target


def main() -> None:
    """Measure, and print."""
    accounts = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    without_delay = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    forebay = (sys.executable, "-m", "generator")
    with tempfile.TemporaryDirectory() as name, LocalAws() as aws:
        home = Path(name).resolve()
        few = write(home / "few.yaml", max(accounts // 10, 1))
        many = write(home / "topology.yaml", accounts)
        os.environ.update(aws.environment(READER))

        def read(topology: Path, out: str, *options: str) -> Measured:
            aws.forget_calls()
            about = ("-t", str(topology), "--out", str(home / out), "--assume-role", ROLES)
            return Measured(*forebay, "snapshot", *about, *options)

        sys.stdout.write(f"\n{accounts} accounts, four regions, {DELAY * 1000:.0f} ms a call\n")
        aws.seed(many)
        aws.fail(Fault(delay=DELAY))
        serial = read(few, "few.json", "--threads", "1")
        say(f"one by one, {max(accounts // 10, 1)} accounts", serial)
        parallel = read(many, "live.json")
        calls = len(aws.calls()) - 1  # who reads is asked once
        scaled = serial.seconds * accounts / max(accounts // 10, 1)
        say("snapshot", parallel, f"{scaled / parallel.seconds:.1f} x as fast (aim 12)")
        sys.stdout.write(
            f"{calls / accounts:.1f} calls an account (aim 36), "
            f"{parallel.processor / calls * 1000:.2f} ms of processor a call (aim 1.6)\n"
        )
        judge(home, many)
        if without_delay:
            aws.fail()
            most = write(home / "most.yaml", without_delay)
            aws.reset()
            os.environ.update(aws.environment(READER))
            aws.seed(most)
            say(f"snapshot of {without_delay}, no delay", read(most, "most.json"), "aim 300 MiB")


def judge(home: Path, topology: Path) -> None:
    """Drift of the snapshot as it is, and where every record of it differs."""
    forebay = (sys.executable, "-m", "generator")
    about = ("-t", str(topology))
    base = Measured(*forebay, "validate", *about)
    say("validate", base)
    # The first run compiles what it loads, which the second would not have to.
    Measured(*forebay, "drift", *about, "--live", str(home / "live.json"))
    same = Measured(*forebay, "drift", *about, "--live", str(home / "live.json"))
    say("drift --live FILE", same, f"exit {same.code} (aim 2 s)")
    wrong = spoiled(home / "live.json", home / "wrong.json")
    other = Measured(*forebay, "drift", *about, "--live", str(wrong))
    say(
        "drift, every record differs",
        other,
        f"{ratio(other, same, 'drift', 1.3)}, exit {other.code}",
    )
    check = Measured(*forebay, "check", *about, "--live", str(home / "live.json"))
    say("check --live FILE", check, f"exit {check.code}")


if __name__ == "__main__":
    main()
