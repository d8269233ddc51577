"""`forebay drift`: does the code say what the topology says?"""

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
def drift(topology: Path, code: Path | None, root: Path | None) -> Report:
    """Compare Terraform code with the topology, offline: what is missing, unexpected, different."""
    from generator.cli.inputs import report_on_code
    from generator.gate import drift_findings

    return report_on_code("drift", drift_findings, topology=topology, code=code, root=root)
