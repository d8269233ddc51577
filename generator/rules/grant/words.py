"""Words that the grant rules share: who could do what, where, and why that is so."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from generator.grants.judged_policy import JudgedPolicy
from generator.iam import OverGrant, PrincipalKind, Request, Statement
from generator.model.finding import Witness
from generator.model.span import Span

MAX_SHOWN = 10
"""The most actions or places that a message lists."""


def by_statements(grants: Iterable[OverGrant]) -> list[tuple[OverGrant, ...]]:
    """The surplus access of each set of statements together, the most public and worst first.

    One mistake opens a statement to many sorts of callers at once; it is one finding all the same.
    """

    def key(grant: OverGrant) -> tuple[tuple[str, int], ...]:
        return tuple((statement.source, statement.index) for statement in grant.statements)

    def worst(grant: OverGrant) -> tuple[bool, int, int]:
        # Every ECR request is signed, so an AWS account is the caller to show, not an anonymous one.
        anonymous = grant.principal_kind is PrincipalKind.ANONYMOUS
        return (anonymous, grant.principal_kind.rank, grant.action_kind.rank)

    ordered = sorted(grants, key=lambda grant: (key(grant), worst(grant)))
    return [tuple(group) for _, group in groupby(ordered, key=key)]


def surplus(grants: Sequence[OverGrant]) -> str:
    """Who gets which actions too much: most public callers and worst actions first."""
    parts = [f"{kind}: {some_of(actions)}" for kind, actions in _surplus(grants).items()]
    return "; ".join(parts)


def _surplus(grants: Sequence[OverGrant]) -> dict[str, list[str]]:
    """The actions that each sort of callers gets too much, each action once."""
    found: dict[str, list[str]] = {}
    told: set[str] = set()
    for kind, group in groupby(grants, key=lambda grant: grant.principal_kind):
        actions = dict.fromkeys(action for grant in group for action in grant.actions)
        if new := [action for action in actions if action not in told]:
            found[kind.value] = new
            told.update(new)
    return found


def what_they_do(grants: Sequence[OverGrant]) -> str:
    """What the widest callers may do, in words."""
    widest = grants[0].principal_kind
    kinds = {grant.action_kind for grant in grants if grant.principal_kind is widest}
    words = [kind.value for kind in sorted(kinds, key=lambda kind: kind.rank)]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def witness(policy: JudgedPolicy, grant: OverGrant) -> Witness:
    """The request, with the first statement that allows it."""
    place = policy.span_of(grant.statements[0]) if grant.statements else None
    return witness_of(grant.request, place or policy.place)


def witness_of(request: Request, statement: Span | None) -> Witness:
    """The request as a result shows it, with the statement that decides it."""
    return Witness(
        principal=request.principal,
        action=request.action,
        resource=request.resource,
        context=dict(request.context),
        statement=statement,
    )


def subject(grants: Sequence[OverGrant]) -> str:
    """The finding in words that survive moved lines and other wordings of the policy."""
    parts = (f"{kind}: {', '.join(sorted(actions))}" for kind, actions in _surplus(grants).items())
    return f"{_names(grants[0].statements)} {'; '.join(parts)}"


def some_of(words: Sequence[str]) -> str:
    """The first words of a list, and how many more there are; nothing of an empty one."""
    if not words:
        return ""
    rest = len(words) - MAX_SHOWN
    if rest > 1:
        words = [*words[:MAX_SHOWN], f"{rest} more"]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _names(statements: Iterable[Statement]) -> str:
    return ",".join(statement.sid or f"#{statement.index}" for statement in statements)
