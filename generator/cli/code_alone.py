"""`check --no-topology` of code alone, of which most runs know the answer from a run before.

What was found is kept beside what the code said, until the code, the day or this program changes. What
is accepted is looked up in every run.
"""

from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

from generator.cli.acceptances import files_with_comments, suppressor_of
from generator.cli.inputs import (
    Inputs,
    cache_folder,
    code_folder,
    processors,
    reading_settings,
)
from generator.cli.judged_reports import finished
from generator.disk.project import project_root
from generator.frozen_data import frozen
from generator.gate.outcome import Outcome, once_for_each_cause, rule_questions, waiting_together
from generator.hcl import read_code, unchanged_digest
from generator.hcl.kept_values import keep_text, kept_text
from generator.hcl.looks import program_mark
from generator.hcl.plain_forms import NoFormError, read_back, written
from generator.hcl.suppressions import read_suppressions
from generator.model.finding import Finding
from generator.model.reading import Source
from generator.report.report import Report

_Sort = TypeVar("_Sort")


@frozen
class _Checked:
    """All that is wrong with code, the rules that were asked, and the files that accept something."""

    findings: tuple[Finding, ...]
    rules: tuple[str, ...]
    accepting: tuple[Path, ...]


def report_on_code(command: str, inputs: Inputs) -> Report:
    """Read the code and judge it without a topology, unless nothing changed since that was done."""
    suppressor, mistakes = suppressor_of(inputs, "check")
    if mistakes:
        return Report.mistakes(command, mistakes)
    folder = code_folder(inputs.code, None)
    project = project_root(folder, inputs.root)
    checked = _checked(folder, project, suppressor.begin_of_today)
    suppressor.add(*read_suppressions(checked.accepting, project_root=project))
    outcome = Outcome(
        findings=waiting_together(
            once_for_each_cause(suppressor.keep(checked.findings), checked.rules)
        ),
        questions=tuple(rule_questions(Source.CODE, checked.rules, checked.findings)),
    )
    return finished(
        command, inputs, outcome, suppressor, judged_code=True, among=frozenset(checked.rules)
    )


def _checked(folder: Path, project: Path, now: datetime | None) -> _Checked:
    cache, settings = cache_folder(), reading_settings()

    def digest_now() -> str | None:
        return unchanged_digest(
            folder, project_root=project, topology=None, cache_folder=cache, settings=settings
        )

    before = digest_now()
    if cache is not None and before is not None:
        kept = _kept(cache, _name(before, now))
        if kept is not None:
            return kept
    from generator.gate.check import findings_without_topology
    from generator.gate.code_results import RULES

    reading = read_code(
        folder,
        project_root=project,
        topology=None,
        cache_folder=cache,
        settings=settings,
        workers=processors(),
    )
    found, wrong = read_suppressions(files_with_comments(reading, folder), project_root=project)
    checked = _Checked(
        findings=findings_without_topology(reading, now=now),
        rules=RULES,
        accepting=tuple(
            sorted({one.place.file for one in found} | {one.place.file for one in wrong})
        ),
    )
    # The comments were read after the code, which may be another by now.
    if cache is not None and reading.digest is not None and digest_now() == reading.digest:
        _keep(cache, _name(reading.digest, now), checked)
    return checked


def _name(digest: str, now: datetime | None) -> str:
    about = (program_mark(), digest, now)
    return f"checked-{sha256(repr(about).encode()).hexdigest()[:32]}.json"


def _kept(cache: Path, name: str) -> _Checked | None:
    digest, _, text = (kept_text(cache, name) or "").partition("\n")
    if digest != sha256(text.encode()).hexdigest():
        return None
    try:
        findings, rules, accepting = read_back(text, tuple)
        return _Checked(
            findings=_all(findings, Finding),
            rules=_all(rules, str),
            accepting=_all(accepting, Path),
        )
    except ValueError:
        return None


def _all(items: Iterable[object], sort: type[_Sort]) -> tuple[_Sort, ...]:
    found = tuple(item for item in items if isinstance(item, sort))
    if len(found) != len(tuple(items)):
        raise NoFormError(f"not all of it is {sort.__name__}")
    return found


def _keep(cache: Path, name: str, checked: _Checked) -> None:
    try:
        text = written((checked.findings, checked.rules, checked.accepting))
    except NoFormError:
        return
    keep_text(cache, name, f"{sha256(text.encode()).hexdigest()}\n{text}")
