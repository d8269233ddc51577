"""`forebay policies`: IAM policies for the roles that apply the code, or only read code or AWS."""

from pathlib import Path

import click

from generator.cli.choices import OneOf
from generator.cli.live_options import places_by_hand, region_option
from generator.cli.options import report_options, topology_option
from generator.report import Format
from generator.report.report import Report


@click.command()
@click.argument("purpose", type=OneOf(["deployer", "reader", "live"]))
@topology_option
@click.option(
    "--account",
    "accounts",
    multiple=True,
    metavar="NAME[=ID]",
    help="Only this account's policy, or, with `live` and its id, that of an account of which there is no "
    "topology yet; can be repeated.",
)
@region_option
@click.option("--deep", is_flag=True, help="With `live`: let `snapshot --deep` read repositories.")
@click.option(
    "--doctor",
    "may_probe",
    is_flag=True,
    help="With `live`: let `doctor` ask for images, logins upstream and simulated rights.",
)
@report_options("policies", formats=(Format.HUMAN, Format.JSON))
def policies(
    purpose: str,
    topology: Path,
    accounts: tuple[str, ...],
    regions: tuple[str, ...],
    deep: bool,  # noqa: FBT001 - click passes options by name
    may_probe: bool,  # noqa: FBT001
) -> Report:
    """Print the least IAM policy for the role that applies an account's root module, or reads it.

    `live` is for the role that `snapshot` enters the account by, and `--live` of other commands. With
    `--account NAME=ID` and `--region` it needs no topology.

    Of one account it is the policy document alone, ready for a file; of several, one JSON object with
    a policy under each account's name.
    """
    from generator.intent.deployer_policies import MANAGED_POLICY_LIMIT, Purpose, role_policies
    from generator.model.errors import ToolError
    from generator.model.finding import Finding, FindingKind, Severity
    from generator.model.quotes import did_you_mean, quoted
    from generator.report.json import dump

    if (deep or may_probe) and purpose != "live":
        raise click.UsageError("--deep and --doctor go with `live` alone.")
    by_hand = any("=" in account for account in accounts)
    if (by_hand or regions) and (purpose != "live" or not by_hand):
        raise click.UsageError("--account NAME=ID and --region go together, with `live` alone.")
    if by_hand:
        from generator.snapshot.reading_policies import reading_policies
        from generator.snapshot.wanted import plain_units

        units = plain_units(places_by_hand(accounts, regions))
        chosen = [*reading_policies(units, is_deep=deep, may_probe=may_probe)]
    else:
        from generator.cli.topology_file import sound_topology

        read, mistakes = sound_topology(topology)
        if read is None:
            return Report.mistakes("policies", mistakes, aside=True)
        if purpose == "live":
            from generator.snapshot.reading_policies import reading_policies
            from generator.snapshot.wanted import wanted_units

            found = reading_policies(wanted_units(read), is_deep=deep, may_probe=may_probe)
        else:
            found = role_policies(read, Purpose(purpose))
        names = [policy.account for policy in found]
        for account in accounts:
            if account not in names:
                known = ", ".join(f"`{name}`" for name in names)
                raise ToolError(
                    "the account is not known",
                    f"{quoted(account)} is not an account with a root module."
                    f"{did_you_mean(account, names)} Those are {known}.",
                )
        chosen = [policy for policy in found if not accounts or policy.account in accounts]
    findings = tuple(
        Finding(
            kind=FindingKind.FINDING,
            rule="large-role-policy",
            severity=Severity.WARNING,
            title=f"The policy of account {policy.account} has {policy.size} characters",
            message=f"IAM takes {MANAGED_POLICY_LIMIT} for a managed policy, white space not counted. "
            "Split it at its statements into several, or put it into the role as an inline policy "
            "(10,240 for all inline policies of a role).",
            subject=policy.account,
        )
        for policy in chosen
        if policy.size > MANAGED_POLICY_LIMIT
    )
    return Report(
        command="policies",
        findings=findings,
        text=dump(
            chosen[0].document
            if len(chosen) == 1
            else {policy.account: policy.document for policy in chosen}
        ),
        text_alone=True,
        extra={
            "policies": tuple(
                {
                    "account": policy.account,
                    "account_id": str(policy.account_id),
                    "policy": policy.document,
                }
                for policy in chosen
            )
        },
    )
