"""Counts what the judgements of a run prove: grants on both of their sides, and registries."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from generator.estate.unread_modules import unread_accounts
from generator.grants.declared_access import pull_access
from generator.grants.judged_policy import JudgedPolicy
from generator.grants.namesakes import namesake_of
from generator.iam import Access, PolicyKind, Question
from generator.model.estate import Kind
from generator.model.proof import Proof
from generator.model.reading import Reading
from generator.model.topology import Topology

if TYPE_CHECKING:
    from generator.model.values import AccountId, Region


def proof_of(topology: Topology, reading: Reading, policies: Iterable[JudgedPolicy]) -> Proof:
    """What the judged policies of a reading prove of the topology's grants and registries."""
    judged = tuple(policies)
    lacking: set[Access | None] = set()
    # Grants are large: each is known by which one it is.
    doubtful: set[int] = set()
    held: set[int] = set()
    registries: dict[tuple[AccountId, Region], bool] = {}
    exact: dict[tuple[AccountId, Region], bool] = {}
    wanted = {
        (topology.accounts[grant.cache.account].id, grant.cache.region)
        for grant in topology.grants
        if grant.crosses_accounts
    }
    for policy in judged:
        lacking.update(under.access for under in policy.judgement.under)
        is_open = policy.judgement.omitted > 0 or any(
            one.question is not Question.OVER_GRANT for one in policy.judgement.undecided
        )
        about = policy.about
        if policy.kind is PolicyKind.IDENTITY and policy.grants:
            lacks_token = any(under.access is None for under in policy.judgement.under)
            if is_open or lacks_token:
                doubtful.update(map(id, policy.grants))
            if policy.records:
                held.update(map(id, policy.grants))
        elif about is not None and about.kind is Kind.REGISTRY_POLICY and about.region is not None:
            key = (about.account, about.region)
            if policy.wanted:
                wanted.add(key)
            gives = bool(policy.records) and not is_open
            registries[key] = registries.get(key, True) and gives
            is_exact = not (policy.judgement.over or policy.judgement.under)
            exact[key] = exact.get(key, True) and is_exact and not policy.judgement.undecided
    unread = unread_accounts(
        reading.estate, [module for module in reading.unread_modules if not module.address]
    ).anything
    both = one = 0
    namesakes: dict[tuple[str, str | None], bool] = {}
    for grant in topology.grants:
        registry = topology.accounts[grant.cache.account].id
        consumer = topology.consumer_account_id(grant)
        if lacking.intersection(pull_access(topology, grant)) or id(grant) in doubtful:
            continue
        if unread is None or registry in unread or consumer in unread:
            continue
        who = (grant.scope, grant.consumer.role)
        if who not in namesakes:
            namesakes[who] = namesake_of(topology, reading.estate, grant) is not None
        if grant.crosses_accounts and namesakes[who]:
            continue
        is_held = id(grant) in held
        if not grant.crosses_accounts:
            # The registry of the own account need not let anybody in.
            both += is_held
            continue
        lets_in = registries.get((registry, grant.cache.region), False)
        both += lets_in and is_held
        one += lets_in is not is_held
    return Proof(
        grants=len(topology.grants),
        on_both_sides=both,
        on_one_side=one,
        registries=len(wanted),
        exact_registries=sum(
            registries.get(key, False)
            and exact[key]
            and unread is not None
            and key[0] not in unread
            for key in wanted
        ),
    )
