"""Statements in a form in which writing makes no difference, whatever they mean."""

from typing import TypeAlias

from generator.iam.document import Condition, Gap, Principals, Statement, Text

Canonical: TypeAlias = tuple[object, ...]
"""A value that equal statements have in common."""


def canonical(statement: Statement) -> Canonical:
    """The statement without what makes no difference: order, case of actions, spelling of roots."""
    actions, resources = statement.actions, statement.resources
    return (
        statement.effect,
        _canonical_principals(statement.principals),
        actions and (actions.negated, frozenset(_spelled(text).lower() for text in actions.texts)),
        resources and (resources.negated, frozenset(map(_spelled, resources.texts))),
        frozenset(map(_canonical_condition, statement.conditions)),
    )


def _canonical_principals(principals: Principals | None) -> Canonical | None:
    if principals is None:
        return None
    return (
        principals.everyone,
        principals.negated,
        frozenset(_account_for_root(_spelled(text)) for text in principals.aws),
        frozenset(map(_spelled, principals.services)),
        frozenset(map(_spelled, principals.federated)),
    )


def _canonical_condition(condition: Condition) -> Canonical:
    return (
        condition.operator.lower(),
        condition.key.lower(),
        frozenset(map(_spelled, condition.values)),
    )


def _account_for_root(name: str) -> str:
    parts = name.split(":")
    return parts[4] if len(parts) == 6 and parts[5] == "root" else name


def _spelled(text: Text) -> str:
    """The text in one string, with signs that no policy has around what is not plain."""
    return "".join(
        piece
        if isinstance(piece, str)
        else f"\0{piece.reason}\0"
        if isinstance(piece, Gap)
        else f"\1{piece.text}\1"
        for piece in text.pieces
    )
