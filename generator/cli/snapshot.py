"""`forebay snapshot`: what runs in AWS, read once into one file."""

from pathlib import Path

import click

from generator.cli.invocation import invocation_of
from generator.cli.live_options import access_options, places_by_hand, region_option
from generator.cli.options import PathType, exit_zero_option, report_options, topology_option
from generator.cli.progress import progress_option
from generator.report import Format
from generator.report.report import Report


@click.command()
@topology_option
@click.option(
    "--out",
    type=PathType(),
    help="The file to write, readable for you alone; packed where its name ends in .gz.  "
    "[default: stdout]",
)
@click.option(
    "--account",
    "accounts",
    multiple=True,
    metavar="NAME[=ID]",
    help="Read only this account of the topology, or, with its id, an account of which there is no "
    "topology yet; can be repeated.",
)
@region_option
@click.option(
    "--deep",
    is_flag=True,
    help="Read repositories, their policies and tags as well: one more call, and three for each repository.",
)
@access_options
@report_options("file", "counts", formats=(Format.HUMAN, Format.JSON, Format.HTML))
@exit_zero_option
@progress_option
@click.pass_context
def snapshot(
    context: click.Context,
    topology: Path,
    out: Path | None,
    accounts: tuple[str, ...],
    regions: tuple[str, ...],
    deep: bool,  # noqa: FBT001 - click passes options by name
) -> Report:
    """Read every account and region of the topology from AWS into one file, changing nothing.

    With `--account NAME=ID` and `--region` no topology is needed: all roles are read then, too.
    `drift`, `check`, `replay` and `import` judge the file with `--live FILE`, as often as they like. It
    never holds the value of a secret, but it says who may pull what: keep it like a plan.
    """
    from generator.cli.asking import ask_aws
    from generator.cli.topology_file import sound_topology
    from generator.snapshot.document import snapshot_bytes
    from generator.snapshot.wanted import plain_units, wanted_units
    from generator.snapshot.wording import not_read_findings, summary_line, things

    if out is None and invocation_of(context).format is not Format.HUMAN:
        raise click.UsageError("--format json is about the reading: name the file with --out.")
    read = None
    if any("=" in account for account in accounts):
        places = places_by_hand(accounts, regions)
        names = {account: name for name, account, _ in places}
        wanted = plain_units(places)
    else:
        if regions:
            raise click.UsageError("--region goes with --account NAME=ID.")
        read, mistakes = sound_topology(topology)
        if read is None:
            return Report.mistakes("snapshot", mistakes)
        names = {account.id: name for name, account in read.accounts.items()}
        _refuse_unknown(accounts, tuple(read.managed_accounts))
        wanted = wanted_units(read, accounts)
    taken = ask_aws(wanted, "snapshot", is_deep=deep)
    findings = tuple(not_read_findings(taken, names))
    counts = things(taken)
    if out is None:
        text = snapshot_bytes(taken).decode(errors="surrogatepass")
        return Report(
            command="snapshot", findings=findings, text=text, text_alone=True, topology=read
        )
    _write(out, snapshot_bytes(taken, packed=out.suffix == ".gz"))
    return Report(
        command="snapshot",
        findings=findings,
        text=f"wrote {out}: {summary_line(counts)}",
        extra={"file": str(out), "counts": dict(counts)},
        topology=read,
    )


def _write(out: Path, content: bytes) -> None:
    from generator.disk.writing import write_file
    from generator.model.errors import ToolError

    try:
        write_file(out, content, is_private=True)
    except OSError as error:
        raise ToolError(
            "the snapshot cannot be written",
            f"`{out}`: {error.strerror}. The folder must exist and be writable.",
            place=out,
        ) from error


def _refuse_unknown(accounts: tuple[str, ...], known: tuple[str, ...]) -> None:
    from generator.model.errors import ToolError
    from generator.model.quotes import did_you_mean

    for name in accounts:
        if name not in known:
            raise ToolError(
                "the account is not known",
                f"`{name}` is not an account that the topology manages."
                f"{did_you_mean(name, known)} Those are {', '.join(f'`{one}`' for one in known)}.",
            )
    if not known:
        raise ToolError(
            "there is nothing to read", "The topology manages no account: all are `managed: false`."
        )
