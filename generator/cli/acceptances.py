"""What a run accepts: the ignore file, the comments of the code, the baseline."""

from pathlib import Path
from typing import TYPE_CHECKING

from generator.cli.baselines import read_entries
from generator.cli.inputs import Inputs, code_folder
from generator.model.errors import ToolError
from generator.model.finding import Finding
from generator.model.reading import Reading
from generator.model.suppression import Suppression

if TYPE_CHECKING:
    from generator.gate.suppressions import Suppressor

IGNORE_FILE = "forebay-ignore.yaml"
"""The file with accepted results, beside the topology."""


def suppressor_of(inputs: Inputs, command: str) -> "tuple[Suppressor, tuple[Finding, ...]]":
    """What takes accepted results out, with the ignore file read, and the mistakes in that file."""
    from datetime import UTC, datetime

    from generator.gate.suppressions import Suppressor

    accepted, mistakes = suppression_file(inputs)
    today = datetime.now(tz=UTC).date()
    baseline = None
    if inputs.baseline is not None:
        from generator.gate.baseline import Baseline

        entries = read_entries(inputs.baseline)
        baseline = Baseline(file=inputs.baseline, entries=entries, command=command)
    return Suppressor(suppressions=accepted, today=today, baseline=baseline), mistakes


def know_rules(suppressor: "Suppressor") -> None:
    """Tell which rules there are, and which commands report them, once something is accepted."""
    if suppressor.suppressions:
        from generator.rules.manuals import entries

        suppressor.commands = {entry.name: entry.commands for entry in entries()}


def suppression_file(inputs: Inputs) -> tuple[tuple[Suppression, ...], tuple[Finding, ...]]:
    """What the ignore file accepts, and what is wrong with it; there need not be one."""
    file = inputs.ignore_file
    if file is None:
        folder = Path() if inputs.topology is None else inputs.topology.parent
        file = folder / IGNORE_FILE
        if not file.exists():
            return (), ()
    elif not file.exists():
        raise ToolError("there is no ignore file", f"There is no file `{file}`.")
    from generator.topology.suppression_file import read_suppression_file

    return read_suppression_file(file)


def take_comments(suppressor: "Suppressor", reading: Reading, inputs: Inputs) -> None:
    """Hand over the comments of all code that was read, wherever it lies in the project."""
    from generator.disk.project import project_root
    from generator.hcl.suppressions import read_suppressions

    folder = code_folder(inputs.code, inputs.topology)
    files = files_with_comments(reading, folder)
    found, wrong = read_suppressions(files, project_root=project_root(folder, inputs.root))
    suppressor.add(found, wrong)


def files_with_comments(reading: Reading, folder: Path) -> set[Path]:
    """The files in which comments can accept results of a reading of the folder."""
    from generator.hcl.suppressions import files_below

    estate, untouched = reading.estate, reading.untouched
    files = set(files_below(folder, untouched=untouched))
    if any(folder / root.name not in untouched for root in estate.roots):
        files |= {place.span.file for place in estate.places}
        files |= {record.span.file for record in estate.records if record.span is not None}
        files |= {span.file for span in reading.statement_spans.values()}
        # Nor do records of roots that nobody touched lead to such a comment.
        files = {file for file in files if file.parent not in untouched}
    return files
