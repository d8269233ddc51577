"""What a change adds and takes away: code judged beside the same code at an earlier revision.

Both are judged by today's topology. What was too wide before is left out, decided by meaning: the
same access in other words is nothing new, and a statement that was too wide already and becomes
wider is shown with what is new in it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from generator.estate.wording import capital, describe_request
from generator.frozen_data import frozen
from generator.grants.judged_policy import JudgedPolicy
from generator.iam import (
    Effect,
    Policy,
    PolicyKind,
    Question,
    Statement,
    Undecided,
    statement_difference,
)
from generator.model.estate import Unknown
from generator.model.finding import Finding, FindingKind, Severity
from generator.model.values import AccountId, Region

_NOTHING = Policy(source="nothing", statements=())


OVER_GRANT_RULES = frozenset(
    {
        "grant-any-principal",
        "grant-outside-topology",
        "grant-undeclared",
        "identity-undeclared",
        "trust-wrong-principal",
    }
)
"""The rules about surplus access, of which `with_new_access` leaves what is new."""


@frozen
class Earlier:
    """The same code at a revision: its name, its policies by what they are, its results."""

    revision: str
    policies: Mapping[str, JudgedPolicy]
    findings: Sequence[Finding]


def earlier_code(
    revision: str, policies: Iterable[JudgedPolicy], *, findings: Sequence[Finding]
) -> Earlier:
    """What the code at a revision says; two policies of one name say nothing for sure."""
    by_name: dict[str, list[JudgedPolicy]] = {}
    for policy in policies:
        by_name.setdefault(policy.what, []).append(policy)
    single = {what: found[0] for what, found in by_name.items() if len(found) == 1}
    return Earlier(revision=revision, policies=single, findings=findings)


def with_new_access(policy: JudgedPolicy, earlier: Earlier) -> JudgedPolicy:
    """The policy with the over-grants and open questions that it did not have at the revision.

    Where what limits it is another one, all that it gives may be new.
    """
    before = earlier.policies.get(policy.what)
    judgement = policy.judgement
    if before is None or before.limits != policy.limits:
        return policy
    known = {_question(before, one) for one in before.judgement.undecided}
    # Without a Deny that stood beside it, the same statement leaves more open.
    is_guarded = _denies(before) <= _denies(policy)
    judgement = replace(
        judgement,
        undecided=tuple(
            one
            for one in judgement.undecided
            if _question(policy, one) not in known
            or not (is_guarded or one.question is Question.UNDER_GRANT)
        ),
    )
    if judgement.again is not None and judgement.over:
        left = judgement.again(_merged(before))
        judgement = replace(judgement, over=left.over, omitted=left.omitted)
    return replace(policy, judgement=judgement)


def _question(policy: JudgedPolicy, undecided: Undecided) -> tuple[str, str]:
    """An open question, with the statements that decide how much it leaves open.

    Of what is lacking, how much is open is no matter of what a change grants.
    """
    if undecided.question is Question.UNDER_GRANT:
        return undecided.reason, ""
    return undecided.reason, policy.evidence(undecided.statements or None)


def _denies(policy: JudgedPolicy) -> set[str]:
    return {
        policy.evidence([statement])
        for one in policy.policies
        for statement in one.statements
        if statement.effect is not Effect.ALLOW
    }


def _merged(policy: JudgedPolicy) -> Policy:
    """All policies that act together, as one."""
    statements = [statement for one in policy.policies for statement in one.statements]
    return Policy(source="the earlier policies", statements=tuple(statements))


def new_findings(findings: Iterable[Finding], earlier: Earlier) -> list[Finding]:
    """The findings that were not there before; errors always stay."""
    before = Counter(map(_name_of, earlier.findings))
    new: list[Finding] = []
    for finding in findings:
        stays = finding.kind is FindingKind.ERROR or finding.rule in OVER_GRANT_RULES
        name = _name_of(finding)
        if not stays and before[name]:
            before[name] -= 1
        else:
            new.append(finding)
    return new


def _name_of(finding: Finding) -> tuple[str, str]:
    """What makes a finding the same: an open question is another one where something else is judged."""
    is_open = finding.kind is FindingKind.UNDECIDED
    return finding.fingerprint, str(finding.evidence) if is_open else ""


def summary(earlier: Earlier, known: int) -> Finding:
    """One note about what is left out."""
    return _note(
        "since",
        f"Compared with {earlier.revision}",
        (
            f"{known} {'result' if known == 1 else 'results'} that `{earlier.revision}` has as well "
            f"{'is' if known == 1 else 'are'} left out; run without `--since` to see everything."
        ),
        subject="since",
    )


def changes(
    policies: Sequence[JudgedPolicy], shown: Iterable[Finding], earlier: Earlier, home: Region
) -> Iterator[Finding]:
    """One note for each statement that gives or takes access, beside the findings that are shown.

    `home` is any region of the partition, for policies that have none.
    """
    now = {policy.what: policy for policy in policies}
    told = {finding.location for finding in shown if finding.rule in OVER_GRANT_RULES}
    for what in sorted({*now, *earlier.policies}):
        after, before = now.get(what), earlier.policies.get(what)
        either = after or before
        assert either is not None  # noqa: S101 - the name is from one of the two
        place = _place_of(after, before, home)
        if place is None:
            continue
        difference = statement_difference(
            _NOTHING if before is None else _merged(before),
            _NOTHING if after is None else _merged(after),
            kind=either.kind,
            account=place[0],
            region=place[1],
        )
        for found in difference.only_in_second:
            if found.is_certain and found.statement.effect is Effect.ALLOW and after is not None:
                location = after.span_of(found.statement)
                if location in told:
                    continue
                yield replace(
                    _note(
                        "access-added",
                        "The change adds access that the topology declares",
                        f"{capital(what)}, {_name(found.statement)}: for one, "
                        f"{describe_request(found.request)}.",
                        subject=f"{what} {_name(found.statement)}",
                    ),
                    address=after.address,
                    location=location,
                )
        for found in difference.only_in_first:
            if found.is_certain and found.statement.effect is Effect.ALLOW:
                yield replace(
                    _note(
                        "access-removed",
                        "The change takes access away",
                        f"{capital(what)}, {_name(found.statement)} at {earlier.revision}: for one, "
                        f"{describe_request(found.request)}.",
                        subject=f"{what} {_name(found.statement)}",
                    ),
                    address=either.address,
                    location=None if after is None else after.place,
                )


def _place_of(
    after: JudgedPolicy | None, before: JudgedPolicy | None, home: Region
) -> tuple[AccountId, Region] | None:
    """The account and region in which two policies are compared; `None` without a policy."""
    for policy in (after, before):
        for record, _ in () if policy is None else policy.records.values():
            if isinstance(record.account, Unknown):
                continue
            if isinstance(record.region, Region):
                return record.account, record.region
            if policy is not None and policy.kind in {PolicyKind.IDENTITY, PolicyKind.TRUST}:
                return record.account, home
    return None


def _name(statement: Statement) -> str:
    return f"statement `{statement.sid}`" if statement.sid else f"statement {statement.index + 1}"


def _note(rule: str, title: str, message: str, *, subject: str) -> Finding:
    return Finding(
        kind=FindingKind.FINDING,
        rule=rule,
        severity=Severity.INFO,
        title=title,
        message=message,
        subject=subject,
    )
