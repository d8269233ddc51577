"""`forebay completion`: what a shell needs to complete forebay's words, and those words."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

from generator.cli.choices import OneOf
from generator.cli.invocation import DEFAULT_TOPOLOGY

if TYPE_CHECKING:
    from generator.model.topology import Topology

VARIABLE = "_FOREBAY_COMPLETE"
"""The environment variable by which a shell asks for words."""


@click.command()
@click.argument("shell", type=OneOf(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the script that makes a shell complete commands, options and names of the topology.

    \b
    bash: eval "$(forebay completion bash)" in ~/.bashrc
    zsh:  eval "$(forebay completion zsh)" in ~/.zshrc, after compinit
    fish: forebay completion fish > ~/.config/fish/completions/forebay.fish
    """
    from click.shell_completion import get_completion_class

    from generator.cli.delivery import write_out

    found = get_completion_class(shell)
    assert found is not None  # noqa: S101 - click has these three
    script = found(context.find_root().command, {}, "forebay", VARIABLE)
    # Not `source()`: it starts the shell, which need not be on this machine, to ask its version.
    write_out(script.source_template.strip() % script.source_vars() + "\n")


def complete_account(
    context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """The names of the topology's accounts."""
    topology = _topology(context)
    return [] if topology is None else _beginning_with(incomplete, topology.accounts)


def complete_registry(
    context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """The topology's registries that cache something, as `ACCOUNT/REGION`."""
    topology = _topology(context)
    caches = () if topology is None else topology.caches
    return _beginning_with(incomplete, {f"{cache.account}/{cache.region}" for cache in caches})


def complete_puller(
    context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """The consumers of the topology and its accounts."""
    topology = _topology(context)
    if topology is None:
        return []
    from generator.grants.pullers import consumer_names

    return _beginning_with(incomplete, {*consumer_names(topology), *topology.accounts})


def complete_verb(
    _context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """What can be asked about a consumer and an image."""
    return _beginning_with(incomplete, ["pull"])


def complete_rule(
    _context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """The names of rules, each after what is already listed before the last comma."""
    from generator.rules.manuals import rule_names

    before, comma, _ = incomplete.rpartition(",")
    return _beginning_with(incomplete, {f"{before}{comma}{name}" for name in rule_names()})


def complete_one_rule(
    _context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """The names of rules."""
    from generator.rules.manuals import rule_names

    return _beginning_with(incomplete, rule_names())


def complete_example(
    _context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """The names of the examples that `init` writes."""
    from generator.data.resources import example_names

    return _beginning_with(incomplete, example_names())


def complete_word(
    _context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """The words that `explain` knows."""
    from generator.cli.words import words

    return _beginning_with(incomplete, words())


def _beginning_with(incomplete: str, words: Iterable[str]) -> list[CompletionItem]:
    return [CompletionItem(word) for word in sorted(words) if word.startswith(incomplete)]


def _topology(context: click.Context) -> "Topology | None":
    """The topology of the command line so far; none while it cannot be read."""
    from generator.model.errors import ToolError
    from generator.topology import read_topology

    path = context.params.get("topology")
    try:
        return read_topology(path if isinstance(path, Path) else DEFAULT_TOPOLOGY).topology
    except ToolError:
        return None
