"""Places results where a person edits: at the call, not in a module that is as forebay writes it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from generator.gate.generated_causes import call_of
from generator.model.finding import Finding
from generator.model.generated_code import FileState, GeneratedCode
from generator.model.reading import Reading
from generator.model.span import Span


def in_own_code(reading: Reading, findings: Iterable[Finding]) -> Iterator[Finding]:
    """The findings, those in an unchanged generated module at the entry or call that makes it so."""
    if reading.generated is None:
        return iter(findings)
    return map(_OwnCode(reading=reading).placed, findings)


@dataclass(frozen=True, kw_only=True)
class _OwnCode:
    """The code of roots, and the modules beside it that nobody has edited."""

    reading: Reading

    def placed(self, finding: Finding) -> Finding:
        """The finding, at its entry or call where it lies in a module that is as it was written."""
        estate = self.reading.estate
        span, call = finding.location, call_of(finding.address)
        if span is None or call is None or span.file.parent in estate.root_folders:
            return finding
        if not self._is_as_written(span):
            return finding
        places = (
            place
            for root in finding.roots
            for place in (
                self._entry(root, finding.address),
                estate.places_of(root).get(f"module.{call}"),
            )
            if place is not None and place.file.parent in estate.root_folders
        )
        own = next(places, None)
        return finding if own is None else replace(finding, location=own)

    @cached_property
    def _generated(self) -> GeneratedCode | None:
        return None if self.reading.generated is None else self.reading.generated()

    @cached_property
    def _out(self) -> Path:
        return Path() if self._generated is None else self._generated.out.resolve()

    @cached_property
    def _states(self) -> dict[Path, FileState | None]:
        """What became of each folder that a result was in: asking the disk takes a while."""
        return {}

    def _is_as_written(self, span: Span) -> bool:
        """Whether a place is in a module of forebay's that is as it was written, or would be."""
        if self._generated is None:
            return False
        folder = span.file.parent
        if folder not in self._states:
            self._states[folder] = self._state_of(folder.resolve(), self._generated)
        state = self._states[folder]
        return state is FileState.CURRENT or state is FileState.OLDER

    def _state_of(self, folder: Path, generated: GeneratedCode) -> FileState | None:
        """What became of the module in a folder; `None` for a folder that is none."""
        if not folder.is_relative_to(self._out):
            return None
        return generated.modules.get(folder.relative_to(self._out).as_posix())

    def _entry(self, root: str, address: str | None) -> Span | None:
        record = self.reading.estate.by_address.get((root, address or ""))
        return None if record is None else record.span
