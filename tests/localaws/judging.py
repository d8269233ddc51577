"""Holds what forebay asks the local AWS against what `forebay policies live` prints for the command.

Every call of forebay's names its command in the user agent. Whatever a test runs in its own process is judged
as soon as it has run, the rest when the test ends.
"""

from __future__ import annotations

import contextlib
import io
import json
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from e2e.deployer import ALWAYS_ALLOWED, resource_of
from generator.cli.main import run
from generator.iam import Policy, Request, decide, parse_policy
from generator.model.estate import json_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from .recording import Call

_PASSED_ON = ("-t", "--topology", "--account", "--region")
_printed: dict[tuple[str, ...], dict[str, str]] = {}


def refused(calls: Iterable[Call], arguments: Sequence[str]) -> list[tuple[str, ...]]:
    """The calls that the printed policies for a command do not allow, in the folder that it ran in."""
    calls = [call for call in calls if (call.service, call.operation) not in ALWAYS_ALLOWED]
    return refused_by(printed_policies(arguments), calls) if calls else []


def refused_by(policies: Mapping[str, str], calls: Iterable[Call]) -> list[tuple[str, ...]]:
    """The calls that the policies of their accounts do not allow: account, action, resource, region."""
    asked = {
        (call.account, f"{call.service}:{call.operation}", resource_of(call, {}), call.region)
        for call in calls
        if (call.service, call.operation) not in ALWAYS_ALLOWED
    }
    return sorted(
        one for one in asked if one[0] not in policies or not _allows(policies[one[0]], *one)
    )


def printed_policies(arguments: Sequence[str]) -> Mapping[str, str]:
    """The policies, by account, that `forebay policies live` prints for a command, in this folder."""
    words = ["policies", "live", "--format", "json"]
    words += ["--doctor"] if "doctor" in arguments else []
    words += ["--deep"] if "--deep" in arguments else []
    for name, value in pairwise(arguments):
        words += [name, value] if name in _PASSED_ON else []
    file = Path(words[words.index("-t") + 1] if "-t" in words else "topology.yaml")
    key = (*words, file.read_text("utf-8") if file.is_file() else "")
    if key not in _printed:
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            code = run(words)
        assert code == 0, (words, said.getvalue())
        _printed[key] = {
            policy["account_id"]: json.dumps(policy["policy"])
            for policy in json.loads(said.getvalue())["policies"]
        }
    return _printed[key]


@cache
def _allows(policy: str, account: str, action: str, resource: str, region: str) -> bool:
    request = Request(
        principal=f"arn:aws:iam::{account}:role/reader",
        action=action,
        resource=resource,
        context={"aws:RequestedRegion": region},
    )
    parsed = _parsed(policy)
    return decide(request, resource_account=account, identity_policies=[parsed]).allowed is True


@cache
def _parsed(policy: str) -> Policy:
    parsed = parse_policy(json_of(json.loads(policy)), source="the policy")
    assert not parsed.problems
    return parsed
