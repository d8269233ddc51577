"""The last step of a walk: whether a private ECR registry upstream lets the cache in, and has the image."""

from generator.doctor.cases import Cause
from generator.doctor.evidence import Evidence, Step, open_step, words_of
from generator.doctor.roles import may_assume, role_rights
from generator.doctor.upstreams import not_upstream
from generator.grants.replay import Side
from generator.model.levels import DOWNSTREAM_ACTIONS, PULL_THROUGH_SERVICE, UPSTREAM_ACTIONS
from generator.model.probes import Presence
from generator.model.snapshot import Fact, text_of
from generator.model.topology import Cache
from generator.model.upstreams import Authentication
from generator.model.values import AccountId, Region, repository_arn


def upstream(evidence: Evidence) -> Step | None:
    """Whether the upstream has the image, and gives it, as far as that can be asked."""
    if evidence.is_cached:
        return None
    cache = evidence.cache
    if cache.upstream.registry.authentication is not Authentication.IAM:
        return Step(
            name="upstream",
            words=f"not known: whether `{cache.upstream_host}` has the image",
            causes=tuple(not_upstream(evidence.case)),
        )
    account, region, repository = _place(evidence, cache)
    causes: list[Cause] = []
    role = "" if evidence.rule is None else text_of(evidence.rule, "customRoleArn")
    if role:
        causes += may_assume(evidence, role, PULL_THROUGH_SERVICE)
        there = repository_arn(region, account, repository)
        is_read, _ = evidence.fact(account, region, Fact.RULES)
        side = Side.BOTH if is_read else Side.IDENTITY
        causes += role_rights(
            evidence, role, [(action, there) for action in UPSTREAM_ACTIONS], side=side
        )
        causes += role_rights(
            evidence,
            role,
            [(action, evidence.arn) for action in DOWNSTREAM_ACTIONS],
            side=Side.IDENTITY,
        )
        if not is_read:
            causes.extend(
                open_step(
                    "upstream-policy",
                    f"what the registry policy of {account} in {region} gives to `{role}`",
                    "That account was not read.",
                ).causes
            )
    proved = [cause for cause in causes if cause.is_proved]
    if proved:
        return Step(name="upstream", words=proved[0].title, causes=tuple(proved[:1]))
    image = _image(evidence, account, region, repository)
    causes += image.causes
    if image.is_proved:
        return image
    words = image.words if not causes else f"in doubt; {image.words}"
    return Step(name="upstream", words=words, causes=tuple(causes))


def _place(evidence: Evidence, cache: Cache) -> tuple[AccountId, Region, str]:
    """The account, region and repository upstream."""
    name = cache.upstream_account or cache.account
    account = evidence.case.topology.account_id(name)
    prefix = "" if cache.upstream_prefix.is_root else f"{cache.upstream_prefix}/"
    return account, cache.upstream_region or cache.region, f"{prefix}{evidence.case.below_prefix}"


def _image(evidence: Evidence, account: AccountId, region: Region, repository: str) -> Step:
    name = f"`{repository}` of account {account} in {region}"
    if evidence.probes is None:
        return open_step(
            "upstream-image",
            f"whether {name} has `{evidence.reference}`",
            "This asks:\n"
            f"  aws ecr describe-images --registry-id {account} --region {region} --repository-name "
            f"{repository}",
        )
    answer = evidence.probes.image(account, region, repository, evidence.reference)
    match answer.presence:
        case None:
            return open_step(
                "upstream-image",
                f"whether {name} has `{evidence.reference}` ({words_of(answer.not_read)})",
                "Ask whoever owns that registry.",
            )
        case Presence.IMAGE:
            return Step(name="upstream", words=f"{name} has `{evidence.reference}`")
        case Presence.REPOSITORY | Presence.NOTHING:
            missing = (
                f"`{evidence.reference}`"
                if answer.presence is Presence.REPOSITORY
                else "no such name"
            )
            cause = Cause(
                name="pull-not-upstream",
                title="The upstream registry does not have the image",
                message=f"There is {'no ' if missing.startswith('`') else ''}{missing} in {name}.",
                is_proved=True,
                span=evidence.cache.span,
            )
            return Step(name="upstream", words="it does not have the image", causes=(cause,))
