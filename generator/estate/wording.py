"""Words for people that drift and check share."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from generator.iam import Request


def describe_request(request: "Request") -> str:
    """A concrete request as a clause: who calls what on what, with which context keys."""
    where = f" on `{request.resource}`" if request.resource else ""
    context = ", ".join(
        f"{key} = {value if isinstance(value, str) else ' and '.join(value)}"
        for key, value in sorted(request.context.items())
    )
    return f"`{request.principal}` calls `{request.action}`{where}" + (
        f" (with {context})" if context else ""
    )


def capital(text: str) -> str:
    """The text with a capital at its beginning."""
    return text[:1].upper() + text[1:]
