"""The steps of a walk about who pulls: what policies give, and what the organization leaves of it."""

import shlex
from collections.abc import Iterator

from generator.doctor.access import grants_of
from generator.doctor.cases import Cause
from generator.doctor.evidence import Evidence, Step, open_step, words_of
from generator.grants.replay import ROLE_ARN, Replay, Side
from generator.grants.replay_policies import role_of
from generator.model.estate import Kind
from generator.model.levels import AUTHORIZATION_ACTION, Level
from generator.model.probes import Presence
from generator.model.snapshot import Fact


def rights(evidence: Evidence) -> Step:
    """Whether policies give the caller what this pull takes, on both sides."""
    principal = evidence.principal
    if principal is None:
        return open_step(
            "rights",
            "whether the puller may pull, since who that is was not said",
            "Say it with `--as`: the ARN of a role, or the name of a consumer of the topology.",
        )
    if (missing := _missing_role(evidence, principal)) is not None:
        return Step(name="rights", words=missing.title, causes=(missing,))
    certain, perhaps = _actions(evidence)
    open_actions: list[str] = []
    for action in (*certain, *perhaps):
        decided = _decide(evidence, principal, action)
        allowed = decided.decision.allowed
        if allowed is False and action in certain:
            cause = _denied(evidence, principal, action, decided)
            return Step(name="rights", words=cause.title, causes=(cause,))
        if allowed is not True:
            open_actions.append(action)
    if not open_actions:
        return Step(name="rights", words=f"`{principal}` is allowed all that the pull takes")
    names = ", ".join(f"`{action}`" for action in open_actions)
    return open_step(
        "rights",
        f"whether `{principal}` is allowed {names}",
        f"Policies that were not read decide it, or the level that this pull takes. Replay it:"
        f"{_replay_line(evidence, principal, open_actions[0])}",
    )


def _missing_role(evidence: Evidence, principal: str) -> Cause | None:
    """That the caller is a role which is not there, where AWS said so."""
    found = role_of(principal)
    if found is None:
        return None
    is_known, role = evidence.fact(found[0], None, Fact.ROLE, found[1].rsplit("/", 1)[-1])
    if not is_known or role is not None:
        return None
    return Cause(
        name="pull-caller-missing",
        title=f"There is no role `{found[1]}` in account {found[0]}",
        message="So whoever pulls is somebody else. `aws sts get-caller-identity` says who, where the "
        "pull is made; make the role, or ask about that one.",
        is_proved=True,
    )


def _actions(evidence: Evidence) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The actions that the pull takes for certain, and those that it takes perhaps."""
    certain = _level(evidence)
    most = Level.FIRST_PULL if evidence.image.presence is None else certain
    return (
        (AUTHORIZATION_ACTION, *certain.actions),
        tuple(action for action in most.actions if action not in certain.actions),
    )


def _level(evidence: Evidence) -> Level:
    """What the pull takes for certain."""
    match evidence.image.presence:
        case Presence.NOTHING:
            return Level.FIRST_PULL
        case Presence.REPOSITORY:
            return Level.PULL
        case Presence.IMAGE | None:
            return Level.CACHED


def _decide(evidence: Evidence, principal: str, action: str) -> Replay:
    if action == AUTHORIZATION_ACTION:
        return evidence.decide(principal, action, "*", Side.IDENTITY)
    return evidence.decide(principal, action, evidence.arn)


def _denied(evidence: Evidence, principal: str, action: str, decided: Replay) -> Cause:
    sides = decided.decision.sides
    grants = grants_of(evidence.case, principal)
    enough = [grant for grant in grants if action in grant.level.actions]
    line = _replay_line(evidence, principal, action)
    if sides.denied is True:
        return Cause(
            name="pull-explicit-deny",
            title=f"A Deny stops `{action}`",
            message=f"The caller is `{principal}`: {decided.decision.reason}. A Deny wins over every "
            f"Allow. Replay it:{line}",
            is_proved=True,
        )
    lacking = " and ".join(_lacking(decided))
    if action == AUTHORIZATION_ACTION:
        advice = "It is granted on `*`, by the policy of the puller."
    elif enough:
        advice = (
            f"The topology gives it to {enough[0].consumer.who}, so it is not applied: apply the root "
            "modules of both accounts."
        )
    else:
        needed = _level(evidence)
        advice = (
            f"The topology does not give it to this caller: add or raise a grant to `{needed}`."
        )
    return Cause(
        name="pull-not-allowed",
        title=f"Nothing allows `{action}`",
        message=f"The caller is `{principal}`, and {lacking or 'no policy'} allows it. {advice} Replay "
        f"it:{line}",
        is_proved=True,
        span=enough[0].span if enough else evidence.cache.span,
    )


def _lacking(decided: Replay) -> Iterator[str]:
    """The sides without an Allow that would count."""
    sides = decided.decision.sides
    if sides.resource_seen and sides.direct is False and sides.delegated is False:
        yield "no policy of the registry"
    if sides.identity_seen and sides.identity is False:
        yield "no policy of the caller"
    if sides.boundary is False:
        yield "not its permissions boundary"


def _replay_line(evidence: Evidence, principal: str, action: str) -> str:
    words = ["forebay", "replay", *evidence.replay_words, "--as", principal, "--action", action]
    if action == AUTHORIZATION_ACTION:
        words += ["--only", "identity"]
    else:
        words += ["--resource", evidence.arn]
    return f"\n  {shlex.join(words)}"


def organization(evidence: Evidence) -> Step | None:
    """Whether the organization or a boundary takes away what the policies give, as IAM says."""
    principal = evidence.principal
    if principal is None:
        return None
    if not evidence.simulates or evidence.probes is None:
        return open_step(
            "organization",
            "whether the organization's policies deny it",
            "They are not to be seen from the account. `--simulate` asks IAM about this caller.",
        )
    role = _whole_arn(evidence, principal)
    if role is None:
        return open_step(
            "organization",
            f"what IAM says of `{principal}`, since it is no role that was read",
            "Name the role itself with `--as`.",
        )
    certain, _ = _actions(evidence)
    actions = [action for action in certain if action != AUTHORIZATION_ACTION]
    account = role_of(role)
    assert account is not None  # noqa: S101 - it is the ARN of a role
    answer = evidence.probes.simulation(account[0], role, actions, evidence.arn)
    if answer.not_read is not None:
        return open_step(
            "organization",
            f"what IAM says of `{role}` ({words_of(answer.not_read)})",
            "`forebay policies live --doctor` prints the policy that lets it be asked.",
        )
    for one in answer.actions:
        for layer, allows, name in (
            ("A policy of the organization", one.by_organization, "pull-organization-denies"),
            ("The permissions boundary of the role", one.by_boundary, "pull-boundary-denies"),
        ):
            if not one.is_allowed and allows is False:
                cause = Cause(
                    name=name,
                    title=f"{layer} denies `{one.action}`",
                    message=f"IAM says so of `{role}` on `{evidence.arn}`. Ask who owns that policy.",
                    is_proved=True,
                )
                return Step(name="organization", words=cause.title, causes=(cause,))
    denied = [f"`{one.action}`" for one in answer.actions if not one.is_allowed]
    if denied:
        return open_step(
            "organization",
            f"why IAM denies {', '.join(denied)} to `{role}`",
            "The policies that were read allow it; one of them may have changed since. Take a new "
            "snapshot.",
        )
    return Step(name="organization", words=f"IAM allows it to `{role}`")


def _whole_arn(evidence: Evidence, principal: str) -> str | None:
    """The ARN of the role that a caller is or is a session of, with its path."""
    found = role_of(principal)
    if found is None:
        return None
    account, key = found
    for record in evidence.reading.estate.of_account(account):
        is_role = record.kind is Kind.ROLE and isinstance(record.key, str)
        if is_role and str(record.key).rsplit("/", 1)[-1] == key.rsplit("/", 1)[-1]:
            return evidence.role_arn(account, str(record.key))
    return principal if ROLE_ARN.fullmatch(principal) else None
