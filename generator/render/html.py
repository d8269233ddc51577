"""The Jinja environment for HTML: every value is escaped, and printable first."""

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

from generator.data import resources
from generator.model.printable import printable

if TYPE_CHECKING:
    import jinja2


class Markup(str):
    """Text of our own that stands in a page as it is: its style, its script, JSON that was made safe."""

    __slots__ = ()

    def __html__(self) -> str:
        """What Jinja writes instead of escaping it."""
        return str(self)


def render_html(template: str, values: Mapping[str, object]) -> str:
    """The page of one template, by its path below `templates/`."""
    return _environment().get_template(template).render(values)


@cache
def _environment() -> "jinja2.Environment":
    import jinja2

    return jinja2.Environment(
        loader=jinja2.FunctionLoader(resources.template),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_printable,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _printable(value: object) -> object:
    """Texts from outside, with whatever hides or turns around escaped; our own as they are."""
    if isinstance(value, str) and not hasattr(value, "__html__"):
        return printable(value)
    return value
