"""`forebay show`: what the topology means."""

from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

import click

from generator.cli.completion import complete_account
from generator.cli.invocation import Invocation
from generator.cli.options import report_options, topology_option
from generator.cli.terminal import table_width
from generator.report import Format
from generator.report.report import Plain, Report

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from generator.export.show import GrantRow, OutsideRow, RegistryRow, RootRow, RuleRow
    from generator.model.topology import Account


@click.command()
@topology_option
@click.option("--roots", is_flag=True, help="Show the Terraform root modules instead.")
@click.option(
    "--account",
    metavar="NAME",
    shell_complete=complete_account,
    help="Only what this account has to do with: its registries, and where its consumers pull.",
)
@report_options(
    *("registries", "rules", "grants", "roots", "outside"),
    formats=(Format.HUMAN, Format.JSON, Format.HTML, Format.MERMAID, Format.DOT),
)
@click.pass_obj
def show(
    invocation: Invocation,
    topology: Path,
    roots: bool,  # noqa: FBT001 - click passes options by name
    account: str | None,
) -> Report:
    """Show what the topology means: registries, cache rules with pull URIs, grants, roots.

    `--format html`, `mermaid` and `dot` draw it: what each registry caches from where, and who may
    pull. The page of `html` also has every statement, level, token and limit.
    """
    from generator.cli.topology_file import sound_topology

    read, mistakes = sound_topology(topology)
    if read is None:
        return Report.mistakes("show", mistakes, aside=True)
    if account is not None:
        _refuse_unknown(account, read.accounts)
    if invocation.draws_only:
        return Report(command="show", findings=(), topology=read, only_account=account)
    from generator.export.show import grant_rows, outside_rows, registry_rows, root_rows, rule_rows

    registries, rules = registry_rows(read), rule_rows(read)
    grants, modules, outside = grant_rows(read), root_rows(read), outside_rows(read, account)
    if account is not None:
        rules = tuple(row for row in rules if row.account == account)
        grants = tuple(row for row in grants if account in {row.account, row.consumer_account})
        pulled = {(row.account, row.region) for row in grants}
        registries = tuple(
            row
            for row in registries
            if row.account == account or (row.account, row.region) in pulled
        )
        modules = tuple(row for row in modules if row.account == account)
    tables = (
        [_roots(modules)] if roots else [_registries(registries), _rules(rules), _grants(grants)]
    )
    if outside and not roots:
        tables.append(_outside(outside))
    return Report(
        command="show",
        findings=(),
        text="\n\n".join(tables),
        topology=read,
        only_account=account,
        extra={
            "registries": _plain(registries),
            "rules": _plain(rules),
            "grants": _plain(grants),
            "roots": _plain(modules),
            "outside": _plain(outside),
        },
    )


def _refuse_unknown(account: str, known: "Mapping[str, Account]") -> None:
    if account not in known:
        from generator.model.errors import ToolError
        from generator.model.quotes import did_you_mean, quoted

        raise ToolError(
            "the account is not known",
            f"{quoted(account)} is no account of the topology.{did_you_mean(account, known)}",
        )


def _plain(
    rows: "Sequence[RegistryRow | RuleRow | GrantRow | RootRow | OutsideRow]",
) -> tuple[dict[str, Plain], ...]:
    # No row holds another; `asdict` would copy each of its texts.
    return tuple({field.name: getattr(row, field.name) for field in fields(row)} for row in rows)


def _registries(rows: "Sequence[RegistryRow]") -> str:
    from generator.report.table import table

    return table(
        "Registries",
        ("account", "id", "region", "host", "rules", "registry policy"),
        [
            (
                row.account,
                row.account_id,
                row.region,
                row.host,
                str(row.rules),
                "yes" if row.registry_policy else "none needed",
            )
            for row in rows
        ],
        width=table_width(),
    )


def _rules(rows: "Sequence[RuleRow]") -> str:
    from generator.report.table import table

    return table(
        "Cache rules",
        ("account", "region", "prefix", "upstream", "credential", "template", "pull as"),
        [
            (
                row.account,
                row.region,
                row.prefix,
                row.upstream
                if row.upstream_prefix == "ROOT"
                else f"{row.upstream}/{row.upstream_prefix}",
                row.credential or "-",
                row.creation_template or "-",
                row.uri,
            )
            for row in rows
        ],
        width=table_width(),
    )


def _grants(rows: "Sequence[GrantRow]") -> str:
    """The grants, one line for each consumer, level and registry."""
    from generator.report.table import table

    repositories: dict[tuple[str, ...], list[str]] = {}
    for row in rows:
        identity = (
            row.identity_side if row.policy is None else f"{row.policy} ({row.identity_side})"
        )
        line = (
            row.consumer,
            row.scope,
            row.role or (f"permission set {row.permission_set}" if row.permission_set else "any"),
            row.level,
            f"{row.account}/{row.region}",
            row.registry_side,
            identity,
        )
        repositories.setdefault(line, []).append(row.repositories)
    text = table(
        "Grants",
        (
            "consumer",
            "in",
            "role",
            "level",
            "registry",
            "let in by",
            "own policy",
            "repositories",
        ),
        [(*line, " ".join(found)) for line, found in sorted(repositories.items())],
        width=table_width(),
    )
    notes = dict.fromkeys(f"  note: {row.consumer}: {note}" for row in rows for note in row.notes)
    return "\n".join((text, *notes))


def _outside(rows: "Sequence[OutsideRow]") -> str:
    from generator.report.table import table

    return table(
        "Left to others",
        ("who", "adds", "written down in"),
        [(row.owner, ", ".join(row.adds), row.path) for row in rows],
    )


def _roots(rows: "Sequence[RootRow]") -> str:
    from generator.report.table import table

    return table(
        "Root modules",
        ("account", "id", "regions", "path", "role"),
        [
            (row.account, row.account_id, ", ".join(row.regions), row.path, row.role or "-")
            for row in rows
        ],
        width=table_width(),
    )
