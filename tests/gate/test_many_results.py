"""What is looked up for every result of many accounts is worked out once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli_running import write_topology

from generator.gate.causes import with_causes
from generator.model.estate import Estate, Root
from generator.model.finding import Finding, FindingKind, Severity
from generator.model.reading import Reading
from generator.model.span import Span, first_line
from generator.model.values import AccountId
from generator.topology import read_topology

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Counted(tuple[Root, ...]):
    """Root modules that count how often somebody goes through all of them."""

    times = 0

    def __iter__(self) -> Iterator[Root]:
        type(self).times += 1
        return super().__iter__()


def test_the_root_modules_are_gone_through_a_few_times_however_many_results_there_are(
    tmp_path: Path,
) -> None:
    topology = read_topology(write_topology(tmp_path)).topology
    assert topology is not None
    main = tmp_path / "main" / "main.tf"
    place = Span(file=tmp_path / "modules" / "m.tf", line=1, column=1, end_line=1, end_column=2)
    roots = Counted(
        Root(name=str(n), account=AccountId(f"{n:012}"), first_file=first_line(main))
        for n in range(5)
    )
    findings = [
        Finding(
            kind=FindingKind.DRIFT,
            rule="different",
            severity=Severity.HIGH,
            title="differs",
            message="It differs.",
            subject=str(number),
            address=f"module.a[{number}].aws_ecr_registry_policy.this",
            location=place,
        )
        for number in range(50)
    ]
    Counted.times = 0

    explained = with_causes(
        topology, Reading(estate=Estate(records=(), roots=roots), problems=()), findings
    )

    assert len(explained) == 50
    assert Counted.times < 10
