"""The rules about what the topology leaves to others, listed by hand; `check` runs them."""

from generator.rules.rule import OutsideRule
from generator.rules.topology.account_not_managed import ACCOUNT_NOT_MANAGED
from generator.rules.topology.identity_elsewhere import IDENTITY_ELSEWHERE
from generator.rules.topology.permissions_boundary_elsewhere import (
    PERMISSIONS_BOUNDARY_ELSEWHERE,
)
from generator.rules.topology.registry_policy_elsewhere import REGISTRY_POLICY_ELSEWHERE
from generator.rules.topology.role_path import ROLE_PATH
from generator.rules.topology.scope_assumed import SCOPE_ASSUMED
from generator.rules.topology.service_role_elsewhere import SERVICE_ROLE_ELSEWHERE

OUTSIDE_RULES: tuple[OutsideRule, ...] = (
    ACCOUNT_NOT_MANAGED,
    IDENTITY_ELSEWHERE,
    PERMISSIONS_BOUNDARY_ELSEWHERE,
    REGISTRY_POLICY_ELSEWHERE,
    ROLE_PATH,
    SCOPE_ASSUMED,
    SERVICE_ROLE_ELSEWHERE,
)
"""Run by `check`: what the topology puts outside of the proof, or the proof takes as given."""
