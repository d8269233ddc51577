"""Reads `forebay-ignore.yaml`: results that were accepted in a file of their own, to be reviewed."""

import re
from pathlib import Path

from generator.model.errors import ToolError
from generator.model.finding import Finding
from generator.model.quotes import quoted
from generator.model.span import first_line
from generator.model.suppression import (
    AcceptedAccess,
    Described,
    Suppression,
    name_of_today,
    parse_access,
    parse_day,
)
from generator.topology.contents import Entries, Items, Text
from generator.topology.document import read_document
from generator.topology.mistakes import (
    EMPTY_VALUE,
    INVALID_VALUE,
    MISSING_KEY,
    SECOND_DOCUMENT,
    Mistakes,
    Place,
)
from generator.topology.shapes import (
    Complaint,
    Field,
    IntegerShape,
    ListShape,
    RecordShape,
    TextShape,
)
from generator.topology.structure import fit

_EXAMPLE_ACCESS = (
    "999988887777 ecr:BatchGetImage arn:aws:ecr:eu-west-1:111122223333:repository/quay/*"
)


def read_suppression_file(file: Path) -> tuple[tuple[Suppression, ...], tuple[Finding, ...]]:
    """The accepted results, or everything that is wrong with the file.

    Raises `ToolError` when it cannot be read or is not YAML.
    """
    try:
        document = read_document(file)
    except ToolError as error:
        raise ToolError(
            "the ignore file cannot be read",
            error.detail,
            commands=error.commands,
            place=error.place,
        ) from error
    mistakes = Mistakes()
    if document.second is not None:
        place = Place(span=document.second, path="")
        mistakes.add(
            SECOND_DOCUMENT, place, "A second YAML document begins here: remove the `---`."
        )
    if document.root is None:
        place = Place(span=first_line(file), path="")
        mistakes.add(EMPTY_VALUE, place, "The file is empty. It begins with `version: 1`.")
        return (), mistakes.findings()
    root = fit(document.root, _FILE, Place(span=document.root.span, path=""), mistakes)
    found: list[Suppression] = []
    entries = root.items("ignore") if isinstance(root, Entries) else None
    for entry in () if entries is None else entries.items:
        if isinstance(entry, Entries):
            found.extend(_suppression(entry, file, mistakes))
    findings = mistakes.findings()
    return (() if findings else tuple(found)), findings


def _suppression(entry: Entries, file: Path, mistakes: Mistakes) -> list[Suppression]:
    if not any(entry.may_have(key) for key in ("fingerprint", "address", "file")):
        mistakes.add(
            MISSING_KEY,
            entry.place,
            "The entry says of which results it speaks by at least one of `fingerprint`, `address` "
            "and `file`; a rule as a whole is left out with `--ignore`.",
        )
        return []
    rule, reason = entry.text("rule"), entry.text("reason")
    if rule is None or reason is None:
        return []
    until = entry.text("until")
    pattern = _text(entry, "file")
    return [
        Suppression(
            rules=frozenset({name_of_today(rule.text)}),
            target=Described(
                fingerprint=_text(entry, "fingerprint"),
                address=_text(entry, "address"),
                file=None if pattern is None else _absolute(pattern, file),
            ),
            reason=reason.text,
            place=entry.place.span,
            until=None if until is None else parse_day(until.text),
            access=_access(entry.items("access")),
        )
    ]


def _access(items: Items | None) -> tuple[AcceptedAccess, ...]:
    texts = (item.text for item in (() if items is None else items.items) if isinstance(item, Text))
    return tuple(access for text in texts if (access := parse_access(text)) is not None)


def _text(entry: Entries, key: str) -> str | None:
    found = entry.text(key)
    return None if found is None else found.text


def _absolute(pattern: str, file: Path) -> str:
    """A pattern of files relative to the ignore file as one of absolute paths."""
    folder = file.absolute().resolve().parent.as_posix().rstrip("/")
    return f"{folder}/{pattern.removeprefix('./')}"


def _anything(_text: str) -> None:
    return None


def _check_day(text: str) -> Complaint | None:
    if parse_day(text) is None:
        return Complaint(
            rule=INVALID_VALUE, reason=f"{quoted(text)} is not a day: write YYYY-MM-DD."
        )
    return None


def _check_fingerprint(text: str) -> Complaint | None:
    if not re.fullmatch("[0-9a-f]{32}", text):
        return Complaint(
            rule=INVALID_VALUE,
            reason="A fingerprint has 32 hexadecimal digits, as `--format json` shows it.",
        )
    return None


def _check_reason(text: str) -> Complaint | None:
    if not text.strip():
        return Complaint(rule=INVALID_VALUE, reason="The reason says nothing.")
    return None


def _check_access(text: str) -> Complaint | None:
    if parse_access(text) is None:
        return Complaint(
            rule=INVALID_VALUE,
            reason="An access is a principal, actions and resources with blanks between them, such "
            f"as `{_EXAMPLE_ACCESS}`; several actions or resources are separated by commas.",
        )
    return None


_ENTRY = RecordShape(
    noun="an accepted result",
    example="{rule: grant-undeclared, file: terraform/shop/*, reason: old registry until May}",
    fields=(
        Field(
            name="rule",
            shape=TextShape(
                noun="the name of a rule",
                example="grant-undeclared",
                pattern=".+",
                check=_anything,
                maximum=100,
            ),
            description="The rule of the results; `undecided/RULE` for what it could not decide.",
            is_required=True,
        ),
        Field(
            name="fingerprint",
            shape=TextShape(
                noun="a fingerprint",
                example="0123456789abcdef0123456789abcdef",
                pattern="[0-9a-f]{32}",
                check=_check_fingerprint,
                maximum=32,
                may_look_like_number=True,
            ),
            description="The result's fingerprint, as `--format json` shows it.",
        ),
        Field(
            name="address",
            shape=TextShape(
                noun="a resource address or a pattern of them",
                example="module.access_*",
                pattern=".+",
                check=_anything,
                maximum=1000,
            ),
            description="The resource address, with `*` and `?`.",
        ),
        Field(
            name="file",
            shape=TextShape(
                noun="a file or a pattern of them",
                example="terraform/shop/*",
                pattern=".+",
                check=_anything,
                maximum=1000,
            ),
            description="The file, relative to this one, with `*` and `?`.",
        ),
        Field(
            name="reason",
            shape=TextShape(
                noun="a reason",
                example="the old registry is read until May",
                pattern=".*\\S.*",
                check=_check_reason,
                maximum=2000,
            ),
            description="Why the result is accepted.",
            is_required=True,
        ),
        Field(
            name="until",
            shape=TextShape(
                noun="a day",
                example="2027-03-31",
                pattern="[0-9]{4}-[0-9]{2}-[0-9]{2}",
                check=_check_day,
                maximum=10,
            ),
            description="The last day on which the result is accepted.",
        ),
        Field(
            name="access",
            shape=ListShape(
                noun="a list of accesses",
                example=f'["{_EXAMPLE_ACCESS}"]',
                item=TextShape(
                    noun="an access",
                    example=_EXAMPLE_ACCESS,
                    pattern="\\S+ \\S+ \\S+",
                    check=_check_access,
                    maximum=4000,
                ),
            ),
            description="For access that is too wide: exactly what of it is accepted.",
        ),
    ),
    may_be_empty=False,
)
_FILE = RecordShape(
    noun="a mapping with `version` and `ignore`",
    example="{version: 1, ignore: [...]}",
    fields=(
        Field(
            name="version",
            shape=IntegerShape(noun="the version of the file's language", ranges=((1, 1),)),
            description="The version of the file's language.",
            is_required=True,
        ),
        Field(
            name="ignore",
            shape=ListShape(noun="a list of accepted results", example="[{...}]", item=_ENTRY),
            description="The accepted results.",
            is_required=True,
        ),
    ),
    may_be_empty=False,
)
