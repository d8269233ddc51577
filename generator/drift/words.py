"""How drift names records and shows values."""

import json
from collections.abc import Mapping

from generator.estate.spellings import holds_unknown
from generator.estate.wording import CHANGE_CODE, how_to_decide
from generator.frozen_data import frozen
from generator.model.estate import Absent, Attribute, Json, Kind, Known, Link, Record, Unknown
from generator.model.finding import Severity
from generator.model.reading import Source

_REMEDIES: Mapping[Source, str] = {
    Source.PLAN: "The code tells more: give it with `--code` as well, or compare again after apply.",
    Source.STATE: "The code tells more: give it with `--code` as well.",
    Source.LIVE: "Take a new snapshot that reads it.",
}


def remedy(source: Source, reason: str) -> str:
    """What a person can do about a value that a source does not show, by the reason why."""
    return _REMEDIES.get(source) or how_to_decide(reason)


CHANGES: Mapping[Source, str] = {
    **dict.fromkeys(Source, f"{CHANGE_CODE}change the topology if the code is right."),
    Source.LIVE: "Apply the account's root module, or change the topology if AWS is right.",
}
"""What a person does about a difference, by where it was found."""

ALIAS_REASON = "which key an alias names is only known to KMS"
"""Why keys that are named by an alias are not compared."""


def what(record: Record) -> str:
    """The record in words: `cache rule quay`."""
    if record.kind is Kind.REGISTRY_POLICY or isinstance(record.key, Unknown):
        return record.kind.value
    if record.kind in {Kind.ROLE_POLICY, Kind.ATTACHMENT}:
        role, _, policy = record.key.partition(":")
        return f"{record.kind.value} {policy} of role {role}"
    return f"{record.kind.value} {record.key}"


def the(record: Record) -> str:
    """The record in words, with its article: `the cache rule quay`."""
    return f"the {what(record)}"


@frozen
class RecordWords:
    """Where a record is, what it is, and how the subject of each finding about it begins."""

    where: str
    what: str
    subject: str


def described(record: Record) -> RecordWords:
    """A record in words."""
    place = where(record)
    return RecordWords(where=place, what=the(record), subject=_subject(record, place))


def where(record: Record) -> str:
    """The account and region of a record in words, as far as they are known."""
    region = "" if record.region is None or isinstance(record.region, Unknown) else record.region
    account = "" if isinstance(record.account, Unknown) else f"account {record.account}"
    return ", ".join(part for part in (account, region) if part)


def line(record: Record) -> str:
    """The file and line of a record in words."""
    if record.span is None:
        return "place unknown"
    return f"`{record.span.file.as_posix()}`, line {record.span.line}"


def identity_text(record: Record) -> str:
    """How the subject of each finding about a record begins."""
    return _subject(record, where(record))


def _subject(record: Record, place: str) -> str:
    return f"{record.kind.value} {place} {'' if isinstance(record.key, Unknown) else record.key}"


def severity(kind: Kind) -> Severity:
    """How bad it is that a record of this kind is not as the topology says."""
    return Severity.MEDIUM if kind in {Kind.SECRET, Kind.SECRET_VERSION} else Severity.HIGH


def why_unknown(attribute: Attribute) -> str:
    """Why the value of an attribute cannot be compared."""
    if isinstance(attribute, Known) and isinstance(attribute.value, Unknown):
        attribute = attribute.value
    if isinstance(attribute, Unknown):
        return f"{attribute.reason} (`{attribute.reference}`)"
    if isinstance(attribute, Link):
        return "the end of its name is made up when it is created"
    if isinstance(attribute, Known) and not holds_unknown(attribute.value):
        return ALIAS_REASON
    return "a part of it is unknown"


def shown(attribute: Attribute) -> str:
    """The value of an attribute in words."""
    match attribute:
        case Absent():
            return "not set"
        case Link():
            return f"{attribute.target.kind.value} `{attribute.target.key}`"
        case Known():
            return f"`{compact(attribute.value)}`"
        case Unknown():
            return "unknown"


def compact(value: Json) -> str:
    """A value as one line of JSON; a text stands for itself."""
    if isinstance(value, str):
        return value
    return json.dumps(value, default=lambda _: "(unknown)", ensure_ascii=False)
