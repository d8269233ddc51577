"""Which creation templates and repositories of the code are filled by a cache."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from generator.grants.code_policies import CodePolicies
    from generator.model.estate import Record


def is_filled_by_a_cache(code: "CodePolicies", record: "Record") -> bool:
    """Whether a template applies to caches, or a repository lies below a cache's prefix for sure."""
    from generator.model.estate import Kind, Known
    from generator.model.values import ROOT

    if record.kind is Kind.CREATION_TEMPLATE:
        applied = record.get("applied_for")
        return (
            isinstance(applied, Known)
            and isinstance(applied.value, tuple)
            and "PULL_THROUGH_CACHE" in applied.value
        )
    return any(
        isinstance(rule.key, str)
        and isinstance(record.key, str)
        and (rule.account, rule.region) == (record.account, record.region)
        and rule.key != ROOT
        and record.key.startswith(f"{rule.key}/")
        for rule in code.caches_of(record.root)
    )
