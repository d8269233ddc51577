"""What code said, kept between runs: nothing is read anew where nothing changed.

An entry is text that holds data alone, so whoever writes there can run no code by it. It begins with
marks of all that was looked at; where one of them is another now, or the entry is damaged, it is the
same as none.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from generator.frozen_data import frozen
from generator.garbage import collecting_rarely
from generator.hcl.kept_values import keep_text, kept_text
from generator.hcl.layout import CodeLayout
from generator.hcl.looks import NoMarkError, mark, program_mark
from generator.hcl.plain_forms import NoFormError, read_back, written
from generator.hcl.settings import ReadingSettings
from generator.model.reading import Reading


@frozen
class UnchangedCode:
    """An entry about code in which nothing changed: its digest names what was read, and what it says."""

    digest: str
    text: str

    def reading(self) -> Reading | None:
        """What the code said; `None` where the entry is damaged."""
        try:
            with collecting_rarely():
                return replace(read_back(self.text, Reading), digest=self.digest)
        except NoFormError:
            return None


class KeptReading:
    """The place of one question about code, and what was answered to it."""

    def __init__(
        self,
        folder: Path,
        *,
        code: Path,
        project_root: Path,
        layout: CodeLayout,
        settings: ReadingSettings,
    ) -> None:
        about = (
            program_mark(),
            str(Path.cwd()),
            str(code),
            str(project_root),
            repr(settings),
            repr(layout),
        )
        self._folder = folder
        self._name = f"code-{sha256(repr(about).encode()).hexdigest()[:32]}.json"

    @staticmethod
    def is_for(settings: ReadingSettings) -> bool:
        """Whether an answer is kept: what is said on the command line may be a secret."""
        return not (settings.variables or settings.variable_files or settings.accounts)

    def unchanged(self) -> UnchangedCode | None:
        """What is kept of the code, where nothing changed since it was read."""
        digest, _, content = (kept_text(self._folder, self._name) or "").partition("\n")
        if digest != sha256(content.encode()).hexdigest():
            return None
        marks, _, text = content.partition("\n")
        try:
            if any(mark(Path(path)) != seen for path, seen in json.loads(marks).items()):
                return None
        except (ValueError, TypeError, AttributeError, RecursionError, NoMarkError, OSError):
            return None
        return UnchangedCode(digest=digest, text=text)

    def keep(self, reading: Reading, marks: Mapping[Path, str | None]) -> str | None:
        """Keep an answer, if all of it can be kept, and a mark stands for all that was looked at.

        Returns the digest of what was kept.
        """
        if reading.problems or reading.intended is not None or None in marks.values():
            return None
        try:
            with collecting_rarely():
                text = written(reading)
        except NoFormError:
            return None
        seen = json.dumps({str(path): seen for path, seen in marks.items()}, separators=(",", ":"))
        content = f"{seen}\n{text}"
        digest = sha256(content.encode()).hexdigest()
        keep_text(self._folder, self._name, f"{digest}\n{content}")
        return digest
