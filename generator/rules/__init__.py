"""All rules, listed by hand: a rule that is not here does not exist."""

from generator.rules.grant.attachment_not_seen import ATTACHMENT_NOT_SEEN
from generator.rules.grant.grant_any_principal import GRANT_ANY_PRINCIPAL
from generator.rules.grant.grant_missing import GRANT_MISSING
from generator.rules.grant.grant_outside_topology import GRANT_OUTSIDE_TOPOLOGY
from generator.rules.grant.grant_undecided import GRANT_UNDECIDED
from generator.rules.grant.grant_undeclared import GRANT_UNDECLARED
from generator.rules.grant.identity_undeclared import IDENTITY_UNDECLARED
from generator.rules.grant.policy_refused import POLICY_REFUSED
from generator.rules.grant.trust_wrong_principal import TRUST_WRONG_PRINCIPAL
from generator.rules.rule import DatedRule, GrantRule, Rule, TopologyRule
from generator.rules.topology.credential_expires import CREDENTIAL_EXPIRES
from generator.rules.topology.identity_elsewhere import IDENTITY_ELSEWHERE
from generator.rules.topology.kept_statement_widened import KEPT_STATEMENT_WIDENED
from generator.rules.topology.policy_too_large import POLICY_TOO_LARGE
from generator.rules.topology.registry_policy_elsewhere import REGISTRY_POLICY_ELSEWHERE
from generator.rules.topology.statement_id_twice import STATEMENT_ID_TWICE

TOPOLOGY_RULES: tuple[TopologyRule, ...] = (
    KEPT_STATEMENT_WIDENED,
    POLICY_TOO_LARGE,
    STATEMENT_ID_TWICE,
)
"""Run by `validate`; a mistake here stops every other command."""

DATED_RULES: tuple[DatedRule, ...] = (CREDENTIAL_EXPIRES,)
"""Run by `validate`, with the day of the run."""

OUTSIDE_RULES: tuple[TopologyRule, ...] = (IDENTITY_ELSEWHERE, REGISTRY_POLICY_ELSEWHERE)
"""Run by `check`: what the topology itself puts outside of the proof."""

GRANT_RULES: tuple[GrantRule, ...] = (
    ATTACHMENT_NOT_SEEN,
    GRANT_ANY_PRINCIPAL,
    GRANT_MISSING,
    GRANT_OUTSIDE_TOPOLOGY,
    GRANT_UNDECIDED,
    GRANT_UNDECLARED,
    IDENTITY_UNDECLARED,
    POLICY_REFUSED,
    TRUST_WRONG_PRINCIPAL,
)
"""Run by `check` on every policy that was judged."""

__all__ = [
    "DATED_RULES",
    "GRANT_RULES",
    "OUTSIDE_RULES",
    "TOPOLOGY_RULES",
    "DatedRule",
    "GrantRule",
    "Rule",
    "TopologyRule",
]
