"""Which repositories a policy can reach at all: what lies elsewhere need not be told apart."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Self

from generator.iam.access import RepositoryScope
from generator.iam.actions import acts_on_a_repository, ecr_actions
from generator.iam.document import Effect, Policy, Statement
from generator.iam.matching import action_matches, patterns_match
from generator.model.values import Region

_FIELDS = 6
"""The fields of a repository's ARN between its colons; the fourth is the region, then the account."""


class JudgedScopes:
    """The scopes on which identity policies are judged, found by registry.

    With a cache in each of a thousand accounts, the policy of one consumer reaches a few of them.
    """

    def __init__(self, scopes: Iterable[RepositoryScope]) -> None:
        self.all = tuple(scopes)
        self.regions = tuple(
            dict.fromkeys(scope.region for scope in self.all if scope.region is not None)
        )

    def __iter__(self) -> Iterator[RepositoryScope]:
        return iter(self.all)

    @classmethod
    def of(cls, scopes: Iterable[RepositoryScope]) -> Self:
        """The scopes themselves where they are found by registry already."""
        return scopes if isinstance(scopes, cls) else cls(scopes)

    def in_reach(self, policies: Iterable[Policy]) -> Sequence[RepositoryScope]:
        """The scopes in which some statement allows, or may allow, something on a repository."""
        registries: set[tuple[str, str]] = set()
        for policy in policies:
            for statement in policy.statements:
                if not _may_allow(statement):
                    continue
                found = _registries_of(statement)
                if found is None:
                    return self.all
                registries |= found
        places = set(self._anywhere)
        for region, account in registries:
            if account == "*":
                places.update(
                    place for place, scope in enumerate(self.all) if region in {scope.region, "*"}
                )
            else:
                places.update(
                    place
                    for place in self._of_account.get(account, ())
                    if region in {self.all[place].region, "*"}
                )
        return [self.all[place] for place in sorted(places)]

    def of_account(self, account: str) -> frozenset[tuple[Region | None, str]]:
        """What is judged in the registries of an account: regions, and patterns of repositories."""
        return frozenset(
            (self.all[place].region, self.all[place].repositories)
            for place in self._of_account.get(account, ())
        )

    @cached_property
    def _anywhere(self) -> tuple[int, ...]:
        """The places of scopes that are in every registry, or in every one of an account."""
        return tuple(
            place
            for place, scope in enumerate(self.all)
            if scope.region is None or scope.registry_account is None
        )

    @cached_property
    def _of_account(self) -> dict[str, list[int]]:
        """The places of the scopes of each account."""
        found: dict[str, list[int]] = defaultdict(list)
        for place, scope in enumerate(self.all):
            if scope.registry_account is not None:
                found[scope.registry_account].append(place)
        return found


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
