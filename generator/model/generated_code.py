"""What became of the files that `generate` wrote: as they should be, older, edited, or gone."""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

from generator.frozen_data import frozen
from generator.model.span import Span


class FileState(StrEnum):
    """How the files of a root or module on disk are to those that `generate` would write now."""

    CURRENT = "current"  # just as they would be written
    OLDER = "older"  # as an earlier run wrote them, and not as they would be written now
    EDITED = "edited"  # as no run wrote them
    GONE = "gone"  # none of them is there


@frozen
class GeneratedRoot:
    """One root module of the topology: its account, its files, and the modules that it calls.

    `changed` are the places of the first lines that are not as they would be written, by file; `calls`
    are the folders of the called modules below the output folder, by the name of the call.
    """

    folder: str
    account: str
    account_id: str
    state: FileState
    changed: Mapping[str, Span]
    calls: Mapping[str, str]


@frozen
class GeneratedCode:
    """All that `generate` would write below one output folder, and what is there of it.

    Roots and modules are held by their folders below it, which is `out`. `ever_written` are the roots that an earlier
    run has written. `changed_modules` are the first lines of module files that are not as they would
    be written, in modules that are older or edited. `command` writes all of it.
    """

    roots: Mapping[str, GeneratedRoot]
    ever_written: frozenset[str]
    modules: Mapping[str, FileState]
    changed_modules: Mapping[str, tuple[Span, ...]]
    command: str = "forebay generate"
    out: Path = Path()

    @property
    def edited_files(self) -> frozenset[Path]:
        """The files that are neither as they would be written nor as they once were."""
        roots = (
            place.file
            for root in self.roots.values()
            if root.state is FileState.EDITED
            for place in root.changed.values()
        )
        modules = (
            place.file
            for folder, places in self.changed_modules.items()
            if self.modules[folder] is FileState.EDITED
            for place in places
        )
        return frozenset((*roots, *modules))
