"""Everything that a result can have as its rule, with its manual, for people and for pages."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from generator.frozen_data import frozen
from generator.model.finding import Severity
from generator.rules.code_rules import CODE_RULES
from generator.rules.grant_rules import GRANT_RULES
from generator.rules.live_rules import LIVE_RULES
from generator.rules.manual import Manual, manual_of, parse_manual
from generator.rules.other_manuals import OTHER_MANUALS
from generator.rules.outside_rules import OUTSIDE_RULES
from generator.rules.topology_rules import DATED_RULES, TOPOLOGY_RULES
from generator.topology.mistakes import mistake_rules

if TYPE_CHECKING:
    from generator.rules.rule import Rule


@frozen
class Entry:
    """One rule: its name, how bad a result is, which commands report it, its manual.

    `has_page` is false for mistakes in the text of a topology, which each result explains in full.
    """

    name: str
    severity: Severity
    commands: tuple[str, ...]
    manual: Manual
    has_page: bool = True


def entries() -> tuple[Entry, ...]:
    """All of them, by name, each once."""
    return merged(_entries())


def merged(several: Iterable[Entry]) -> tuple[Entry, ...]:
    """Entries by name; those of one name as one, which has the manual with a page, if there is one."""
    found: dict[str, Entry] = {}
    for entry in several:
        other = found.get(entry.name, entry)
        commands = tuple(dict.fromkeys((*other.commands, *entry.commands)))
        kept = other if other.has_page and not entry.has_page else entry
        found[entry.name] = replace(kept, commands=commands)
    return tuple(sorted(found.values(), key=lambda entry: entry.name))


def rule_names() -> frozenset[str]:
    """Every name that a result of `validate`, `drift` or `check` can have as its rule."""
    return frozenset(entry.name for entry in entries())


def _entries() -> Iterator[Entry]:
    for name, severity, commands, text in OTHER_MANUALS:
        yield Entry(name=name, severity=severity, commands=commands, manual=parse_manual(text))
    for mistake in mistake_rules():
        text = (
            f"{mistake.title}.\n\nThe message of a result names the line, the reason and the fix. "
            "What a topology may say is in `docs/reference/topology.md` and in the schema that `forebay schema` prints."
        )
        yield Entry(
            name=mistake.name,
            severity=mistake.severity,
            commands=("validate",),
            manual=parse_manual(text),
            has_page=False,
        )
    found: list[tuple[Rule, Callable[..., object], tuple[str, ...]]] = []
    found += [(each.rule, each.check, ("validate",)) for each in TOPOLOGY_RULES]
    found += [(each.rule, each.check, ("validate",)) for each in DATED_RULES]
    found += [(each.rule, each.check, ("check",)) for each in OUTSIDE_RULES]
    found += [(each.rule, each.check, ("check",)) for each in GRANT_RULES]
    found += [(each.rule, each.check, ("check", "check --no-topology")) for each in CODE_RULES]
    found += [(each.rule, each.check, ("check --live",)) for each in LIVE_RULES]
    for rule, check, commands in found:
        yield Entry(
            name=rule.name, severity=rule.severity, commands=commands, manual=manual_of(check)
        )
