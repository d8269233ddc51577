"""The statement of a policy that nearly gives a request: which of its elements fails, in words."""

from collections.abc import Callable, Iterable, Sequence

from generator.frozen_data import frozen
from generator.iam import Decision, Effect, Policy, PolicyKind, Request, Statement, Step, decide
from generator.iam.matching import action_matches, patterns_match
from generator.model.levels import DOWNSTREAM_ACTIONS, KEY_ACTIONS, UPSTREAM_ACTIONS, Level

_OF_IMAGES = frozenset(
    (*Level.FIRST_PULL.actions, *UPSTREAM_ACTIONS, *DOWNSTREAM_ACTIONS, *KEY_ACTIONS)
)


@frozen
class Nearest:
    """A statement that allows all of a request but for what `fails`; or a Deny that stops it.

    `words` go on behind the statement's name.
    """

    statement: Statement
    words: str

    @property
    def is_deny(self) -> bool:
        """Whether it stops the request instead of nearly allowing it."""
        return self.statement.effect is Effect.DENY

    @property
    def name(self) -> str:
        """The statement's own name, else its number."""
        sid = self.statement.sid
        return f"statement `{sid}`" if sid else f"statement {self.statement.index + 1}"


def nearest_statement(
    policies: Sequence[Policy],
    request: Request,
    *,
    kind: PolicyKind,
    account: str,
    rather: Callable[[Statement], tuple[bool, ...]] = lambda _: (),
) -> Nearest | None:
    """The statement that comes nearest to giving a request that policies refuse.

    One element may fail, or conditions alone: what fails in more ways is about something else. Of
    several, that for which `rather` comes first.
    """
    steps = _decision(policies, request, kind, account).steps
    for step in steps:
        if step.matches is True and step.statement.effect is Effect.DENY:
            return Nearest(statement=step.statement, words="denies it")
    found: list[tuple[tuple[int, tuple[bool, ...]], Nearest]] = []
    for step in steps:
        if step.statement.effect is not Effect.ALLOW or step.matches is not False:
            continue
        failing = [test.element for test in step.tests if test.matches is False]
        conditions = [element for element in failing if element.startswith("Condition ")]
        if failing == ["Action"] and not _is_about_images(step.statement):
            continue
        if len(failing) == 1 or len(failing) == len(conditions):
            order = (len(failing), rather(step.statement))
            found.append((order, _nearest(step, request, failing)))
    return min(found, key=lambda one: one[0])[1] if found else None


def _is_about_images(statement: Statement) -> bool:
    """Whether a statement allows anything that a grant can be about, rather than to sign in."""
    return any(
        patterns_match(statement.actions, action, action_matches) is not False
        for action in _OF_IMAGES
    )


def _decision(
    policies: Sequence[Policy], request: Request, kind: PolicyKind, account: str
) -> Decision:
    match kind:
        case PolicyKind.IDENTITY:
            return decide(request, resource_account=account, identity_policies=policies)
        case PolicyKind.REPOSITORY:
            return decide(
                request,
                resource_account=account,
                resource_policies=(),
                repository_policies=policies,
            )
        case PolicyKind.REGISTRY | PolicyKind.TRUST:
            return decide(request, resource_account=account, resource_policies=policies, kind=kind)


def _nearest(step: Step, request: Request, failing: Sequence[str]) -> Nearest:
    """What a statement gives of a request, and what of it fails."""
    given = {
        "Action": "allows this action",
        "Resource": "on this repository" if request.resource else "",
        "Principal": "to this caller" if step.statement.principals is not None else "",
    }
    keeps = " ".join(words for name, words in given.items() if words and name not in failing)
    if "Action" in failing:
        keeps = f"is about {' and '.join(_without_verbs(given, failing))}"
    fails = " and ".join(_failure(element, request) for element in failing)
    return Nearest(statement=step.statement, words=f"{keeps}; {fails}")


def _without_verbs(given: dict[str, str], failing: Sequence[str]) -> Iterable[str]:
    names = {"Resource": "this repository", "Principal": "this caller"}
    found = [names[name] for name in names if given[name] and name not in failing]
    return found or ["this"]


def _failure(element: str, request: Request) -> str:
    if element.startswith("Condition "):
        _, operator, key = element.split(" ", 2)
        return f"its condition on `{key}` ({operator}) fails"
    return {
        "Action": f"it does not allow `{request.action}`",
        "Resource": "it is about other repositories",
        "Principal": "it names other callers",
    }.get(element, f"{element} fails")
