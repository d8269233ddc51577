"""Opens the JSON of a plan or a state, and says what is wrong with a file that is neither."""

import json
import shlex
from collections.abc import Mapping, Sequence

from generator.frozen_data import frozen
from generator.model.quotes import quoted
from generator.model.reading import Source

MOST_BYTES = 256 * 1024 * 1024
"""A larger file is refused before it is parsed."""
MOST_GROUPS = 3_000_000
MOST_VALUES = 10_000_000
"""What a file holds more of would fill the memory; no plan or state of a person does."""
DEEPEST = 100
"""Terraform's own documents nest about twenty levels deep."""

_TOO_DEEP = f"nests deeper than {DEEPEST} levels, which no plan or state does"
_MAJOR_VERSIONS = frozenset({"0", "1"})
_BYTE_ORDER_MARKS = (
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
    (b"\xef\xbb\xbf", "utf-8-sig"),
)


class UnusableFileError(ValueError):
    """A file that is no plan or state; the message goes on behind the file's name."""

    def __init__(self, message: str, *, line: int = 1, column: int = 1) -> None:
        super().__init__(message)
        self.line = line
        self.column = column


@frozen
class Document:
    """The JSON of a plan or a state: its text, for places, and what it says."""

    source: Source
    text: str
    content: Mapping[str, object]


def parse_document(content: bytes, *, name: str, expected: Source) -> Document:
    """Parse the file's bytes; raises `UnusableFileError`. `name` stands in commands to copy."""
    if len(content) > MOST_BYTES:
        size = MOST_BYTES // (1024 * 1024)
        raise UnusableFileError(f"is larger than {size} MiB, which is more than is read")
    if content.startswith(b"PK\x03\x04"):
        raise UnusableFileError(
            "is a plan in Terraform's own format, which only Terraform reads. Run "
            f"`terraform show -json {shlex.quote(name)} > plan.json` in the root module's folder and give that "
            "file"
        )
    text = _decoded(content)
    if not text.strip():
        raise UnusableFileError("is empty: `terraform show -json` printed nothing into it")
    parsed = _parsed(text)
    if not isinstance(parsed, dict):
        raise UnusableFileError("holds no JSON object, so it is neither a plan nor a state")
    source = _source_of(parsed, name)
    if source is not expected:
        raise UnusableFileError(f"is a {source}, not a {expected}: give it with `--{source}`")
    return Document(source=source, text=text, content=parsed)


def parse_embedded(text: str) -> object:
    """A JSON document inside a value (a policy); raises `ValueError`."""
    return _parsed(text)


def fields(value: object) -> Mapping[str, object]:
    """A JSON object, empty when the value is something else."""
    return value if isinstance(value, dict) else {}


def elements(value: object) -> Sequence[object]:
    """A JSON array, empty when the value is something else."""
    return value if isinstance(value, list) else ()


def word(value: object) -> str:
    """A JSON string, empty when the value is something else."""
    return value if isinstance(value, str) else ""


def _decoded(content: bytes) -> str:
    """The text; PowerShell writes what a program prints as UTF-16."""
    encoding = next((name for mark, name in _BYTE_ORDER_MARKS if content.startswith(mark)), "utf-8")
    if encoding == "utf-8" and content[1:2] == b"\0":
        encoding = "utf-16-le"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise UnusableFileError(
            f"is not text in UTF-8 or UTF-16 (byte {error.start}), so it is neither a plan nor a state"
        ) from None


def _parsed(text: str) -> object:
    if text.count("{") + text.count("[") > MOST_GROUPS or text.count(",") > MOST_VALUES:
        raise UnusableFileError("holds more values than are read")
    try:
        parsed: object = json.loads(
            text, parse_constant=_refuse_constant, object_pairs_hook=_refuse_repeats
        )
    except json.JSONDecodeError as error:
        words = f"is not JSON (line {error.lineno}, column {error.colno}: {error.msg})"
        if error.msg == "Extra data" and '"@level"' in text[:2000]:
            words = (
                "is what `terraform plan -json` prints, a log. Save the plan with `-out=plan.tfplan` "
                "and give what `terraform show -json plan.tfplan` prints"
            )
        raise UnusableFileError(words, line=error.lineno, column=error.colno) from None
    except UnusableFileError:
        raise
    except RecursionError:
        raise UnusableFileError(_TOO_DEEP) from None
    except ValueError as error:
        raise UnusableFileError(f"is not JSON ({error})") from None
    _refuse_depth(parsed)
    return parsed


def _refuse_constant(name: str) -> object:
    raise UnusableFileError(f"is not JSON ({name} is no number there)")


def _refuse_repeats(members: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(members)
    if len(found) < len(members):
        names = [name for name, _ in members]
        twice = next(name for name in names if names.count(name) > 1)
        raise UnusableFileError(f"names the key {quoted(twice)} twice in one object")
    return found


def _refuse_depth(parsed: object) -> None:
    """Refuse nesting that later walks could not follow."""
    level = [parsed]
    for _ in range(DEEPEST):
        level = [
            inner
            for value in level
            for inner in (
                value.values()
                if isinstance(value, dict)
                else value
                if isinstance(value, list)
                else ()
            )
        ]
        if not level:
            return
    raise UnusableFileError(_TOO_DEEP)


def _source_of(content: Mapping[str, object], name: str) -> Source:
    if isinstance(content.get("version"), int) and "lineage" in content:
        raise UnusableFileError(
            "is a state as Terraform stores it. Run "
            f"`terraform show -json {shlex.quote(name)} > state.json` in the root module's folder and give that "
            "file: it marks what is sensitive"
        )
    version = content.get("format_version")
    plan = {"planned_values", "resource_changes", "configuration"} & content.keys()
    state = "values" in content or content.keys() <= {"format_version", "terraform_version"}
    if not isinstance(version, str) or not (plan or state):
        raise UnusableFileError(
            "is neither a plan nor a state: give what `terraform show -json` prints"
        )
    if version.partition(".")[0] not in _MAJOR_VERSIONS:
        raise UnusableFileError(
            f"has format version {version[:20]}, and only version 1 is understood: it was written by "
            "a newer Terraform than this forebay knows"
        )
    return Source.PLAN if plan else Source.STATE
