"""`forebay drift`: does the code say what the topology says?"""

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
def drift(
    topology: Path,
    code: Path | None,
    plans: tuple[Path, ...],
    states: tuple[Path, ...],
    root: Path | None,
) -> Report:
    """Compare Terraform code with the topology, offline: what is missing, unexpected, different.

    With `--plan` or `--state`, what will be or is in AWS is compared; the code is then only read
    when `--code` names it.
    """
    from generator.cli.inputs import Inputs, report_on
    from generator.gate import drift_findings

    inputs = Inputs(topology=topology, code=code, root=root, plans=plans, states=states)
    return report_on("drift", drift_findings, inputs)
