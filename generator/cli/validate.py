"""`forebay validate`: is the topology right?"""

from pathlib import Path

import click

from generator.cli.options import (
    finding_options,
    ignore_file_option,
    report_options,
    topology_option,
)
from generator.report.report import Report


@click.command()
@topology_option
@ignore_file_option
@report_options()
@finding_options
def validate(topology: Path, ignore_file: Path | None) -> Report:
    """Check the topology, offline: every mistake in one run, each with its place and its fix.

    Warnings can be accepted, as results of `drift` and `check` can; mistakes cannot.
    """
    from generator.cli.inputs import Inputs, know_rules, suppressor_of
    from generator.cli.topology_file import topology_mistakes

    _, findings = topology_mistakes(topology)
    inputs = Inputs(
        topology=topology, code=None, root=None, plans=(), states=(), ignore_file=ignore_file
    )
    suppressor, mistakes = suppressor_of(inputs, "validate")
    kept = tuple(suppressor.keep_mistakes(findings))
    know_rules(suppressor)
    return Report(
        command="validate",
        findings=(*kept, *mistakes, *suppressor.findings("validate", judged_code=True)),
        suppressed=len(suppressor.silenced),
        silenced=tuple(suppressor.silenced),
    )
