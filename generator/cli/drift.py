"""`forebay drift`: does the code say what the topology says?"""

from pathlib import Path

import click

from generator.cli.baselines import baseline_options
from generator.cli.fix_options import fix_options
from generator.cli.live_options import LiveInput, live_options
from generator.cli.options import (
    code_option,
    finding_options,
    ignore_file_option,
    plan_option,
    reading_options,
    report_options,
    root_option,
    state_option,
    topology_option,
)
from generator.cli.progress import progress_option
from generator.report.report import Report


@click.command()
@topology_option
@code_option
@plan_option
@state_option
@live_options
@root_option
@reading_options
@ignore_file_option
@baseline_options
@report_options()
@finding_options
@fix_options
@progress_option
def drift(
    topology: Path,
    code: Path | None,
    plans: tuple[Path, ...],
    states: tuple[Path, ...],
    live: LiveInput | None,
    root: Path | None,
    ignore_file: Path | None,
    baseline: Path | None,
    write_baseline: Path | None,
) -> Report:
    """Compare Terraform code with the topology, offline: what is missing, unexpected, different.

    With `--plan` or `--state`, what will be or is in AWS is compared; the code is then only read
    when `--code` names it. `--live` compares what AWS has.
    """
    from generator.cli.fixes import with_fixes
    from generator.cli.inputs import Inputs
    from generator.cli.judged_reports import report_on
    from generator.gate.drift import find_drift

    inputs = Inputs(
        topology=topology,
        code=code,
        root=root,
        plans=plans,
        states=states,
        ignore_file=ignore_file,
        baseline=baseline,
        write_baseline=write_baseline,
        live=live,
    )
    return with_fixes(lambda: report_on("drift", find_drift, inputs), inputs)
