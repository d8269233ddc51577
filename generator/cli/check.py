"""`forebay check`: the grants, proved."""

from pathlib import Path

import click

from generator.cli.options import (
    code_option,
    finding_options,
    plan_option,
    reading_options,
    report_options,
    root_option,
    state_option,
    topology_option,
)
from generator.report.report import Report


@click.command()
@topology_option
@code_option
@plan_option
@state_option
@root_option
@reading_options
@report_options()
@finding_options
def check(
    topology: Path,
    code: Path | None,
    plans: tuple[Path, ...],
    states: tuple[Path, ...],
    root: Path | None,
) -> Report:
    """Prove, offline, that the policies in the code grant exactly what the topology grants.

    With `--plan` or `--state`, the policies that will be or are in AWS are judged; the code is then
    only read when `--code` names it.
    """
    from generator.cli.inputs import Inputs, report_on
    from generator.gate import check_findings

    inputs = Inputs(topology=topology, code=code, root=root, plans=plans, states=states)
    return report_on("check", check_findings, inputs)
