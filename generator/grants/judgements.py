"""Judge every policy that code holds for the topology: exactly the declared access, no more, no less."""

from collections.abc import Collection, Iterator, Sequence

from generator.grants.boundaries import boundary_policies
from generator.grants.case import case_of
from generator.grants.consumers import consumer_policies
from generator.grants.judged_policy import JudgedPolicy, StatementSpan
from generator.grants.lent_roles import lent_roles
from generator.grants.organization_policies import organization_policies
from generator.grants.registries import registry_policies
from generator.grants.repositories import repository_policies, unplaced_policies
from generator.grants.roles import service_roles
from generator.model.estate import (
    Estate,
    Identity,
)
from generator.model.reading import UnreadModule
from generator.model.topology import Topology


def judge(
    topology: Topology,
    estate: Estate,
    statement_span: StatementSpan,
    *,
    unread: Sequence[UnreadModule] = (),
    unanswered: Collection[Identity] = (),
) -> Iterator[JudgedPolicy]:
    """Judge registry policies, the roles that are written, and the consumers' identity policies."""
    case = case_of(topology, estate, statement_span, unread=unread, unanswered=unanswered)
    yield from registry_policies(case)
    yield from repository_policies(case)
    yield from unplaced_policies(case)
    yield from service_roles(case)
    yield from consumer_policies(case)
    yield from lent_roles(case)
    yield from boundary_policies(case)
    yield from organization_policies(case)
