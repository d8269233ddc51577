"""A witness told as a story: who asks, which statements have a say, which condition, and the end of it."""

import re
from collections.abc import Iterator
from pathlib import Path

from generator.grants.replay import Layer, Replay, ReplayedPolicy
from generator.iam import Effect, Step
from generator.map.run import Step as Told
from generator.model.finding import Finding
from generator.model.span import Span
from generator.report.places import shown_path
from generator.report.replay import answer, is_there, why

_MOST = 8
"""Statements that are told; most policies have fewer that have a say."""


def decider(finding: Finding) -> Span | None:
    """The statement that decides a witness, where it is not what the result quotes anyway."""
    statement = finding.witness.statement if finding.witness is not None else None
    return None if statement == finding.location else statement


def story(finding: Finding, replay: Replay | None, base: Path) -> Iterator[Told]:
    """The request that shows a result, step by step; nothing for a result without one."""
    witness = finding.witness
    if witness is None:
        return
    yield _who(witness.principal)
    yield Told(label="For what:", text=witness.action)
    if witness.resource:
        yield Told(label="On what:", text=witness.resource)
    elif replay is not None and replay.question.role is not None:
        yield Told(label="To become:", text=f"role {replay.question.role}", is_code=False)
    for key, value in sorted(witness.context.items()):
        shown = value if isinstance(value, str) else ", ".join(value)
        yield Told(label="While:", text=f"{key} is {shown}")
    if replay is not None:
        yield from _decided(replay, base)
    elif witness.statement is not None:
        place = f"{shown_path(witness.statement.file, base)}:{witness.statement.line}"
        yield Told(label="What decides:", text=place)


def _decided(replay: Replay, base: Path) -> Iterator[Told]:
    """Which statements match, which do not and why, and what follows from all of them."""
    steps = [
        (policy, step)
        for policy, found in zip(replay.policies, replay.steps, strict=True)
        for step in (() if policy.unseen else found)
    ]
    # What matches has a say; of the others, those are told first of which the most fits.
    steps.sort(
        key=lambda one: (one[1].matches is False, -sum(t.matches is True for t in one[1].tests))
    )
    for policy, step in steps[:_MOST]:
        yield Told(label=_label(step), text=_statement(policy, step, base), is_code=False)
    if len(steps) > _MOST:
        more = len(steps) - _MOST
        yield Told(label="And:", text=f"{more} more statements, less to the point", is_code=False)
    for policy in replay.policies:
        if policy.unseen:
            text = f"{policy.what}: {policy.unseen}"
            yield Told(label="Not known:", text=text, is_code=False)
    for label, text in _together(replay):
        yield Told(label=label, text=text, is_code=False)
    yield Told(label="So it is", text=f"{answer(replay)}: {why(replay)}", is_code=False)


def _who(principal: str) -> Told:
    """Who asks, where the name of the caller does not say it."""
    words = ""
    if principal == "*":
        words = "anybody at all, "
    elif re.fullmatch(r"[a-z0-9.-]+\.amazonaws\.com(\.cn)?", principal):
        words = "the AWS service "
    elif re.fullmatch(r"arn:[a-z-]+:iam::[0-9]{12}:(oidc|saml)-provider/[^`]+", principal):
        words = "whoever signs in by "
    if not words:
        return Told(label="Who asks:", text=principal)
    return Told(label="Who asks:", text=f"{words}`{principal}`", is_code=False)


def _together(replay: Replay) -> Iterator[tuple[str, str]]:
    """What each side says, and what counts."""
    sides = replay.decision.sides
    unseen = any(policy.unseen for policy in replay.policies)
    if sides.denied is None and unseen:
        yield "Is it denied?", "by nothing that was read"
    else:
        denied = {True: "yes, and a Deny wins", False: "no", None: "cannot be told"}
        yield "Is it denied?", denied[sides.denied]
    says = {True: "lets the caller in", False: "does not let the caller in", None: "cannot be told"}
    owner = "The registry's side:" if replay.question.role is None else "The role's trust:"
    if not sides.resource_seen:
        yield owner, "not asked, as if it allowed everything"
    elif sides.is_person and sides.direct is not True and sides.delegated is True:
        yield owner, "lets the caller's account decide"
    else:
        yield owner, says[sides.direct]
    if not sides.is_person:
        yield "What counts:", "that side alone, since the caller has no policies of its own"
        return
    own = {True: "allows it", False: "does not allow it", None: "cannot be told"}
    if not sides.identity_seen:
        too_much = replay.decision.allowed is True
        reason = ": what one side gives too much is a fault by itself" if too_much else ""
        yield "The caller's side:", f"not asked{reason}"
        return
    yield "The caller's side:", own[sides.identity]
    if any(policy.layer is Layer.BOUNDARY for policy in replay.policies):
        yield "Its permissions boundary:", own[sides.boundary]
    if sides.resource_seen and not sides.is_same_account:
        yield "What counts:", "both sides, since the accounts differ"
    elif sides.resource_seen and replay.question.role is not None:
        yield "What counts:", "the trust must name the caller, or its account and the caller's side"
    elif sides.resource_seen:
        yield "What counts:", "either side, in one account; the registry's must name the caller"


def _label(step: Step) -> str:
    verb = {Effect.ALLOW: "allows", Effect.DENY: "denies"}
    effect = step.statement.effect
    word = "says what is not known" if effect is None else verb[effect]
    return {
        True: f"A statement {word} it:",
        False: "A statement does not match:",
        None: "A statement of which it cannot be told:",
    }[step.matches]


def _statement(policy: ReplayedPolicy, step: Step, base: Path) -> str:
    """The statement, where it stands, and what each element says about the request."""
    statement = step.statement
    name = statement.sid or f"statement {statement.index + 1}"
    span = policy.span_of(statement.index)
    place = f" at {shown_path(span.file, base)}:{span.line}" if span is not None else ""
    words = {True: "fits", False: "does not fit", None: "is open"}
    tests = [
        f"{test.element} {words[test.matches]}"
        for test in step.tests
        if is_there(test.element, statement, step.kind)
    ]
    return f"{name} in {policy.what}{place}: {', '.join(tests)}"
