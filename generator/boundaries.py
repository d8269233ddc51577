"""The permissions boundaries of roles: what is known of them."""

from generator.held import parse_record
from generator.iam import Policy
from generator.model.estate import Absent, Estate, Kind, Known, Link, Record


def has_boundary(role: Record) -> bool:
    """Whether a role has a permissions boundary, or may have one."""
    return not isinstance(role.get("permissions_boundary"), Absent)


def boundary_name(role: Record) -> str:
    """The boundary in the words of the code."""
    match role.get("permissions_boundary"):
        case Known(value=value):
            return str(value)
        case Link(target=target):
            return target.key
        case _:
            return role.address


def boundary_policy(estate: Estate, role: Record) -> tuple[Record, Policy] | None:
    """The managed policy that is a role's boundary, where it is in the estate."""
    boundary = role.get("permissions_boundary")
    if not isinstance(boundary, Link | Known):
        return None
    for record in estate.records:
        if record.kind is not Kind.MANAGED_POLICY:
            continue
        is_it = isinstance(boundary, Link) and boundary.target == record.identity
        if isinstance(boundary, Known):
            is_it = str(boundary.value).endswith(f"::{record.account}:policy/{record.key}")
        if is_it:
            return record, parse_record(record, "policy")
    return None
