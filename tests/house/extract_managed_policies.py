"""Bring managed_policies.json, what AWS managed policies say, up to date; run by `make data`.

The policies are those that the file names already; a new one is added as `"PATH/NAME": {}`. Their
documents come from the `moto` that is installed, whose own data is taken from an AWS account, or from
what `aws iam get-account-authorization-details --filter AWSManagedPolicy` prints, where that file is
named as the second argument. Of two versions the later one stays.
"""

import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TypedDict

PAGE = "https://docs.aws.amazon.com/aws-managed-policy/latest/reference/{name}.html"

SERVICES = ("ecr", "kms", "secretsmanager", "sts")
"""The services whose actions are kept; nothing that is decided here depends on others."""


class Entry(TypedDict, total=False):
    """One policy: its default version, the day of that version, where AWS shows it, what it says."""

    version: str
    edited: str
    page: str
    statements: list[dict[str, object]]


def entries_of_moto() -> Iterator[tuple[str, Entry]]:
    """The policies as the installed moto has them, by path and name."""
    from moto.iam.aws_managed_policies import aws_managed_policies_data

    for name, policy in json.loads(aws_managed_policies_data).items():
        yield (
            f"{policy['Path']}{name}".removeprefix("/"),
            _entry(name, policy["DefaultVersionId"], policy["UpdateDate"], policy["Document"]),
        )


def entries_of_account(text: str) -> Iterator[tuple[str, Entry]]:
    """The policies as the command line of AWS prints them."""
    for policy in json.loads(text)["Policies"]:
        name = policy["PolicyName"]
        for version in policy["PolicyVersionList"]:
            if version["IsDefaultVersion"]:
                yield (
                    f"{policy['Path']}{name}".removeprefix("/"),
                    _entry(name, version["VersionId"], version["CreateDate"], version["Document"]),
                )


def merged(known: Mapping[str, Entry], found: Iterable[tuple[str, Entry]]) -> dict[str, Entry]:
    """What is known, each policy in the later of its versions."""
    together = dict(known)
    for name, entry in found:
        if name in together and _number(entry) > _number(together[name]):
            together[name] = entry
    return dict(sorted(together.items()))


def _number(entry: Entry) -> int:
    return int(entry.get("version", "v0").removeprefix("v"))


def _entry(name: str, version: str, edited: str, document: Mapping[str, object]) -> Entry:
    statements = document["Statement"]
    listed = statements if isinstance(statements, list) else [statements]
    return {
        "version": version,
        "edited": edited[:10],
        "page": PAGE.format(name=name),
        "statements": [kept for each in listed if (kept := _kept(each)) is not None],
    }


def _kept(statement: Mapping[str, object]) -> dict[str, object] | None:
    """A statement with only the actions of the kept services; `None` when there is none."""
    if "NotAction" in statement:
        return dict(statement)
    actions = statement["Action"]
    listed = actions if isinstance(actions, list) else [actions]
    kept = [action for action in listed if _may_be_of_a_service(str(action))]
    return {**statement, "Action": kept} if kept else None


def _may_be_of_a_service(action: str) -> bool:
    prefix = re.escape(action.partition(":")[0].lower()).replace(r"\*", ".*").replace(r"\?", ".")
    return any(re.fullmatch(prefix, service) for service in SERVICES)


def main() -> None:
    """Bring the file that is named first up to date; the second holds what an account printed."""
    file = Path(sys.argv[1])
    known: dict[str, Entry] = json.loads(file.read_text("utf-8"))
    found = merged(known, entries_of_moto())
    if len(sys.argv) > 2:
        found = merged(found, entries_of_account(Path(sys.argv[2]).read_text("utf-8")))
    file.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
