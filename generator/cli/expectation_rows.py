"""What came of the expectations of a topology, and what allows a pull, as a JSON document has it."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from generator.report.places import place_object
from generator.report.report import Plain

if TYPE_CHECKING:
    from generator.gate.expectation_results import Asked
    from generator.grants.pulls import Allowing


def statement_rows(allowing: "Iterable[Allowing]", base: Path) -> tuple[Mapping[str, Plain], ...]:
    """The statements that allow a pull, each with its place."""
    return tuple(
        {
            "layer": one.layer.value,
            "policy": one.what,
            "statement": one.statement,
            "location": place_object(one.place, base),
        }
        for one in allowing
    )


def expectations_extra(asked: "Iterable[Asked]") -> Mapping[str, Plain]:
    """The key `expectations`, with an entry for each one and each source that it was asked of."""
    base = Path.cwd()
    rows = tuple(
        {
            "name": each.expectation.name,
            "sentence": each.sentence,
            "who": each.expectation.who,
            "may": each.expectation.is_allowed,
            "level": each.expectation.level.value,
            "images": each.expectation.images,
            "registries": each.expectation.registries,
            "source": each.source.value,
            "holds": each.holds,
            "why": each.why,
            "reasons": each.reasons,
            "conditions": each.conditions,
            "statements": statement_rows(each.allowing, base),
            "location": place_object(each.expectation.span, base),
            "results": each.results,
        }
        for each in asked
    )
    return {"expectations": rows} if rows else {}
