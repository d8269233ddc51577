"""The steps of a walk in the registry that is pulled from: rule, image, credential, creation template."""

from collections.abc import Iterator, Mapping

from generator.doctor.cases import Cause
from generator.doctor.credentials import token
from generator.doctor.evidence import Evidence, Step, open_step, words_of
from generator.doctor.roles import may_assume, role_rights
from generator.doctor.upstreams import digest_first
from generator.grants.replay import Side
from generator.grants.repositories import template_of
from generator.model.estate import Absent, Attribute, Known, Record
from generator.model.finding import Finding
from generator.model.levels import KEY_ACTIONS, TEMPLATE_SERVICE
from generator.model.probes import Presence
from generator.model.snapshot import Fact, items_of, text_of
from generator.model.upstreams import Authentication

_SECRET_RULES = {
    "secret-arn-stale": True,
    "secret-pending-deletion": True,
    "secret-without-value": True,
    "secret-placeholder": True,
    "secret-key-refused": True,
    "secret-elsewhere": True,
    "secret-denied": True,
    "credential-missing": True,
    "credential-old": False,
}
"""The rules about secrets that tell why a login fails; whether each is a proof."""

_TEMPLATE_RULES = ("template-role-missing", "template-key-refused", "template-key-denied")


def rule(evidence: Evidence) -> Step:
    """Whether the cache rule is there, and caches what the topology says."""
    cache, place = evidence.cache, f"{evidence.cache.account}/{evidence.region}"
    is_known, rules = evidence.fact(evidence.account, evidence.region, Fact.RULES)
    if not is_known:
        why = evidence.why_not(evidence.account, evidence.region, Fact.RULES)
        return open_step("rule", f"the cache rules of {place} ({why})", "Read that account again.")
    found = evidence.rule
    if found is None:
        prefixes = sorted(text_of(one, "ecrRepositoryPrefix") for one in items_of(rules))
        held = ", ".join(f"`{prefix}`" for prefix in prefixes) or "none"
        cause = Cause(
            name="pull-rule-not-applied",
            title=f"{place} has no cache rule `{cache.prefix}`",
            message=f"The topology has the cache, and AWS has only these: {held}. Apply "
            f"terraform/{cache.account}.",
            is_proved=True,
            span=cache.span,
        )
        return Step(name="rule", words=f"{place} has no rule `{cache.prefix}`", causes=(cause,))
    host = text_of(found, "upstreamRegistryUrl")
    if host != cache.upstream_host:
        cause = Cause(
            name="pull-rule-differs",
            title=f"The cache rule `{cache.prefix}` caches from another upstream",
            message=f"It caches from `{host}`, and the topology says `{cache.upstream_host}`: the image "
            "may not exist there. `forebay drift --live` names every difference.",
            span=cache.span,
        )
        return Step(name="rule", words=f"`{cache.prefix}` is there, for `{host}`", causes=(cause,))
    return Step(name="rule", words=f"`{cache.prefix}` is there, for `{host}`")


def image(evidence: Evidence) -> Step:
    """Whether the repository and the image are there already."""
    answer, name = evidence.image, f"`{evidence.repository}`"
    match answer.presence:
        case None:
            why = "" if answer.not_read is None else f" ({words_of(answer.not_read)})"
            return open_step(
                "image",
                f"whether {name} has `{evidence.reference}` already{why}",
                "So it is not known how much this pull has to do: serve an image, import one, or make "
                "the repository first. All of it was looked at. This asks:\n"
                f"  aws ecr describe-images --registry-id {evidence.account} --region "
                f"{evidence.region} --repository-name {evidence.repository}",
            )
        case Presence.IMAGE if answer.status not in {"", "ACTIVE"}:
            cause = Cause(
                name="pull-image-archived",
                title=f"The image is there, and ECR says {answer.status}",
                message="Archived images cannot be pulled until they are restored. Restore it, or delete "
                "it so that the cache imports it again.",
                is_proved=True,
            )
            return Step(name="image", words=f"it is there, {answer.status}", causes=(cause,))
        case Presence.IMAGE:
            return Step(
                name="image", words=f"{name} has `{evidence.reference}`: the pull only reads it"
            )
        case Presence.REPOSITORY | Presence.NOTHING:
            words = (
                f"{name} is there without `{evidence.reference}`: the pull imports it"
                if answer.presence is Presence.REPOSITORY
                else f"{name} is not there: it is a first pull, which makes it"
            )
            return Step(name="image", words=words, causes=tuple(digest_first(evidence.case)))


def credential(evidence: Evidence) -> Step | None:
    """Whether ECR can log in upstream."""
    rule_there = evidence.rule
    named = "" if rule_there is None else text_of(rule_there, "credentialArn")
    needs = evidence.cache.upstream.registry.authentication is Authentication.SECRET
    if evidence.is_cached or not (named or needs):
        return None
    causes = [
        _as_cause(finding, is_proved=_SECRET_RULES[finding.rule])
        for finding in evidence.findings
        if finding.rule in _SECRET_RULES and _is_about(evidence, finding, named)
    ]
    causes += [cause for cause in token(evidence.case) if cause.is_proved]
    proved = [cause for cause in causes if cause.is_proved]
    if proved:
        return Step(name="credential", words=proved[0].title, causes=tuple(proved[:1]))
    if evidence.probes is None:
        asked = open_step(
            "credential",
            "whether the upstream takes the token",
            "Nothing is wrong with the secret itself, as far as the reading shows. This logs in with "
            "what is in it:\n"
            f"  aws ecr validate-pull-through-cache-rule --registry-id {evidence.account} --region "
            f"{evidence.region} --ecr-repository-prefix {evidence.cache.prefix}",
        )
        return Step(name="credential", words=asked.words, causes=(*asked.causes, *causes))
    answer = evidence.probes.validation(
        evidence.account, evidence.region, str(evidence.cache.prefix)
    )
    if answer.is_valid is None:
        asked = open_step(
            "credential",
            f"whether the upstream takes the token ({words_of(answer.not_read)})",
            "`forebay policies live --doctor` prints the policy that lets it be asked.",
        )
        return Step(name="credential", words=asked.words, causes=(*asked.causes, *causes))
    if not answer.is_valid:
        span = evidence.cache.credential.span if evidence.cache.credential else None
        cause = Cause(
            name="pull-credential-refused",
            title="ECR cannot log in upstream with the rule's credential",
            message=f"ECR says: {answer.failure or 'nothing more'}. Put a token in that the upstream "
            "takes, as a JSON object with `username` and `accessToken`.",
            is_proved=True,
            span=span,
        )
        return Step(name="credential", words="the upstream does not take it", causes=(cause,))
    # What was in doubt is settled by a login that works.
    return Step(name="credential", words="ECR has logged in upstream with it")


def creation(evidence: Evidence) -> Step | None:
    """Whether ECR can make the repository by the template that is for it."""
    if evidence.image.presence in {Presence.IMAGE, Presence.REPOSITORY}:
        return None
    is_known, _ = evidence.fact(evidence.account, evidence.region, Fact.TEMPLATES)
    if not is_known:
        why = evidence.why_not(evidence.account, evidence.region, Fact.TEMPLATES)
        return open_step("creation", f"the creation templates ({why})", "Read that account again.")
    here = [
        record
        for record in evidence.reading.estate.of_account(evidence.account)
        if record.region == evidence.region
    ]
    template = template_of(here, evidence.repository)
    if template is None:
        return Step(name="creation", words="no template is for it: ECR makes a plain repository")
    words = f"the template `{template.key}`"
    causes = [
        _as_cause(finding, is_proved=evidence.image.presence is Presence.NOTHING)
        for finding in evidence.findings
        if finding.rule in _TEMPLATE_RULES and finding.address == template.address
    ]
    causes += _role_causes(evidence, template)
    if causes:
        proved = [cause for cause in causes if cause.is_proved]
        return Step(name="creation", words=f"{words} is in doubt", causes=tuple(proved or causes))
    return Step(name="creation", words=f"{words} can be used")


def _role_causes(evidence: Evidence, template: Record) -> list[Cause]:
    """What keeps the role of a template from making the repository."""
    role = _text(template.get("custom_role_arn"))
    if role is None:
        return []
    actions = ["ecr:CreateRepository"]
    if not isinstance(template.get("resource_tags"), Absent) and _has(template, "resource_tags"):
        actions.append("ecr:TagResource")
    requests = [(action, evidence.arn) for action in actions]
    if key := _key_of(template):
        requests += [(action, key) for action in KEY_ACTIONS]
    certain = evidence.image.presence is Presence.NOTHING
    causes = [
        *may_assume(evidence, role, TEMPLATE_SERVICE, is_proof=certain),
        *role_rights(evidence, role, requests, side=Side.IDENTITY, is_proof=certain),
    ]
    return list({cause.title: cause for cause in causes}.values())


def _key_of(template: Record) -> str | None:
    """The ARN of the customer's key that a template names, where it is one."""
    blocks = template.get("encryption_configuration")
    values = blocks.value if isinstance(blocks, Known) else ()
    for block in values if isinstance(values, tuple) else ():
        key = block.get("kms_key") if isinstance(block, Mapping) else None
        if isinstance(key, str) and ":key/" in key:
            return key
    return None


def _has(record: Record, name: str) -> bool:
    value = record.get(name)
    return not isinstance(value, Known) or bool(value.value)


def _text(attribute: Attribute) -> str | None:
    return str(attribute.value) if isinstance(attribute, Known) and attribute.value else None


def _is_about(evidence: Evidence, finding: Finding, arn: str) -> bool:
    """Whether a result is about the cache rule in question, or about its secret."""
    head = f"ecr:{evidence.region}:{evidence.account}:pull-through-cache-rule"
    rule_address = f"{head}/{evidence.cache.prefix}"
    return finding.address in {rule_address, arn} or bool(_own_secret(evidence, finding))


def _own_secret(evidence: Evidence, finding: Finding) -> Iterator[str]:
    """The topology's name of the secret, where a result is about it by its ARN."""
    named = evidence.cache.credential
    address = finding.address or ""
    here = f":{evidence.region}:{evidence.account}:secret:"
    if named is not None and here in address:
        name = address.split(here, 1)[1]
        if name.startswith(f"{named.secret}-") and len(name) == len(named.secret) + 7:
            yield name


def _as_cause(finding: Finding, *, is_proved: bool) -> Cause:
    return Cause(
        name=finding.rule,
        title=finding.title,
        message=finding.message,
        is_proved=is_proved,
        span=finding.topology,
    )
