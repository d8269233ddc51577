"""The names of all rules, for options that take one."""

from generator.rules import GRANT_RULES, OUTSIDE_RULES, TOPOLOGY_RULES
from generator.topology.mistakes import mistake_rules

_OTHER_RULES = (
    "different",
    "missing",
    "outside-topology",
    "two-owners",
    "unexpected",
    "unread-module",
    "unreadable-file",
)
"""What drift and the readers report without a rule of their own."""


def rule_names() -> frozenset[str]:
    """Every name that a result of `validate`, `drift` or `check` can have as its rule."""
    listed = (*TOPOLOGY_RULES, *OUTSIDE_RULES, *GRANT_RULES)
    return frozenset(
        (
            *_OTHER_RULES,
            *(rule.name for rule in mistake_rules()),
            *(entry.rule.name for entry in listed),
        )
    )
