"""What a command has to say, in the formats that people and machines read."""

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from generator.report.report import Report


class Format(StrEnum):
    """The formats of `--format` and `--report`."""

    HUMAN = "human"
    JSON = "json"
    SARIF = "sarif"
    GITHUB = "github"
    MARKDOWN = "markdown"
    JUNIT = "junit"
    GITLAB = "gitlab"
    HTML = "html"
    MERMAID = "mermaid"
    DOT = "dot"


PICTURES = frozenset({Format.MERMAID, Format.DOT})
"""The formats that show a topology, and no results."""

DRAWN = PICTURES | {Format.HTML}
"""The formats that draw the topology itself, and need no rows of text."""

OF_RESULTS = tuple(format_ for format_ in Format if format_ not in PICTURES)
"""The formats that show results."""


def render(report: "Report", format_: Format, *, colour: bool = False, width: int = 100) -> str:
    """The report as text; colour and width (characters) matter only to the human format."""
    # Each format is imported when it is asked for: together they cost a fifth of the start-up.
    match format_:
        case Format.HUMAN:
            from generator.report.human import human

            return human(report, colour=colour, width=width)
        case Format.JSON:
            from generator.report.json import json_document

            return json_document(report)
        case Format.SARIF:
            from generator.report.sarif import sarif

            return sarif(report)
        case Format.GITHUB:
            from generator.report.github import github

            return github(report)
        case Format.MARKDOWN:
            from generator.report.markdown import markdown

            return markdown(report)
        case Format.JUNIT:
            from generator.report.junit import junit

            return junit(report)
        case Format.GITLAB:
            from generator.report.gitlab import gitlab

            return gitlab(report)
        case Format.HTML:
            from generator.report.html import html

            return html(report)
        case Format.MERMAID:
            from generator.report.pictures import mermaid_picture

            return mermaid_picture(report)
        case Format.DOT:
            from generator.report.pictures import dot_picture

            return dot_picture(report)
