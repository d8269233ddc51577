"""The grant engine: do policies allow exactly what is intended, and do two mean the same?

Exact over its universe, offline, with a concrete request for every wrong grant.
"""

from generator.iam.access import (
    Access,
    Judgement,
    Organization,
    OverGrant,
    PrincipalKind,
    Question,
    RepositoryScope,
    Request,
    Undecided,
    UnderGrant,
)
from generator.iam.actions import ActionKind
from generator.iam.document import (
    Effect,
    Patterns,
    Policy,
    PolicyKind,
    Problem,
    ProblemKind,
    Statement,
    Text,
    misfits,
)
from generator.iam.evaluate import Decision, ElementTest, Sides, Step, decide, intends
from generator.iam.judge import (
    judge_identity_policies,
    judge_resource_policy,
    judge_trust_policy,
)
from generator.iam.meaning import (
    MeaningDifference,
    StatementDifference,
    same_meaning,
    statement_difference,
)
from generator.iam.parse import parse_policy, parse_policy_of_aws
from generator.iam.prohibitions import given_by_identity_policies, given_by_resource_policy
from generator.iam.proofs import Proofs
from generator.iam.reach import JudgedScopes

__all__ = [
    "Access",
    "ActionKind",
    "Decision",
    "Effect",
    "ElementTest",
    "JudgedScopes",
    "Judgement",
    "MeaningDifference",
    "Organization",
    "OverGrant",
    "Patterns",
    "Policy",
    "PolicyKind",
    "PrincipalKind",
    "Problem",
    "ProblemKind",
    "Proofs",
    "Question",
    "RepositoryScope",
    "Request",
    "Sides",
    "Statement",
    "StatementDifference",
    "Step",
    "Text",
    "Undecided",
    "UnderGrant",
    "decide",
    "given_by_identity_policies",
    "given_by_resource_policy",
    "intends",
    "judge_identity_policies",
    "judge_resource_policy",
    "judge_trust_policy",
    "misfits",
    "parse_policy",
    "parse_policy_of_aws",
    "same_meaning",
    "statement_difference",
]
