"""Small means for the tests of reading HCL."""

from collections.abc import Mapping
from pathlib import Path

from generator.gate.check import check_findings_without_topology
from generator.hcl.budget import Budget
from generator.hcl.module import Module
from generator.hcl.parser import parse_body
from generator.hcl.project import Project
from generator.hcl.providers import RootPlace
from generator.hcl.settings import ReadingSettings
from generator.hcl.source import SourceText
from generator.hcl.syntax import Body, Expression, SyntaxMistake
from generator.model.estate import Unknown
from generator.model.finding import Severity
from generator.model.reading import Reading

Files = Mapping[str, str | bytes]
NO_ACCOUNT = Unknown(reason="no account in this test", reference="account")


def root_module(folder: Path, settings: ReadingSettings | None = None) -> Module:
    """The root module of a folder that is a project of its own."""
    project = Project(folder, settings=settings)
    source = project.source(folder)
    assert source is not None
    return Module(project, source, budget=Budget(), place=RootPlace(account=NO_ACCOUNT))


def parsed(text: str) -> Body:
    """The syntax tree of a text that is right."""
    body = parse_body(SourceText(Path("main.tf"), text))
    assert isinstance(body, Body), body
    return body


def mistake(text: str) -> SyntaxMistake:
    """The mistake in a text that is wrong."""
    found = parse_body(SourceText(Path("main.tf"), text))
    assert isinstance(found, SyntaxMistake), found
    return found


def expression(text: str) -> Expression:
    """The syntax tree of one expression."""
    return parsed(f"it = {text}\n").attributes["it"].expression


def results(reading: Reading) -> set[tuple[str, str]]:
    """Kind and rule of each result of `check --no-topology`, without notes."""
    found = check_findings_without_topology(reading)
    return {(each.kind.value, each.rule) for each in found if each.severity is not Severity.INFO}
