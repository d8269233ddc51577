"""What AWS managed policies say about the services that this package judges, read from a file.

`make data` brings the file up to date. Actions of other services are left out of the statements. A
policy that is not in the file is not known here; AWS has more than a thousand.
"""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from generator.frozen_data import frozen

_PARTITION_OF_THE_FILE = "arn:aws:"


@frozen
class ManagedPolicy:
    """One AWS managed policy: its default version, that version's day, and where AWS shows it.

    `key` is its path and name. The statements are as AWS writes them for the partition `aws`.
    """

    key: str
    version: str
    edited: str
    page: str
    statements: str

    @property
    def words(self) -> str:
        """The policy and its version, in words."""
        name = self.key.rpartition("/")[2]
        return f"the policy `{name}` ({self.version} of {self.edited})"

    def document(self, partition: str) -> Mapping[str, object]:
        """The policy document in a partition."""
        text = self.statements.replace(f'"{_PARTITION_OF_THE_FILE}', f'"arn:{partition}:')
        return {"Version": "2012-10-17", "Statement": json.loads(text)}


@cache
def managed_policies() -> Mapping[str, ManagedPolicy]:
    """The known policies by their path and name."""
    text = (Path(__file__).parent / "managed_policies.json").read_text(encoding="utf-8")
    return {
        key: ManagedPolicy(
            key=key,
            version=entry["version"],
            edited=entry["edited"],
            page=entry["page"],
            statements=json.dumps(entry["statements"]),
        )
        for key, entry in json.loads(text).items()
    }


def aws_policy_named(name: str) -> str | None:
    """The path and name of the known policy of a name, which is the only one that AWS has."""
    return next((key for key in managed_policies() if key.rpartition("/")[2] == name), None)
