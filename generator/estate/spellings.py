"""Spellings and defaults that are not drift, one function each."""

import re
from collections.abc import Iterator, Mapping
from enum import Enum

from generator.estate.resources.shapes import GENERATED
from generator.iam.globs import like_glob, matches
from generator.model.estate import Absent, Attribute, Identity, Json, Kind, Known, Link, Unknown
from generator.model.values import ROOT, is_key_of_alias


class Verdict(Enum):
    """The outcome of comparing one value with another."""

    SAME = "same"
    DIFFERENT = "different"
    CANNOT_TELL = "cannot tell"


def compare_attribute(name: str, intended: Attribute, found: Attribute) -> Verdict:
    """Whether a found attribute means the same as the intended one (policies are compared elsewhere)."""
    if isinstance(found, Unknown) or isinstance(intended, Unknown):
        return Verdict.CANNOT_TELL
    if isinstance(intended, Link):
        return _compare_link(intended, found)
    if isinstance(found, Link):
        return Verdict.DIFFERENT
    wanted, actual = _plain(name, intended), _plain(name, found)
    if holds_unknown(actual):
        is_ordered = name == "encryption_configuration"
        differs = _differs_inside(wanted, actual, is_ordered=is_ordered)
        return Verdict.DIFFERENT if differs else Verdict.CANNOT_TELL
    if name == "encryption_configuration" and named_alike(wanted, actual) == wanted:
        return Verdict.CANNOT_TELL
    return Verdict.SAME if wanted == actual else Verdict.DIFFERENT


def _differs_inside(wanted: Json, actual: Json, *, is_ordered: bool = False) -> bool:
    """Whether a part that is known is certainly another, whatever the unknown parts beside it are."""
    match wanted, actual:
        case Mapping(), Mapping():
            return any(
                _differs_inside(value, actual[key])
                for key, value in wanted.items()
                if key in actual
            )
        case tuple(), tuple():
            # Of longer lists, the order may say nothing.
            is_alike = len(wanted) == len(actual) and (is_ordered or len(wanted) == 1)
            return is_alike and any(map(_differs_inside, wanted, actual))
        case str() as mine, str() as theirs if is_key_of_alias(mine) != is_key_of_alias(theirs):
            return False
        case ((str() | int() | float() | None), (str() | int() | float() | None)):
            return wanted != actual
        case _:
            return False


def named_alike(wanted: Json, actual: Json) -> Json:
    """The found value with its KMS keys named as the intended one names them, by alias or by ARN.

    `None` when no alias on one side can stand for a key on the other: nobody but KMS knows whether
    it does.
    """
    ours, theirs = set(_keys_in(wanted)), set(_keys_in(actual))
    names: dict[str, str] = {}
    for mine in ours - theirs:
        head = mine.partition(":key/")[0]
        others = [
            other
            for other in theirs - ours
            if other.startswith(f"{head}:key/") and is_key_of_alias(other) != is_key_of_alias(mine)
        ]
        if len(others) == 1 and others[0] not in names:
            names[others[0]] = mine
    return _renamed(actual, names) if names else None


def _keys_in(value: Json) -> Iterator[str]:
    match value:
        case str():
            if re.fullmatch(r"arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9/_-]+", value):
                yield value
        case tuple():
            for item in value:
                yield from _keys_in(item)
        case Mapping():
            for item in value.values():
                yield from _keys_in(item)
        case _:
            return


def _renamed(value: Json, names: Mapping[str, str]) -> Json:
    match value:
        case str():
            return names.get(value, value)
        case tuple():
            return tuple(_renamed(item, names) for item in value)
        case Mapping():
            return {key: _renamed(item, names) for key, item in value.items()}
        case _:
            return value


def holds_unknown(value: Json) -> bool:
    """Whether any leaf of the value is unknown."""
    if isinstance(value, Unknown):
        return True
    if isinstance(value, tuple):
        return any(holds_unknown(item) for item in value)
    if isinstance(value, str | int | float | bool) or value is None:
        return False
    return any(holds_unknown(item) for item in value.values())


def is_certainly_equal(first: Json, second: Json) -> bool:
    """Whether two values are the same down to their types, with nothing unknown in either."""
    match first:
        case Unknown():
            return False
        case Mapping():
            return (
                isinstance(second, Mapping)
                and first.keys() == second.keys()
                and all(is_certainly_equal(item, second[key]) for key, item in first.items())
            )
        case tuple():
            return (
                isinstance(second, tuple)
                and len(first) == len(second)
                and all(map(is_certainly_equal, first, second))
            )
        case _:
            return type(first) is type(second) and first == second


def _compare_link(intended: Link, found: Attribute) -> Verdict:
    """A literal ARN equals the link it names."""
    match found:
        case Link() if found.target == intended.target:
            return Verdict.SAME
        case Link():
            may_be = has_made_up_end(found) and _may_become(found.target, intended.target)
            return Verdict.CANNOT_TELL if may_be else Verdict.DIFFERENT
        case Known(value=str(text)):
            return Verdict.SAME if _names(intended, text) else Verdict.DIFFERENT
        case Known(value=Unknown()):
            return Verdict.CANNOT_TELL
        case _:
            return Verdict.DIFFERENT


def has_made_up_end(link: Link) -> bool:
    """Whether the end of what a link names is made up when that is created."""
    return link.target.key.endswith(GENERATED)


def _may_become(found: Identity, wanted: Identity) -> bool:
    """Whether a name of which only the beginning is known may turn out to be another one."""
    head = found.key.removesuffix(GENERATED)
    return (
        (found.kind, found.account, found.region) == (wanted.kind, wanted.account, wanted.region)
        and wanted.key.startswith(head)
        and len(wanted.key) == len(found.key)
    )


def _names(link: Link, arn: str) -> bool:
    """Whether the ARN is one that the linked record can have.

    A secret's ARN ends in a hyphen and six characters that nobody can know before it exists.
    """
    target = link.target
    match target.kind:
        case Kind.SECRET:
            tail = f"secretsmanager:{target.region}:{target.account}:secret:{target.key}"
        case Kind.ROLE:
            tail = f"iam::{target.account}:role/{target.key}"
        case Kind.MANAGED_POLICY:
            tail = f"iam::{target.account}:policy/{target.key}"
        case _:
            return False
    start, _, rest = arn.partition(":")
    partition, _, rest = rest.partition(":")
    is_there = (
        _PARTITION.fullmatch(partition) is not None
        if target.region is None
        else partition == target.region.aws_partition.id
    )
    if start != "arn" or not is_there or not rest.startswith(tail):
        return False
    ending = rest[len(tail) :]
    return not ending or (target.kind is Kind.SECRET and _SUFFIX.fullmatch(ending) is not None)


_PARTITION = re.compile(r"aws[a-z-]*")
_SUFFIX = re.compile(r"-[A-Za-z0-9]{6}")


def _plain(name: str, attribute: Known | Absent) -> Json:
    """The attribute's value in the one spelling that is compared."""
    value = attribute.value if isinstance(attribute, Known) else None
    match name:
        case "upstream_repository_prefix":
            # Unset means ROOT (API shape PullThroughCacheRule); one trailing slash is implied.
            return value.removesuffix("/") if isinstance(value, str) and value else value or ROOT
        case "version_stages" | "applied_for":
            return tuple(sorted(map(str, value))) if isinstance(value, tuple) else value
        case "image_tag_mutability":
            return value or "MUTABLE"
        case "image_tag_mutability_exclusion_filter":
            return _tag_filters(value)
        case "encryption_configuration":
            return _encryption(value)
        case "lifecycle_policy":
            return _lifecycle(value)
        case "recovery_window_in_days":
            # The provider's default.
            return _text(value) or "30"
        case "resource_tags":
            return _tags(value)
        case _:
            # Terraform converts between numbers, booleans and their texts as the schema asks.
            return _text(value)


def _tags(value: Json) -> Json:
    """Tags by name; Terraform makes a text of each value."""
    if not isinstance(value, Mapping):
        return value or None
    return {
        key: tag if isinstance(tag, Unknown) else _text(tag) or "" for key, tag in value.items()
    } or None


def _encryption(value: Json) -> Json:
    """The kind of encryption and the key; without a block it is AES256 (API shape EncryptionType)."""
    if isinstance(value, tuple):
        value = value[0] if value else None
    if isinstance(value, Unknown):
        return value
    if not isinstance(value, Mapping):
        return ("AES256", None)
    return (value.get("encryption_type") or "AES256", value.get("kms_key") or None)


def _tag_filters(value: Json) -> Json:
    """The filters in one order; which of them excludes a tag says nothing."""
    if not isinstance(value, tuple):
        return value or None
    kept = {str(item): item for item in value}
    return tuple(kept[key] for key in sorted(kept)) or None


def _lifecycle(value: Json) -> Json:
    """The rules in the order in which ECR applies them; numbers and descriptions have no effect."""
    rules = value.get("rules") if isinstance(value, Mapping) else None
    if not isinstance(rules, tuple) or not all(isinstance(rule, Mapping) for rule in rules):
        return value or None
    numbered = [(_priority(rule), rule) for rule in rules if isinstance(rule, Mapping)]
    if len(numbered) > 1:
        # Which of several rules comes first decides what expires.
        for priority, _ in numbered:
            if isinstance(priority, Unknown):
                return priority
            if priority is None:
                return value
    ordered = sorted(numbered, key=lambda entry: entry[0] if isinstance(entry[0], float) else 0.0)
    return tuple(
        {
            key: _plain_json(item)
            for key, item in rule.items()
            if key not in {"rulePriority", "description"}
        }
        for _, rule in ordered
    )


def _priority(rule: Mapping[str, Json]) -> float | Unknown | None:
    """The place of a rule in the order, `None` when it has none that counts."""
    priority = rule.get("rulePriority")
    if isinstance(priority, Unknown):
        return priority
    try:
        return float(priority) if isinstance(priority, int | float | str) else None
    except ValueError:
        return None


def _plain_json(value: Json) -> Json:
    """A value with whole numbers in one type, and lists of words in one order."""
    if isinstance(value, Mapping):
        return {key: _plain_json(item) for key, item in value.items()}
    if isinstance(value, tuple):
        items = [_plain_json(item) for item in value]
        return tuple(sorted(items, key=str))
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _text(value: Json) -> Json:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(int(value)) if float(value).is_integer() else str(value)
    return value or None


def matches_role(pattern: str, role: str) -> bool:
    """Whether a role key (`path/name`) matches a consumer's role, as `ArnLike` would match it."""
    return matches(like_glob(pattern), role)
