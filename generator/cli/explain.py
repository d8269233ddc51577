"""`forebay explain`: the page of a word: rule, key, level, upstream, exit code."""

from typing import TYPE_CHECKING

import click

from generator.cli.completion import complete_word
from generator.cli.options import report_options
from generator.cli.words import pages_of, words
from generator.model.quotes import did_you_mean, nearest, quoted
from generator.report import Format
from generator.report.report import Report
from generator.topology.key_table import key_names

if TYPE_CHECKING:
    from generator.cli.words import Page


@click.command()
@click.argument("word", shell_complete=complete_word)
@report_options("pages", formats=(Format.HUMAN, Format.JSON))
def explain(word: str) -> Report:
    """Explain a word: a rule, a key of the topology, a level, an upstream or an exit code.

    \b
    forebay explain first-pull
    forebay explain registries.NAME.grants
    forebay explain docker-hub
    forebay explain 3
    """
    pages = pages_of(word)
    if not pages:
        raise click.UsageError(
            f"{quoted(word)} is no rule, key, level, upstream or exit code."
            f"{_meant(word)} `forebay rules` lists the rules."
        )
    return Report(
        command="explain",
        findings=(),
        text="\n\n".join(map(_text, pages)),
        extra={
            "pages": tuple(
                {"word": page.word, "kind": page.kind.value, "text": page.text} for page in pages
            )
        },
        text_alone=True,
    )


def _meant(word: str) -> str:
    """What a word that has no page probably means; of the place of a key, its last part is looked at."""
    head, dot, last = word.rpartition(".")
    near = nearest(last, key_names()) if dot else None
    if near is not None and pages_of(f"{head}.{near}"):
        return did_you_mean(word, [f"{head}.{near}"])
    return did_you_mean(word, words())


def _text(page: "Page") -> str:
    return f"{page.word} ({page.kind})\n\n{page.text.strip()}"
