"""A witness told as a story: who asks, which statements have a say, which condition, and the end of it."""

from collections.abc import Iterator
from pathlib import Path

from generator.grants.replay import Replay, ReplayedPolicy
from generator.iam import Effect, Step
from generator.map.run import Step as Told
from generator.model.finding import Finding
from generator.model.span import Span
from generator.report.places import shown_path
from generator.report.replay import answer, is_there, together, why

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
    yield Told(label="Who asks:", text=witness.principal)
    yield Told(label="For what:", text=witness.action)
    if witness.resource:
        yield Told(label="On what:", text=witness.resource)
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
    for line in together(replay.decision.sides, replay):
        yield Told(label="Together:", text=line, is_code=False)
    yield Told(label="So it is", text=f"{answer(replay)}: {why(replay)}", is_code=False)


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
