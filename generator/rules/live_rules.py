"""The rules that only a reading of AWS can decide, listed by hand; `check --live` runs them."""

from generator.rules.live.credential_old import CREDENTIAL_OLD
from generator.rules.live.repository_older_than_template import REPOSITORY_OLDER_THAN_TEMPLATE
from generator.rules.live.repository_orphaned import REPOSITORY_ORPHANED
from generator.rules.live.secret_arn_stale import SECRET_ARN_STALE
from generator.rules.live.secret_pending_deletion import SECRET_PENDING_DELETION
from generator.rules.live.secret_placeholder import SECRET_PLACEHOLDER
from generator.rules.live.secret_replica import SECRET_REPLICA
from generator.rules.live.secret_without_value import SECRET_WITHOUT_VALUE
from generator.rules.rule import LiveRule

LIVE_RULES: tuple[LiveRule, ...] = (
    CREDENTIAL_OLD,
    REPOSITORY_OLDER_THAN_TEMPLATE,
    REPOSITORY_ORPHANED,
    SECRET_ARN_STALE,
    SECRET_PENDING_DELETION,
    SECRET_PLACEHOLDER,
    SECRET_REPLICA,
    SECRET_WITHOUT_VALUE,
)
"""Run by `check` on each registry of a snapshot, with a topology and without one."""
