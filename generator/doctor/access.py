"""Causes that lie in who may do what."""

import shlex
from collections.abc import Iterator

from generator.doctor.cases import Case, Cause
from generator.estate.spellings import matches_role
from generator.model.levels import Level
from generator.model.topology import Grant
from generator.model.values import repository_arn


def _grants(case: Case) -> list[Grant]:
    """The grants on the cache; of the caller alone, where the text says who that is."""
    denial = case.failure.denial
    return grants_of(case, None if denial is None else denial.principal)


def grants_of(case: Case, principal: str | None) -> list[Grant]:
    """The grants on the cache; those that may be a caller's, where it is known who that is."""
    grants = [grant for grant in case.topology.grants if grant.cache == case.cache]
    if principal is None:
        return grants
    return [grant for grant in grants if _may_be(case, grant, principal)]


def _may_be(case: Case, grant: Grant, principal: str) -> bool:
    """Whether a grant may be about a caller; a session's ARN does not show the role's path."""
    parts = principal.split(":", 5)
    if len(parts) < 6:
        return False
    account = case.topology.consumer_account_id(grant)
    if account is not None and account != parts[4]:
        return False
    patterns = grant.consumer.role_patterns
    if not patterns:
        return True
    kind, _, name = parts[5].partition("/")
    if kind == "assumed-role":
        role = name.split("/")[0]
        return any(matches_role(pattern.split("/")[-1], role) for pattern in patterns)
    return kind == "role" and any(matches_role(pattern, name) for pattern in patterns)


def _missing_right(case: Case, action: str, needed: Level, what: str) -> Iterator[Cause]:
    """The puller lacks an action that only some levels give."""
    cache = case.cache
    if cache is None:
        return
    grants = _grants(case)
    enough = [grant for grant in grants if action in grant.level.actions]
    arn = repository_arn(
        cache.region, case.topology.account_id(cache.account), case.failure.image.repository or "*"
    )
    if not enough:
        given = (
            ", ".join(dict.fromkeys(f"`{grant.level}` to {grant.consumer.who}" for grant in grants))
            or "nothing to anybody who may be the caller"
        )
        yield Cause(
            name=f"pull-needs-{needed}",
            title=f"No grant of the topology allows the consumer to {what}",
            message=f"That takes `{action}`, which the level `{needed}` gives. On the cache "
            f"`{cache.prefix}` the topology gives {given}. Raise the grant to `allow: {needed}`, generate "
            "and apply, or let a consumer that has the level pull it first.",
            span=grants[0].span if grants else cache.span,
        )
        return
    levels = ", ".join(dict.fromkeys(f"{grant.consumer.who}" for grant in enough))
    yield Cause(
        name=f"pull-needs-{needed}",
        title=f"Whoever pulls may not be allowed to {what}",
        message=f"That takes `{action}`. The topology gives it to {levels}: check that the role of the "
        "node or task is one of them and that its policy is attached. Nodes with "
        "AmazonEC2ContainerRegistryReadOnly alone lack it. Ask with the role's own ARN:\n"
        f"  forebay replay --as ROLE_ARN --action {action} --resource {arn}",
        span=enough[0].span,
    )


def create(case: Case) -> Iterator[Cause]:
    """The puller may not create the repository."""
    yield from _missing_right(
        case, "ecr:CreateRepository", Level.FIRST_PULL, "create the repository"
    )


def import_image(case: Case) -> Iterator[Cause]:
    """The puller may not import a new image or tag."""
    yield from _missing_right(
        case, "ecr:BatchImportUpstreamImage", Level.PULL, "import a new image or tag"
    )


def scope(case: Case) -> Iterator[Cause]:
    """The registry policy has scope V1."""
    cache = case.cache
    if cache is None or not any(grant.crosses_accounts for grant in _grants(case)):
        return
    yield Cause(
        name="pull-scope-v1",
        title="The registry policy may not count for pulls",
        message="With scope V1 a registry policy gives no pull access to other accounts. This must print V2:\n"
        f"  aws ecr get-account-setting --region {cache.region} --name REGISTRY_POLICY_SCOPE",
        span=cache.span,
    )


def denied(case: Case) -> Iterator[Cause]:
    """The text itself says which request was denied, and by which layer."""
    denial = case.failure.denial
    if denial is None:
        return
    layer = denial.layer or ""
    command = (
        f"\n  forebay replay --as {shlex.quote(denial.principal)} --action {denial.action}"
        f"{f' --resource {shlex.quote(denial.resource)}' if denial.resource else ''}"
    )
    if denial.is_explicit:
        outside = any(
            word in layer for word in ("service control", "resource control", "endpoint", "session")
        )
        where = (
            "It is not in the account's own policies: ask whoever manages it."
            if outside
            else "Find the statement and narrow it; a Deny wins over every Allow."
        )
        yield Cause(
            name="pull-explicit-deny",
            title=f"A Deny in {_article(layer or 'policy')} stops `{denial.action}`",
            message=f"The caller is `{denial.principal}`. {where} Replay the request:{command}",
            is_proved=True,
        )
        return
    lacks = {
        "identity": "The caller's own policies do not allow it: attach the consumer's policy that forebay writes.",
        "resource": "Neither the registry policy nor the repository's policy allows it: the registry policy is not "
        "applied, has scope V1, or does not name this caller.",
    }
    sentence = next((text for word, text in lacks.items() if word in layer), "No policy allows it.")
    grants = _grants(case)
    enough = [grant for grant in grants if denial.action in grant.level.actions]
    about = ""
    if (
        case.cache is not None
        and denial.action.startswith("ecr:")
        and denial.action != "ecr:GetAuthorizationToken"
    ):
        about = (
            f" The topology gives it to {enough[0].consumer.who}, so the code is not applied or differs."
            if enough
            else " The topology does not give it to this caller either: add or raise a grant."
        )
    yield Cause(
        name="pull-not-allowed",
        title=f"Nothing allows `{denial.action}`",
        message=f"The caller is `{denial.principal}`. {sentence}{about} Replay the request:{command}",
        is_proved=True,
        span=grants[0].span if grants else None,
    )


def _article(word: str) -> str:
    return f"{'an' if word[:1] in 'aeio' else 'a'} {word}"
