"""What the provider reports to Terraform as an error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import messages

if TYPE_CHECKING:
    from google.protobuf.message import Message

ERROR = 1


class Problem(Exception):  # noqa: N818 - rules yield problems, they do not raise them
    """An error with Terraform's two texts and, where one is at fault, the path of the attribute."""

    def __init__(self, summary: str, detail: str = "", path: tuple[str | int, ...] = ()) -> None:
        super().__init__(summary)
        self.summary = summary
        self.detail = detail
        self.path = path


def diagnostic(problem: Problem) -> Message:
    """Write a problem for the wire."""
    message = messages.new(
        "Diagnostic", severity=ERROR, summary=problem.summary, detail=problem.detail
    )
    if problem.path:
        message.attribute.CopyFrom(attribute_path(*problem.path))
    return message


def attribute_path(*steps: str | int) -> Message:
    """Write a path for the wire: names of attributes and positions in lists."""
    return messages.new(
        "AttributePath",
        steps=[
            messages.new("AttributePath_Step", element_key_int=step)
            if isinstance(step, int)
            else messages.new("AttributePath_Step", attribute_name=step)
            for step in steps
        ],
    )
