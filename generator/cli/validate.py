"""`forebay validate`: is the topology right?"""

from pathlib import Path

import click

from generator.cli.options import finding_options, report_options, topology_option
from generator.report.report import Report


@click.command()
@topology_option
@report_options()
@finding_options
def validate(topology: Path) -> Report:
    """Check the topology, offline: every mistake in one run, each with its place and its fix."""
    from generator.cli.topology_file import topology_mistakes

    _, findings = topology_mistakes(topology)
    return Report(command="validate", findings=findings)
