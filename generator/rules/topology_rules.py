"""The rules about the topology itself, listed by hand; `validate` runs them."""

from generator.rules.rule import DatedRule, TopologyRule
from generator.rules.topology.credential_expires import CREDENTIAL_EXPIRES
from generator.rules.topology.expectation_not_known import EXPECTATION_NOT_KNOWN
from generator.rules.topology.grant_names_no_image import GRANT_NAMES_NO_IMAGE
from generator.rules.topology.kept_statement_widened import KEPT_STATEMENT_WIDENED
from generator.rules.topology.policy_too_large import POLICY_TOO_LARGE
from generator.rules.topology.statement_id_twice import STATEMENT_ID_TWICE

TOPOLOGY_RULES: tuple[TopologyRule, ...] = (
    EXPECTATION_NOT_KNOWN,
    GRANT_NAMES_NO_IMAGE,
    KEPT_STATEMENT_WIDENED,
    POLICY_TOO_LARGE,
    STATEMENT_ID_TWICE,
)
"""Run by `validate`; a mistake here stops every other command."""

DATED_RULES: tuple[DatedRule, ...] = (CREDENTIAL_EXPIRES,)
"""Run by `validate`, with the day of the run."""
