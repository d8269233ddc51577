"""What the rules about policies share: which ECR actions a pattern names, and who is meant."""

import re
from collections.abc import Mapping
from functools import cache

from generator.grants.code_policies import CodeStatement
from generator.iam.actions import ActionKind, ecr_actions, kind_of
from generator.model.estate import Unknown, caller_of

_WRITING = frozenset({ActionKind.POLICY, ActionKind.PUSH, ActionKind.DELETE, ActionKind.SETTINGS})


@cache
def matching_actions(pattern: str) -> frozenset[str]:
    """The ECR actions that a word of an `Action` element stands for."""
    escaped = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    expression = re.compile(escaped, re.IGNORECASE)
    return frozenset(action for action in ecr_actions() if expression.fullmatch(action))


def changes_something(pattern: str) -> bool:
    """Whether a pattern with a wildcard includes actions that write."""
    if not set("*?") & set(pattern):
        return False
    return any(kind_of(action) in _WRITING for action in matching_actions(pattern))


def _is_of_the_same_provider(statement: CodeStatement, account: Unknown) -> bool:
    """Whether code takes each principal's account from the provider that makes the policy."""
    value = statement.raw.get("Principal")
    if not isinstance(value, Mapping) or set(value) != {"AWS"}:
        return False
    named = value["AWS"]
    names = named if isinstance(named, tuple) else (named,)
    return bool(names) and all(
        isinstance(name, Unknown) and name.reason == caller_of(account) for name in names
    )


def is_own_account(statement: CodeStatement) -> bool:
    """Whether every principal certainly is of the account the policy belongs to."""
    account = statement.record.account
    principals = statement.statement.principals
    if principals is None or principals.everyone or principals.negated:
        return False
    if isinstance(account, Unknown):
        return _is_of_the_same_provider(statement, account)
    names = [text.plain for text in principals.aws]
    return (
        bool(names)
        and not principals.services
        and all(name == account or (name is not None and f"::{account}:" in name) for name in names)
    )
