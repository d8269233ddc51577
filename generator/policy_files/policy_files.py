"""Policies in JSON files of their own, with the words that say what they belong to, as an estate."""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from generator.disk.places import leads_out
from generator.disk.reading import read_file
from generator.frozen_data import frozen
from generator.hcl.json_syntax import element_places
from generator.model.errors import InvalidValueError, ToolError
from generator.model.estate import (
    Absent,
    Attribute,
    Estate,
    Json,
    Kind,
    Known,
    Record,
    Root,
    Unknown,
    json_of,
)
from generator.model.quotes import nearest, quoted
from generator.model.reading import Reading, Source, StatementKey
from generator.model.span import Span, first_line
from generator.model.values import AccountId, Region

MAX_BYTES = 1024 * 1024
"""A larger file is refused; AWS takes far less."""


@frozen
class _Sort:
    """What a policy of one sort is: its record, its attribute, and what follows the account."""

    kind: Kind
    attribute: str
    owner: str


_SORTS: Mapping[str, _Sort] = {
    "registry": _Sort(kind=Kind.REGISTRY_POLICY, attribute="policy", owner="REGION"),
    "repository": _Sort(kind=Kind.REPOSITORY_POLICY, attribute="policy", owner="REGION/REPOSITORY"),
    "template": _Sort(
        kind=Kind.CREATION_TEMPLATE, attribute="repository_policy", owner="REGION/PREFIX"
    ),
    "secret": _Sort(kind=Kind.SECRET_POLICY, attribute="policy", owner="REGION/SECRET"),
    "key": _Sort(kind=Kind.KMS_KEY_POLICY, attribute="policy", owner="REGION/KEY"),
    "trust": _Sort(kind=Kind.ROLE, attribute="assume_role_policy", owner="ROLE"),
    "identity": _Sort(kind=Kind.ROLE_POLICY, attribute="policy", owner="ROLE"),
}

FORMS = tuple(f"{name}:ACCOUNT/{sort.owner}" for name, sort in _SORTS.items())
"""What can stand before the `=`, one form for each sort of policy."""

_WRAPPED = ("policyText", "ResourcePolicy", "Policy", "PolicyDocument", "AssumeRolePolicyDocument")


@frozen
class PolicyFile:
    """One policy file, and what it is the policy of."""

    sort: str
    account: AccountId
    region: Region | None
    name: str
    file: Path

    @property
    def owner(self) -> str:
        """What the policy belongs to, as it was written: the address of its record."""
        place = f"{self.account}/{self.region}" if self.region is not None else self.account
        return f"{self.sort}:{place}/{self.name}" if self.name else f"{self.sort}:{place}"


def parse_policy_file(text: str) -> PolicyFile:
    """Read `SORT:OWNER=FILE`; raises `InvalidValueError`."""
    owner, equals, file = text.partition("=")
    name, colon, rest = owner.partition(":")
    if not equals or not colon or not file or name not in _SORTS:
        near = None if name in _SORTS else nearest(name, _SORTS)
        meant = "" if near is None else f"; {quoted(near)} is probably meant"
        raise InvalidValueError(
            f"{quoted(text)} is not SORT:OWNER=FILE with one of {', '.join(FORMS)}{meant}"
        )
    sort = _SORTS[name]
    words = rest.split("/", sort.owner.count("/") + 1)
    if len(words) != sort.owner.count("/") + 2 or not all(words):
        raise InvalidValueError(f"`{owner}` is not `{name}:ACCOUNT/{sort.owner}`")
    has_region = sort.owner.startswith("REGION")
    return PolicyFile(
        sort=name,
        account=AccountId.parse(words[0]),
        region=Region.parse(words[1]) if has_region else None,
        name="/".join(words[2:] if has_region else words[1:]),
        file=Path(file),
    )


def read_policy_files(files: Sequence[PolicyFile]) -> Reading:
    """Read all of them; raises `ToolError` for a file that cannot be read or is no policy."""
    spans: dict[StatementKey, Span] = {}
    records = []
    for file in files:
        records.append(_record(file, spans))
    roots = {
        file.account: Root(
            name=file.account, account=file.account, first_file=first_line(file.file)
        )
        for file in files
    }
    return Reading(
        estate=Estate(records=tuple(records), roots=tuple(roots.values())),
        problems=(),
        statement_spans=spans,
        source=Source.POLICY,
    )


def _record(file: PolicyFile, spans: dict[StatementKey, Span]) -> Record:
    text, document = read_document(file.file)
    sort = _SORTS[file.sort]
    where = first_line(file.file)
    lines = text.count("\n") + 1
    for number, span in enumerate(element_places(text, "Statement", file=file.file, line=1)):
        if span.end_line <= lines:
            spans[file.account, file.owner, sort.attribute, number] = span
    attributes: dict[str, Attribute] = {sort.attribute: Known(value=document, span=where)}
    key: str | Unknown = file.name
    match sort.kind:
        case Kind.ROLE_POLICY:
            key = f"{file.name}:{file.file.name}"
            attributes["role"] = Known(value=file.name.rsplit("/", 1)[-1])
        case Kind.REGISTRY_POLICY:
            key = ""
        case Kind.CREATION_TEMPLATE:
            attributes["applied_for"] = Absent()
        case _:
            pass
    return Record(
        kind=sort.kind,
        account=file.account,
        region=file.region,
        key=key,
        attributes=attributes,
        address=file.owner,
        span=where,
        root=file.account,
    )


def read_document(file: Path) -> tuple[str, Json]:
    """The text of a file and the policy in it, which may be wrapped as the AWS command line prints it.

    Raises `ToolError` for a file that holds no policy.
    """
    if leads_out(file):
        raise _unusable(file, "is a link that leads out of the project")
    content = read_file(file, limit=MAX_BYTES, may_be_stream=True)
    if len(content) > MAX_BYTES:
        raise _unusable(file, f"has more than {MAX_BYTES} bytes")
    try:
        text = content.decode("utf-8-sig")
        document = json_of(_parsed(text))
        # Half of a surrogate pair is legal in JSON, and cannot be written to any report.
        json.dumps(json.loads(text), ensure_ascii=False).encode()
        for name in _WRAPPED:
            if isinstance(document, Mapping) and "Statement" not in document and name in document:
                inner = document[name]
                text = ""
                if isinstance(inner, str):
                    inner = json_of(_parsed(inner))
                document = inner
    except (ValueError, RecursionError) as error:
        raise _unusable(file, f"is not JSON: {error}") from error
    if not isinstance(document, Mapping) or "Statement" not in document:
        raise _unusable(file, "holds no policy: an object with `Statement` is needed")
    return text, document


def _unusable(file: Path, why: str) -> ToolError:
    return ToolError(
        "a policy file cannot be used", f"`{file}` {re.sub(r'[.]$', '', why)}.", place=file
    )


def _parsed(text: str) -> object:
    parsed: object = json.loads(text, object_pairs_hook=_object, parse_constant=_no_constant)
    return parsed


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is no number there")


def _object(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    """A JSON object; of two members with one name, AWS and readers may take different ones."""
    found: dict[str, object] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(f"the key `{name}` stands twice in one object")
        found[name] = value
    return found
