"""`forebay check`: the grants, proved."""

from pathlib import Path

import click

from generator.cli.options import (
    code_option,
    finding_options,
    reading_options,
    report_options,
    root_option,
    topology_option,
)
from generator.report.report import Report


@click.command()
@topology_option
@code_option
@root_option
@reading_options
@report_options()
@finding_options
def check(topology: Path, code: Path | None, root: Path | None) -> Report:
    """Prove, offline, that the policies in the code grant exactly what the topology grants."""
    from generator.cli.inputs import report_on_code
    from generator.gate import check_findings

    return report_on_code("check", check_findings, topology=topology, code=code, root=root)
