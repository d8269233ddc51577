"""What `check --since` takes where one registry has 300 grants, against `check` of the same code.

Run it with `make bench`, or `python tests/bench/bench_since.py [GRANTS]`. Once a change is about one account,
and once about all of them.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from bench.bench_hcl import Measured, ratio, say

TOPOLOGY = """\
version: 1
defaults: {{regions: [eu-west-1]}}
accounts:
  hub: {{id: "111122223333", registry_policy: create}}
{accounts}
upstreams:
  docker-hub: {{credential: ecr-pullthroughcache/docker-hub}}
  github: {{credential: ecr-pullthroughcache/github}}
registries:
  hub:
    caches: {{docker-hub: {{}}, quay: {{}}, ghcr: {{upstream: github}}}}
    grants:
{grants}
"""
CACHES = ("docker-hub", "quay", "ghcr")


def main() -> None:
    """Measure, and print."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    with tempfile.TemporaryDirectory() as name:
        home = Path(name).resolve()
        topology = home / "topology.yaml"
        topology.write_text(text_of(number), encoding="utf-8")
        forebay = (sys.executable, "-m", "generator")
        about = ("-t", str(topology))
        Measured(*forebay, "generate", *about)
        git(home, "init", "--quiet")
        git(home, "add", "--all")
        git(
            home,
            "-c",
            "user.name=a",
            "-c",
            "user.email=a@b.example",
            "commit",
            "--quiet",
            "-m",
            "1",
        )
        sys.stdout.write(f"\n{number} grants on one registry\n")
        base = Measured(*forebay, "check", *about)
        say("check", base)
        for what, change in (("one account", one_account), ("every account", every_account)):
            change(home, forebay)
            took = Measured(*forebay, "check", *about, "--since", "HEAD")
            say(
                f"check --since, {what}", took, f"{ratio(took, base, 'check', 3)}, exit {took.code}"
            )
            git(home, "reset", "--quiet", "--hard")


def text_of(number: int) -> str:
    """A topology in which as many accounts may pull from one registry."""
    accounts = "\n".join(f'  team-{n}: {{id: "{200_000_000_000 + n}"}}' for n in range(number))
    grants = "\n".join(
        f"      - {{to: {{account: team-{n}, role: puller}}, allow: pull, caches: [{CACHES[n % 3]}]}}"
        for n in range(number)
    )
    return TOPOLOGY.format(accounts=accounts, grants=grants)


def one_account(home: Path, forebay: tuple[str, ...]) -> None:
    """Raise the level of one grant, and write the code."""
    file = home / "topology.yaml"
    text = file.read_text(encoding="utf-8")
    changed = text.replace(
        "{account: team-7, role: puller}, allow: pull",
        "{account: team-7, role: puller}, allow: first-pull",
    )
    file.write_text(changed, encoding="utf-8")
    Measured(*forebay, "generate", "-t", str(file))


def every_account(home: Path, _forebay: tuple[str, ...]) -> None:
    """Take a right from every account, in the code of the registry alone."""
    file = home / "terraform" / "hub" / "access.tf"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace('"pull"', '"cached"'), encoding="utf-8")


def git(folder: Path, *words: str) -> None:
    """Run git in a folder."""
    subprocess.run(["git", "-C", str(folder), *words], check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
