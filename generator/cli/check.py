"""`forebay check`: the grants, proved."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from generator.cli.baselines import baseline_options
from generator.cli.fix_options import fix_options
from generator.cli.invocation import invocation_of
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

if TYPE_CHECKING:
    from generator.cli.inputs import Inputs
    from generator.policy_files.policy_files import PolicyFile


def _parse_policies(
    _context: click.Context, _parameter: click.Parameter, value: tuple[str, ...]
) -> "tuple[PolicyFile, ...]":
    if not value:
        return ()
    from generator.model.errors import InvalidValueError
    from generator.policy_files.policy_files import parse_policy_file

    try:
        files = tuple(map(parse_policy_file, value))
    except InvalidValueError as error:
        raise click.BadParameter(f"{error}.") from error
    owners = [(file.owner, file.file) for file in files]
    for owner, file in owners:
        # A role may have many identity policies; anything else has one.
        same = [other for other in owners if other[0] == owner]
        if len(same) > 1 and (not owner.startswith("identity:") or same.count((owner, file)) > 1):
            raise click.BadParameter(f"`{owner}` is named twice.")
    return files


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
@live_options
@click.option(
    "--policy",
    "policies",
    multiple=True,
    metavar="SORT:OWNER=FILE",
    callback=_parse_policies,
    help="A policy as JSON, such as registry:111122223333/eu-west-1=policy.json; can be repeated.",
)
@root_option
@click.option(
    "--since",
    metavar="REVISION",
    help="Show only what the code grants too much since a git revision, such as origin/main.",
)
@click.option(
    "--checkov",
    is_flag=False,
    flag_value="checkov",
    metavar="[PATH]",
    help="Run checkov on the same code, from PATH or as this program, and merge its results.",
)
@reading_options
@ignore_file_option
@baseline_options
@report_options("access", "expectations")
@finding_options
@fix_options
@progress_option
@click.pass_context
def check(
    context: click.Context,
    topology: Path,
    no_topology: bool,  # noqa: FBT001 - click passes options by name
    code: Path | None,
    plans: tuple[Path, ...],
    states: tuple[Path, ...],
    live: LiveInput | None,
    policies: "tuple[PolicyFile, ...]",
    root: Path | None,
    since: str | None,
    checkov: str | None,
    ignore_file: Path | None,
    baseline: Path | None,
    write_baseline: Path | None,
) -> Report:
    """Prove, offline, that the policies in the code grant exactly what the topology grants.

    Mistakes that need no topology are found as well, and alone with `--no-topology`. With `--plan` or
    `--state`, the policies that will be or are in AWS are judged; the code is then only read when
    `--code` names it. `--live` judges the policies that AWS has.

    `--policy` judges single policies; SORT:OWNER is one of registry:ACCOUNT/REGION,
    repository:ACCOUNT/REGION/REPOSITORY, template:ACCOUNT/REGION/PREFIX,
    secret:ACCOUNT/REGION/SECRET, key:ACCOUNT/REGION/KEY, trust:ACCOUNT/ROLE, identity:ACCOUNT/ROLE.
    """
    from dataclasses import replace

    from generator.cli.fixes import with_fixes
    from generator.cli.inputs import Inputs

    invocation = invocation_of(context)
    given = context.get_parameter_source("topology") is not click.core.ParameterSource.DEFAULT
    if no_topology and given:
        raise click.UsageError("--no-topology and --topology exclude each other.")
    has_files = bool(plans or states or policies or live)
    if since is not None and (no_topology or has_files):
        raise click.UsageError(
            "--since compares the grants in code: it goes without --no-topology, --plan, --state, "
            "--live and --policy."
        )
    if write_baseline is not None and since is not None:
        raise click.UsageError("--write-baseline writes all results: it goes without --since.")
    if checkov is not None and (since is not None or (has_files and code is None)):
        raise click.UsageError(
            "--checkov checks all of the code: it goes without --since, and with --plan, --state, "
            "--live or --policy only where --code names the code."
        )
    inputs = Inputs(
        topology=topology,
        code=code,
        root=root,
        plans=plans,
        states=states,
        policies=policies,
        ignore_file=ignore_file,
        baseline=baseline,
        write_baseline=write_baseline,
        live=live,
    )
    if no_topology:
        here = Path() if code is None and not has_files else code
        inputs = replace(inputs, topology=None, code=here)
    if since is not None and invocation.fix:
        raise click.UsageError("--fix mends what is there, new or not: it goes without --since.")
    return with_fixes(lambda: _checked(inputs, since, checkov), inputs)


def _checked(inputs: "Inputs", since: str | None, checkov: str | None) -> Report:
    """The report of one run, with what checkov says where it is asked."""
    from dataclasses import replace

    from generator.cli.judged_reports import report_on, report_without_topology
    from generator.cli.replay_lines import with_replay_lines
    from generator.cli.since_report import report_since
    from generator.cli.stories import is_told

    if inputs.topology is None:
        # What checkov says is settled by what stands in the code, and a story is told from it.
        if inputs.is_code_alone and checkov is None and not is_told():
            from generator.cli.code_alone import report_on_code

            report = report_on_code("check", inputs)
        else:
            report = report_without_topology("check", inputs)
    elif since is None:
        from generator.gate.check import check_grants

        report = report_on("check", check_grants, inputs)
    else:
        from generator.gate.change import check_since

        report = report_since(check_since, inputs, inputs.topology, since)
    findings = with_replay_lines(report.findings, inputs)
    if checkov is not None and report.stopped is None:
        from generator.cli.inputs import code_folder
        from generator.gate.cache_blocks import cache_blocks
        from generator.programs.checkov import merged, run_checkov

        folder = code_folder(inputs.code, inputs.topology)
        findings = merged(findings, run_checkov(checkov, folder), cache_blocks(inputs.seen))
    return replace(report, findings=findings)
