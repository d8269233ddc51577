"""A replayed decision as text and as the keys of a JSON document."""

from collections.abc import Collection, Iterator
from pathlib import Path

from generator.grants.replay import Layer, Replay, ReplayedPolicy
from generator.iam import Effect, PolicyKind, Sides, Statement, Step
from generator.model.printable import one_line
from generator.model.span import Span
from generator.report.places import place_object, shown_path
from generator.report.report import Plain

_WORDS = {True: "yes", False: "no", None: "?"}


def replay_text(replay: Replay, base: Path) -> str:
    """The decision for people: the answer first, then every statement that was asked."""
    request = replay.question.request
    lines = [
        f"{request.principal}",
        f"  calls {request.action}"
        + (f" on {request.resource}" if request.resource else f" for role {replay.question.role}"),
    ]
    for key, value in sorted(request.context.items()):
        shown = value if isinstance(value, str) else ", ".join(value)
        lines.append(f"  with {key} = {shown}")
    lines += ["", f"{answer(replay)}: {why(replay)}", ""]
    for policy, steps in zip(replay.policies, replay.steps, strict=True):
        lines.append(f"{policy.layer.value}: {policy.what}{_place(policy.place, base)}")
        if policy.unseen:
            lines.append(f"  not known: {policy.unseen}")
        elif not steps:
            lines.append("  no statements")
        for step in () if policy.unseen else steps:
            lines.extend(_step_lines(policy, step, base))
        lines.append("")
    lines.append("together")
    lines.extend(f"  {line}" for line in together(replay.decision.sides, replay))
    lines.extend(f"  note: {note}" for note in replay.notes)
    return "\n".join(map(one_line, lines))


def answer(replay: Replay) -> str:
    """The decision in a word."""
    return {True: "allowed", False: "denied", None: "cannot tell"}[replay.decision.allowed]


def why(replay: Replay) -> str:
    """The reason of the decision, with the side that lacks an Allow where it is a matter of sides."""
    sides = replay.decision.sides
    if replay.decision.allowed is False and sides.denied is not True:
        lacking = []
        if sides.resource_seen and sides.direct is False and sides.delegated is False:
            lacking.append("resource")
        if sides.is_person and sides.identity_seen and sides.identity is False:
            lacking.append("identity")
        if sides.boundary is False:
            lacking.append("boundary")
        if lacking:
            return f"no Allow statement matches on the {' nor on the '.join(lacking)} side"
    if replay.decision.allowed is None:
        if unseen := [policy.unseen for policy in replay.policies if policy.unseen]:
            return f"the identity policies are not known: {'; '.join(unseen)}"
        if not any(_is_open_deny(step) for steps in replay.steps for step in steps):
            return "what a statement says is not known"
    provided = _provided(replay)
    return f"{replay.decision.reason}, if {provided}" if provided else replay.decision.reason


def _is_open_deny(step: Step) -> bool:
    return step.matches is None and step.statement.effect is not None


def _provided(replay: Replay) -> str:
    """What has to be so for a yes to hold, where only such policies allow it that may not count."""
    sides = replay.decision.sides
    if replay.decision.allowed is not True:
        return ""
    by_identity = _conditions(replay, {Layer.IDENTITY})
    by_resource = _conditions(replay, {Layer.REGISTRY, Layer.REPOSITORY, Layer.TRUST})
    if not sides.is_same_account:
        return " and if ".join(filter(None, (by_resource, by_identity)))
    # Either side is enough, so one that holds without a condition settles it.
    if sides.resource_seen and sides.direct is True and not by_resource:
        return ""
    if not sides.identity_seen or sides.identity is not True:
        return by_resource
    if not by_identity or not (sides.resource_seen and sides.direct is True):
        return by_identity
    return f"{by_identity} or {by_resource}"


def _conditions(replay: Replay, layers: Collection[Layer]) -> str:
    """What has to be so for the Allows of some layers to count; nothing where one simply does."""
    allowing = [
        policy.provided
        for policy, steps in zip(replay.policies, replay.steps, strict=True)
        if policy.layer in layers
        and any(step.matches is True and step.statement.effect is Effect.ALLOW for step in steps)
    ]
    return "" if "" in allowing else " or ".join(dict.fromkeys(allowing))


def together(sides: Sides, replay: Replay) -> Iterator[str]:
    """How the sides are put together, in words."""
    unseen = any(policy.unseen for policy in replay.policies)
    denied = "none in what was read" if sides.denied is None and unseen else _WORDS[sides.denied]
    yield f"explicit Deny: {denied}"
    if sides.resource_seen:
        yield f"resource policies let the caller in by name or as anybody: {_WORDS[sides.direct]}"
        if sides.is_person:
            yield f"resource policies let in its account: {_WORDS[sides.delegated]}"
    if not sides.is_person:
        yield "the caller has no identity policies: the resource policies decide alone"
        return
    if sides.identity_seen:
        yield f"identity policies allow it: {_WORDS[sides.identity]}"
        if any(policy.layer is Layer.BOUNDARY for policy in replay.policies):
            yield f"the permissions boundary allows it: {_WORDS[sides.boundary]}"
    else:
        yield "identity policies: not looked at, taken as if they allowed everything"
    if not sides.resource_seen:
        yield "resource policies: not looked at, taken as if they allowed everything"
    elif sides.is_same_account and replay.question.role is not None:
        yield "same account: the trust policy must name the caller, or its account and identity"
    elif sides.is_same_account:
        yield "same account: either side is enough, but a resource policy must name the caller"
    else:
        yield "another account: both sides must allow it"


def _step_lines(policy: ReplayedPolicy, step: Step, base: Path) -> Iterator[str]:
    statement = step.statement
    effect = statement.effect.value if statement.effect else "effect not known"
    verdict = {True: "matches", False: "does not match", None: "cannot tell"}[step.matches]
    place = _place(policy.span_of(statement.index), base)
    yield f"  {_name(statement)} ({effect}) {verdict}{place}"
    for test in step.tests:
        if is_there(test.element, statement, step.kind):
            yield f"    {_WORDS[test.matches]:<3} {test.element}"


def is_there(element: str, statement: Statement, kind: PolicyKind) -> bool:
    """Whether a statement has an element at all; one that it lacks matches by itself."""
    match element:
        case "Principal":
            return kind.names_principals
        case "Resource":
            return statement.resources is not None
        case _:
            return True


def _name(statement: Statement) -> str:
    return statement.sid or f"statement {statement.index + 1}"


def _place(span: Span | None, base: Path) -> str:
    return f"  {shown_path(span.file, base)}:{span.line}" if span else ""


def replay_object(replay: Replay, base: Path) -> Plain:
    """The decision for programs."""
    sides = replay.decision.sides
    request = replay.question.request
    return {
        "decision": answer(replay).replace(" ", "-"),
        "reason": why(replay),
        "request": {
            "principal": request.principal,
            "action": request.action,
            "resource": request.resource or "",
            "context": {
                key: value if isinstance(value, str) else tuple(value)
                for key, value in sorted(request.context.items())
            },
        },
        "resource_account": replay.question.account,
        "sides": {
            "same_account": sides.is_same_account,
            "denied": sides.denied,
            "resource": sides.direct if sides.resource_seen else None,
            "resource_by_account": sides.delegated if sides.resource_seen else None,
            "identity": sides.identity if sides.identity_seen else None,
            "boundary": sides.boundary,
        },
        "policies": tuple(
            {
                "what": policy.what,
                "layer": policy.layer.value,
                "location": place_object(policy.place, base),
                "statements": tuple(_statement(policy, step, base) for step in steps),
            }
            for policy, steps in zip(replay.policies, replay.steps, strict=True)
        ),
        "notes": replay.notes,
    }


def _statement(policy: ReplayedPolicy, step: Step, base: Path) -> Plain:
    statement = step.statement
    return {
        "sid": statement.sid,
        "position": statement.index,
        "effect": statement.effect.value if statement.effect else None,
        "matches": step.matches,
        "location": place_object(policy.span_of(statement.index), base),
        "elements": tuple(
            {"element": test.element, "matches": test.matches}
            for test in step.tests
            if is_there(test.element, statement, step.kind)
        ),
    }


def doubts(replay: Replay) -> tuple[str, ...]:
    """Why the statements that leave the answer open do so."""
    found: list[str] = []
    for steps in replay.steps:
        for step in steps:
            if step.matches is None:
                reasons = step.statement.reasons(step.kind)
                found.extend(reasons or (f"{step.because} is read in more than one way",))
    return tuple(dict.fromkeys(found))
