"""`forebay check`: the grants, proved."""

from pathlib import Path

import click

from generator.cli.options import (
    code_option,
    finding_options,
    report_options,
    root_option,
    topology_option,
)
from generator.report.report import Report


@click.command()
@topology_option
@code_option
@root_option
@report_options()
@finding_options
def check(topology: Path, code: Path | None, root: Path | None) -> Report:
    """Prove, offline, that the policies in the code grant exactly what the topology grants."""
    from generator.cli.inputs import cache_folder, code_folder, sound_topology

    read, mistakes = sound_topology(topology)
    if read is None:
        return Report.mistakes("check", mistakes)
    folder = code_folder(code, topology)
    from generator.gate import check_findings
    from generator.hcl import read_code
    from generator.project import project_root

    reading = read_code(
        folder,
        project_root=project_root(folder, root),
        topology=read,
        cache_folder=cache_folder(),
    )
    return Report(command="check", findings=check_findings(read, reading))
