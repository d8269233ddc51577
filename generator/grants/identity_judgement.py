"""One role's identity policies judged together: those that somebody wrote, and those of AWS."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from generator.estate.attached_policies import is_of_aws
from generator.grants.case import Case
from generator.iam import Judgement, Policy, Question, parse_policy
from generator.model.values import repository_arn

if TYPE_CHECKING:
    from generator.model.estate import Json

Judge = Callable[[Sequence[Policy], Policy | None], Judgement]
"""Judges policies; what the second policy allows counts as intended."""


def judged_apart(case: Case, account: str, policies: Sequence[Policy], judge: Judge) -> Judgement:
    """The judgement of a role's policies, with the reach of AWS managed policies as it is meant.

    AWS writes its policies for every repository there is, and nobody can narrow them. What they
    allow in other accounts is decided by the registry policies there, each of which is judged, and
    repositories outside the caches are not the topology's; so their surplus counts on the caches of
    the role's own account. Policies that somebody wrote are judged on everything they reach.
    """
    written = [policy for policy in policies if not is_of_aws(policy.source)]
    if len(written) == len(policies):
        return judge(policies, None)

    def answer(base: Policy | None) -> Judgement:
        together = judge(policies, _either(outside_caches(case, [account]), base))
        alone = judge(written, base) if written else Judgement()
        over = [
            *alone.over,
            *(
                grant
                for grant in together.over
                if any(is_of_aws(statement.source) for statement in grant.statements)
            ),
        ]
        open_questions = [
            question
            for question in alone.undecided
            if question.question is Question.OVER_GRANT and question not in together.undecided
        ]
        return replace(
            together,
            over=tuple(over),
            undecided=(*together.undecided, *open_questions),
            omitted=max(together.omitted, alone.omitted),
            again=answer,
        )

    return answer(None)


def outside_caches(case: Case, accounts: Iterable[str]) -> Policy:
    """A policy that allows everything but what lies below the caches of some accounts."""
    owners = {name: case.topology.accounts[name].id for name in accounts}
    arns = tuple(
        repository_arn(cache.region, owners[cache.account], cache.prefix.repositories)
        for cache in case.topology.caches
        if cache.account in owners
    )
    rest: Json = {"Effect": "Allow", "Action": "ecr:*", "Resource": "*"}
    if arns:
        rest = {"Effect": "Allow", "Action": "ecr:*", "NotResource": arns}
    return parse_policy(
        {"Version": "2012-10-17", "Statement": (rest,)}, source="outside the caches"
    )


def _either(first: Policy, second: Policy | None) -> Policy:
    """A policy that allows what one of two allows."""
    if second is None:
        return first
    return replace(first, statements=(*first.statements, *second.statements))
