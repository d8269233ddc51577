"""`forebay validate`: is the topology right?"""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from generator.cli.fix_options import fix_options
from generator.cli.options import (
    finding_options,
    ignore_file_option,
    report_options,
    topology_option,
)
from generator.report.report import Report

if TYPE_CHECKING:
    from generator.cli.inputs import Inputs


@click.command()
@topology_option
@ignore_file_option
@report_options()
@finding_options
@fix_options
def validate(topology: Path, ignore_file: Path | None) -> Report:
    """Check the topology, offline: every mistake in one run, each with its place and its fix.

    Warnings can be accepted, as results of `drift` and `check` can; mistakes cannot.
    """
    from generator.cli.fixes import with_fixes
    from generator.cli.inputs import Inputs

    inputs = Inputs(
        topology=topology, code=None, root=None, plans=(), states=(), ignore_file=ignore_file
    )
    return with_fixes(lambda: _validated(topology, inputs), inputs)


def _validated(topology: Path, inputs: "Inputs") -> Report:
    from generator.cli.acceptances import know_rules, suppressor_of
    from generator.cli.topology_file import topology_mistakes

    _, findings = topology_mistakes(topology)
    suppressor, mistakes = suppressor_of(inputs, "validate")
    kept = tuple(suppressor.keep_mistakes(findings))
    know_rules(suppressor)
    return Report(
        command="validate",
        findings=(*kept, *mistakes, *suppressor.findings("validate", judged_code=True)),
        suppressed=len(suppressor.silenced),
        silenced=tuple(suppressor.silenced),
    )
