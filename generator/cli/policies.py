"""`forebay policies`: IAM policies for the roles that apply the code, or only read code or AWS."""

from pathlib import Path

import click

from generator.cli.options import report_options, topology_option
from generator.report import Format
from generator.report.report import Report


@click.command()
@click.argument("purpose", type=click.Choice(["deployer", "reader", "live"]))
@topology_option
@click.option("--account", metavar="NAME", help="Only this account's policy.")
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
    account: str | None,
    deep: bool,  # noqa: FBT001 - click passes options by name
    may_probe: bool,  # noqa: FBT001
) -> Report:
    """Print the least IAM policy for the role that applies an account's root module, or reads it.

    `live` is for the role that `snapshot` enters the account by, and `--live` of other commands.

    Of one account it is the policy document alone, ready for a file; of several, one JSON object with
    a policy under each account's name.
    """
    from generator.cli.topology_file import sound_topology

    read, mistakes = sound_topology(topology)
    if read is None:
        return Report.mistakes("policies", mistakes, aside=True)
    from generator.intent.deployer_policies import MANAGED_POLICY_LIMIT, Purpose, role_policies
    from generator.model.errors import ToolError
    from generator.model.finding import Finding, FindingKind, Severity
    from generator.model.quotes import did_you_mean, quoted
    from generator.report.json import dump

    if (deep or may_probe) and purpose != "live":
        raise click.UsageError("--deep and --doctor go with `live` alone.")
    if purpose == "live":
        from generator.snapshot.reading_policies import reading_policies

        found = reading_policies(read, is_deep=deep, may_probe=may_probe)
    else:
        found = role_policies(read, Purpose(purpose))
    names = [policy.account for policy in found]
    if account is not None and account not in names:
        raise ToolError(
            "the account is not known",
            f"{quoted(account)} is not an account with a root module."
            f"{did_you_mean(account, names)} Those are {', '.join(f'`{name}`' for name in names)}.",
        )
    chosen = [policy for policy in found if account in {None, policy.account}]
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
