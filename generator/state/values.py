"""Values of a plan or state as attributes of records: what is unknown or sensitive stays closed."""

from generator.frozen_data import frozen
from generator.model.estate import Absent, Attribute, Json, Known, Unknown
from generator.model.span import Span
from generator.state.document import UnusableFileError, elements, fields, parse_embedded

AFTER_APPLY = "it is known only after apply"
SENSITIVE = "it is marked as sensitive, so it was not looked at"


@frozen
class Masked:
    """A value with the parts of it that the plan does not know and that nobody may see.

    Both masks have the shape of the value; `true` stands for all that is below. `reference` names
    the value in messages.
    """

    value: object
    unknown: object
    sensitive: object
    reference: str

    def member(self, name: str) -> "Masked":
        """One member of an object."""
        return Masked(
            value=fields(self.value).get(name),
            unknown=_inner(self.unknown, name),
            sensitive=_inner(self.sensitive, name),
            reference=f"{self.reference}.{name}",
        )

    def items(self) -> "tuple[Masked, ...]":
        """The elements of a list, also those that are only known to be there."""
        count = max(len(elements(self.value)), len(elements(self.unknown)))
        return tuple(
            Masked(
                value=_at(self.value, index),
                unknown=self.unknown if self.unknown is True else _at(self.unknown, index),
                sensitive=self.sensitive if self.sensitive is True else _at(self.sensitive, index),
                reference=f"{self.reference}[{index}]",
            )
            for index in range(count)
        )

    def hidden(self, span: Span | None) -> Unknown | None:
        """Why the value as a whole is not known."""
        if self.unknown is True:
            return Unknown(reason=AFTER_APPLY, reference=self.reference, span=span)
        if self.sensitive is True and self.value is not None:
            return Unknown(reason=SENSITIVE, reference=self.reference, span=span)
        return None


def attribute(masked: Masked, span: Span | None) -> Attribute:
    """A value as an attribute of a record."""
    if (hidden := masked.hidden(span)) is not None:
        return hidden
    if masked.value is None and not fields(masked.unknown):
        return Absent(span=span)
    value = json_value(masked, span)
    return value if isinstance(value, Unknown) else Known(value=value, span=span)


def document(masked: Masked, span: Span | None) -> Attribute:
    """A value that holds a JSON document, parsed."""
    found = attribute(masked, span)
    if not isinstance(found, Known) or not isinstance(found.value, str):
        return found
    if not found.value:
        return Absent(span=span)
    try:
        parsed = parse_embedded(found.value)
    except UnusableFileError as error:
        return Unknown(reason=f"its JSON {error}", reference=masked.reference, span=span)
    return Known(value=_plain(parsed), span=span)


def json_value(masked: Masked, span: Span | None) -> Json:
    """A value as a JSON-like value whose leaves may be unknown."""
    if (hidden := masked.hidden(span)) is not None:
        return hidden
    match masked.value:
        case list():
            return tuple(json_value(item, span) for item in masked.items())
        case dict() as members:
            names = dict.fromkeys((*members, *fields(masked.unknown)))
            return {name: json_value(masked.member(name), span) for name in names}
        case str() | bool() | int() | float() as scalar:
            return scalar
        case _:
            return None


def _plain(value: object) -> Json:
    match value:
        case list():
            return tuple(map(_plain, value))
        case dict():
            return {name: _plain(item) for name, item in value.items()}
        case str() | bool() | int() | float():
            return value
        case _:
            return None


def _inner(mask: object, name: str) -> object:
    return True if mask is True else fields(mask).get(name)


def _at(value: object, index: int) -> object:
    items = elements(value)
    return items[index] if index < len(items) else None
