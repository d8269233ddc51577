"""Which record an attribute of another one names: by its address, by a link, or by an ARN's text."""

import re

from generator.model.estate import Absent, Attribute, Kind, Known, Link, Record, Unknown

UNKNOWN_PIECE = "\0"
"""Stands in a text for a piece that is not known."""

_NAMES = {Kind.MANAGED_POLICY: "policy/", Kind.ROLE: "role/", Kind.SECRET: "secret:"}


def may_name(value: Attribute, target: Record, user: Record) -> bool:
    """Whether an attribute of `user` names the target, as far as can be told, or may do so."""
    return certainly_names(value, target, user) or certainly_names(
        candidate_of(value), target, user
    )


def candidate_of(value: Attribute) -> Attribute:
    """What a value that is not known is, if it is anything."""
    if isinstance(value, Unknown) and value.candidate is not None:
        return value.candidate
    return Absent()


def certainly_names(value: Attribute, target: Record, user: Record) -> bool:
    """Whether an attribute of `user` names the target, as far as can be told."""
    if isinstance(value, Link):
        return value.target == target.identity
    if _own_address(value) == target.address and user.root == target.root:
        return True
    text = shape_of(value)
    if text is None or not isinstance(target.key, str):
        return False
    name = re.escape(f"{_NAMES.get(target.kind, '')}{target.key}")
    suffix = "(-[A-Za-z0-9]{6}|-\0)?" if target.kind is Kind.SECRET else ""
    if re.search(rf":{name}{suffix}$", text) is None:
        return False
    if isinstance(value, Known):
        words = text.split(":")
        return isinstance(target.account, Unknown) or words[4] == target.account
    # The account or region is not known: the same root means the same one.
    return target.root == user.root


def named_address(value: Attribute) -> str | None:
    """The address of the block whose attribute a value is, or may be, where that is all that is known."""
    return _own_address(value) or _own_address(candidate_of(value))


def _own_address(value: Attribute) -> str | None:
    if not isinstance(value, Unknown) or value.origin is None:
        return None
    return value.origin.rpartition(".")[0]


def is_same_target(one: Record, first: Attribute, other: Record, second: Attribute) -> bool:
    """Whether two attributes name the same thing, if they name any, whatever it is called."""
    address = named_address(first)
    return address is not None and address == named_address(second) and one.root == other.root


def shape_of(value: Attribute) -> str | None:
    """A text with a null character for each piece that is not known; `None` when nothing is."""
    match value:
        case Known(value=str(text)):
            return text
        case Unknown(parts=parts) if any(parts):
            return "".join(UNKNOWN_PIECE if part is None else part for part in parts)
        case _:
            return None


def shown(text: str) -> str:
    """A text of which some pieces are not known, for a message."""
    return text.replace(UNKNOWN_PIECE, "${…}")


def shown_unknown(value: Unknown) -> str:
    """A value that is not known, for a message: what is written around it, else its reference."""
    text = shape_of(value)
    return value.reference if text is None else shown(text)


def names_somebody(value: Unknown) -> bool:
    """Whether a principal that is not known is certainly somebody, and no empty list."""
    return any(value.parts) or value.origin is not None
