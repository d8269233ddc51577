"""Which repositories a policy can reach at all: what lies elsewhere need not be told apart."""

from collections.abc import Iterable, Sequence

from generator.iam.access import RepositoryScope
from generator.iam.actions import acts_on_a_repository, ecr_actions
from generator.iam.document import Effect, Policy, Statement
from generator.iam.matching import action_matches, patterns_match

_FIELDS = 6
"""The fields of a repository's ARN between its colons; the fourth is the region, then the account."""


def scopes_in_reach(
    policies: Iterable[Policy], scopes: Sequence[RepositoryScope]
) -> list[RepositoryScope]:
    """The scopes in which some statement allows, or may allow, something on a repository.

    With a cache in each of a thousand accounts, the policy of one consumer reaches a few of them.
    """
    registries: set[tuple[str, str]] = set()
    for policy in policies:
        for statement in policy.statements:
            if not _may_allow(statement):
                continue
            found = _registries_of(statement)
            if found is None:
                return list(scopes)
            registries |= found
    return [
        scope
        for scope in scopes
        if scope.region is None
        or scope.registry_account is None
        or any(
            region in (scope.region, "*") and account in (scope.registry_account, "*")
            for region, account in registries
        )
    ]


def _may_allow(statement: Statement) -> bool:
    """Whether a statement may allow something that is done on a repository."""
    if statement.effect is Effect.DENY:
        return False
    if statement.doubts or statement.actions is None:
        return True
    return any(
        patterns_match(statement.actions, action, action_matches) is not False
        for action in ecr_actions()
        if acts_on_a_repository(action)
    )


def _registries_of(statement: Statement) -> set[tuple[str, str]] | None:
    """Region and account of all that a statement is about, `*` for every one; `None` for anything.

    An ARN of a repository has as many colons as fields, so a pattern that writes all of them has
    its fields where the ARN has them, whatever its wildcards match.
    """
    if statement.doubts or statement.resources is None or statement.resources.negated:
        return None
    found = set()
    for text in statement.resources.texts:
        parts = None if text.plain is None else text.plain.split(":")
        if parts is None or len(parts) != _FIELDS:
            return None
        region, account = ("*" if set("*?") & set(part) else part for part in parts[3:5])
        found.add((region, account))
    return found
