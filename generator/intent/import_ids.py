"""The ids by which Terraform imports what a topology asks for and is there already."""

from generator.model.estate import Kind, Record
from generator.model.topology import Topology

IMPORTED = frozenset(
    {
        Kind.CACHE_RULE,
        Kind.CREATION_TEMPLATE,
        Kind.ACCOUNT_SETTING,
        Kind.REGISTRY_POLICY,
        Kind.ROLE,
        Kind.ROLE_POLICY,
        Kind.MANAGED_POLICY,
        Kind.ATTACHMENT,
    }
)
"""The kinds that are imported, which are all that are written but secrets and their versions."""


def import_id(topology: Topology, record: Record) -> str | None:
    """The id of an intended record as the AWS provider takes it; `None` for what is never imported.

    A secret is none of those: importing its version plans a replacement that puts the placeholder over
    the real value.
    """
    key = str(record.key)
    match record.kind:
        case Kind.CACHE_RULE | Kind.CREATION_TEMPLATE | Kind.ACCOUNT_SETTING:
            return f"{key}@{record.region}"
        case Kind.REGISTRY_POLICY:
            return f"{record.account}@{record.region}"
        case Kind.ROLE:
            return key.rpartition("/")[2]
        case Kind.ROLE_POLICY:
            role, _, policy = key.rpartition(":")
            return f"{role.rpartition('/')[2]}:{policy}"
        case Kind.MANAGED_POLICY:
            return _policy_arn(topology, record, key)
        case Kind.ATTACHMENT:
            role, _, policy = key.partition(":")
            return f"{role}/{_policy_arn(topology, record, policy)}"
        case _:
            return None


def _policy_arn(topology: Topology, record: Record, key: str) -> str:
    regions = topology.accounts_by_id[record.account].regions
    return f"arn:{regions[0].aws_partition.id}:iam::{record.account}:policy/{key}"
