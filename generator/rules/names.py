"""The names of all rules, for options that take one."""

from generator.rules import CODE_RULES, DATED_RULES, GRANT_RULES, OUTSIDE_RULES, TOPOLOGY_RULES
from generator.topology.mistakes import mistake_rules

_OTHER_RULES = (
    "different",
    "missing",
    "no-code",
    "not-compared",
    "nothing-compared",
    "outside-topology",
    "plan-replaces",
    "two-owners",
    "unexpected",
    "unread-module",
    "unreadable-file",
)
"""What drift and the readers report without a rule of their own."""


def rule_names() -> frozenset[str]:
    """Every name that a result of `validate`, `drift` or `check` can have as its rule."""
    rules = (
        *(entry.rule.name for entry in (*TOPOLOGY_RULES, *OUTSIDE_RULES)),
        *(entry.rule.name for entry in DATED_RULES),
        *(entry.rule.name for entry in GRANT_RULES),
        *(entry.rule.name for entry in CODE_RULES),
        *(rule.name for rule in mistake_rules()),
    )
    return frozenset((*rules, *_OTHER_RULES))
