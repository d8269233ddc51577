"""Hand-written roots in the styles that people write: each with the records that it means.

The records stand in `styles/expected/`; `REWRITE_SNAPSHOTS=1` writes them anew, to be read and committed.
"""

import json
import os
from pathlib import Path

import pytest

from generator.hcl import CodeReading, Engine, ReadingSettings, read_code
from generator.model.estate import Absent, Attribute, Known, Link, Record, Unknown

STYLES = Path(__file__).parent / "styles"
REWRITE = "REWRITE_SNAPSHOTS"
NAMES = sorted(
    path.name
    for path in STYLES.iterdir()
    if path.name != "expected" and not path.name.endswith("_modules")
)


def shown(value: object) -> object:
    """A value in words that a reviewer can read."""
    match value:
        case Known(value=known):
            return shown(known)
        case Absent():
            return None
        case Link(target=target):
            return {"link": f"{target.kind} {target.key}, {target.account}, {target.region}"}
        case Unknown(reference=reference, reason=reason):
            return {"unknown": f"{reference}: {reason}"}
        case tuple():
            return [shown(item) for item in value]
        case dict():
            return {key: shown(item) for key, item in value.items()}
        case _:
            return value


def line_of(record: Record | Attribute) -> str:
    span = record.span
    return "" if span is None else f"{span.file.relative_to(STYLES).as_posix()}:{span.line}"


def described(reading: CodeReading) -> dict[str, object]:
    """All that a reading says, as a document."""
    return {
        "records": {
            record.address: {
                "kind": record.kind.value,
                "key": shown(record.key),
                "account": shown(record.account),
                "region": shown(record.region),
                "at": line_of(record),
                "attributes": {
                    name: {"is": shown(value), "at": line_of(value)}
                    for name, value in record.attributes.items()
                    if not isinstance(value, Absent)
                },
            }
            for record in reading.estate.records
        },
        "problems": [problem.title for problem in reading.problems],
        "unread": {module.address: module.reason for module in reading.unread_modules},
    }


def read(name: str) -> CodeReading:
    engine = Engine.TOFU if name == "opentofu" else Engine.TERRAFORM
    return read_code(
        STYLES / name,
        project_root=STYLES,
        topology=None,
        settings=ReadingSettings(engine=engine, is_engine_chosen=name == "opentofu"),
    )


@pytest.mark.parametrize("name", NAMES)
def test_code_in_the_style_of_its_writers_is_read_as_what_it_means(name: str) -> None:
    file = STYLES / "expected" / f"{name}.json"

    found = json.dumps(described(read(name)), indent=1, ensure_ascii=False) + "\n"

    if os.environ.get(REWRITE):
        file.parent.mkdir(exist_ok=True)
        file.write_text(found, encoding="utf-8")
    assert file.read_text("utf-8") == found


def test_what_is_commented_out_counts_for_nothing() -> None:
    records = read("legacy").estate.records

    assert {record.key for record in records} == {"quay", "ecr-public", ""}


def test_no_value_of_a_secret_is_kept() -> None:
    assert "never-to-be-seen" not in repr(read("mistakes"))
