"""What a topology itself says must stay in a policy: `keep_statements`, a template's own document.

What such statements allow is declared, but never that everybody in the world has it. From which networks
they refuse calls is known to whoever wrote them down; that they refuse a declared pull from everywhere is
a contradiction all the same.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

from generator.iam import Effect, Judgement, Policy, PrincipalKind, Statement, UnderGrant

Judge: TypeAlias = Callable[[Policy | None, Policy | None], Judgement]
"""Judges a policy with what is kept, and with an earlier policy, counted as intended."""


def judge_with_kept(judge: Judge, kept: Policy | None) -> Judgement:
    """The judgement of a policy whose kept statements are declared, but for the public ones."""

    def answer(base: Policy | None = None) -> Judgement:
        judgement = judge(kept, base)
        if kept is None:
            return judgement
        public = (
            grant
            for grant in judge(None, base).over
            if grant.principal_kind.rank <= PrincipalKind.ANY_ACCOUNT.rank
            and grant not in judgement.over
        )
        return replace(judgement, over=(*judgement.over, *public), again=answer)

    return answer()


def kept_refusals(
    policy: Policy,
    kept: Policy | None,
    judgement: Judgement,
    judge: Callable[[Policy], Judgement],
) -> tuple[UnderGrant, ...]:
    """The refusals by network that are there for the sake of kept Denies alone.

    `judge` asks what a policy lacks.
    """
    refused = [one for one in judgement.under if one.by_network]
    if kept is None or not refused:
        return ()
    written = {_meaning(one) for one in kept.statements if one.effect is Effect.DENY}
    others = tuple(one for one in policy.statements if _meaning(one) not in written)
    if len(others) == len(policy.statements):
        return ()
    left = {one.access for one in judge(replace(policy, statements=others)).under if one.by_network}
    return tuple(one for one in refused if one.access not in left)


def _meaning(statement: Statement) -> Statement:
    """A statement without its name and its place."""
    return replace(statement, source="", index=0, sid=None)
