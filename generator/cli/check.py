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
@click.option(
    "--no-topology",
    is_flag=True,
    help="Check what needs no topology: code is read below --code, by default the working folder.",
)
@code_option
@plan_option
@state_option
@root_option
@reading_options
@report_options()
@finding_options
@click.pass_context
def check(
    context: click.Context,
    topology: Path,
    no_topology: bool,  # noqa: FBT001 - click passes options by name
    code: Path | None,
    plans: tuple[Path, ...],
    states: tuple[Path, ...],
    root: Path | None,
) -> Report:
    """Prove, offline, that the policies in the code grant exactly what the topology grants.

    Mistakes that need no topology are found as well, and alone with `--no-topology`. With `--plan` or
    `--state`, the policies that will be or are in AWS are judged; the code is then only read when
    `--code` names it.
    """
    from generator.cli.inputs import Inputs, report_on, report_without_topology
    from generator.gate import check_findings, check_findings_without_topology

    if no_topology:
        if context.get_parameter_source("topology") is not click.core.ParameterSource.DEFAULT:
            raise click.UsageError("--no-topology and --topology exclude each other.")
        here = Path() if code is None and not (plans or states) else code
        alone = Inputs(topology=None, code=here, root=root, plans=plans, states=states)
        return report_without_topology("check", check_findings_without_topology, alone)

    inputs = Inputs(topology=topology, code=code, root=root, plans=plans, states=states)
    return report_on("check", check_findings, inputs)
