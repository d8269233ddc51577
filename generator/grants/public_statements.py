"""Statements for everyone: what keeps callers out whom nobody named."""

from generator.grants.code_policies import CodeStatement, Holder
from generator.iam.guards import Guard, Guarded

OPEN_TO_ALL = frozenset(
    {
        Holder.KEY,
        Holder.REGISTRY,
        Holder.REPOSITORY,
        Holder.SECRET,
        Holder.TEMPLATE,
        Holder.TRUST,
    }
)
"""The policies with a `Principal`: each of them can allow every AWS account."""


def weakest(statement: CodeStatement) -> tuple[Guard | None, tuple[Guarded, ...]]:
    """What keeps callers out whom an Allow for everyone does not name, and the conditions.

    `None` when nothing does, or when the statement is not one for everyone. Conditions are joined by
    AND: one that binds is enough, and an unknown one may bind.
    """
    guards = statement.guards
    found = {guarded.guard for guarded in guards}
    for guard in (Guard.NAMES, Guard.NEVER, Guard.LOOSE, Guard.UNKNOWN, Guard.NETWORK):
        if guard in found:
            return guard, tuple(guarded for guarded in guards if guarded.guard is guard)
    return None, guards


def allows_any_principal(statement: CodeStatement) -> bool:
    """Whether a statement allows something to `*` as a principal, in a policy that names them."""
    return (
        statement.holder in OPEN_TO_ALL
        and statement.allows
        and statement.names_any_principal
        and bool(statement.texts("Action") or statement.raw.get("NotAction"))
    )


def use_of(statement: CodeStatement) -> str:
    """What everybody in the world could do there, for a message."""
    return {
        Holder.REGISTRY: "use this registry",
        Holder.REPOSITORY: "use this repository",
        Holder.TEMPLATE: "use every repository that ECR creates from this template",
        Holder.SECRET: "use this secret",
        Holder.KEY: "use this key",
        Holder.TRUST: "become this role",
        Holder.IDENTITY: "do what its bearer may",
    }[statement.holder]
