"""Whether a role that ECR takes on is there, lets ECR in, and may do what ECR does with it."""

from collections.abc import Iterator, Sequence

from generator.doctor.cases import Cause
from generator.doctor.evidence import Evidence
from generator.grants.replay import Side
from generator.model.snapshot import Fact
from generator.model.values import AccountId


def may_assume(
    evidence: Evidence, role: str, service: str, *, is_proof: bool = True
) -> Iterator[Cause]:
    """What keeps a service of ECR from taking on a role."""
    # What is no ARN is that of no account, of which nothing was read.
    account = AccountId("".join(role.split(":")[4:5]))
    name = role.rsplit("/", 1)[-1]
    is_known, found = evidence.fact(account, None, Fact.ROLE, name)
    if not is_known:
        yield Cause(
            name="pull-role-not-known",
            title=f"Not known: the role `{role}`",
            message=f"It was not read ({evidence.why_not(account, None, Fact.ROLE, name)}).",
        )
    elif found is None:
        yield Cause(
            name="pull-role-missing",
            title=f"There is no role `{role}`",
            message="ECR takes it on for this pull. Make it, or apply the root module that does.",
            is_proved=is_proof,
        )
    else:
        allowed = evidence.decide(service, "sts:AssumeRole", role, Side.RESOURCE).decision.allowed
        if allowed is not True:
            yield Cause(
                name="pull-role-not-trusting",
                title=f"The role `{role}` does not trust `{service}`"
                if allowed is False
                else f"Not known: whether the role `{role}` trusts `{service}`",
                message="Its trust policy has to allow `sts:AssumeRole` to that service.",
                is_proved=is_proof and allowed is False,
            )


def role_rights(
    evidence: Evidence,
    role: str,
    requests: Sequence[tuple[str, str]],
    *,
    side: Side,
    is_proof: bool = True,
) -> Iterator[Cause]:
    """What a role lacks of actions, each with its resource."""
    answers = [
        (action, resource, evidence.decide(role, action, resource, side).decision.allowed)
        for action, resource in requests
    ]
    for verdict in (False, None):
        lacking = [(action, resource) for action, resource, one in answers if one is verdict]
        if lacking:
            names = ", ".join(f"`{action}`" for action, _ in lacking)
            where = f"`{lacking[0][1]}`"
            yield Cause(
                name="pull-role-not-allowed",
                title=f"The role `{role}` may not do what ECR does with it"
                if verdict is False
                else f"Not known: whether the role `{role}` may do what ECR does with it",
                message=f"It {'is not allowed' if verdict is False else 'may not be allowed'} {names} on "
                f"{where}.",
                is_proved=is_proof and verdict is False,
            )
            return
