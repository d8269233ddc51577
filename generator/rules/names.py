"""The names of all rules, for options that take one."""


def rule_names() -> frozenset[str]:
    """Every name that a result of `validate`, `drift` or `check` can have as its rule."""
    from generator.rules.manuals import entries

    return frozenset(entry.name for entry in entries())
