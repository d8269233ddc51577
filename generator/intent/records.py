"""What a topology asks for, as an estate: the records that should exist in every account."""

from collections.abc import Iterator, Mapping

from generator.intent import addresses
from generator.intent.consumer_policies import consumer_document, consumer_policies
from generator.intent.registry_policies import (
    is_exported,
    registry_policy_document,
    registry_statements,
)
from generator.intent.service_roles import (
    TemplateRole,
    UpstreamRole,
    template_key,
    template_role_document,
    template_role_name,
    template_roles,
    trust_document,
    upstream_role_document,
    upstream_role_key,
    upstream_roles,
)
from generator.model.estate import (
    Absent,
    Attribute,
    Estate,
    Identity,
    Json,
    Kind,
    Known,
    Link,
    Record,
)
from generator.model.levels import PULL_THROUGH_SERVICE, TEMPLATE_SERVICE
from generator.model.reading import Reading
from generator.model.span import Span
from generator.model.topology import (
    Cache,
    CreationTemplate,
    Credential,
    CredentialValue,
    PlacedTemplate,
    Topology,
)
from generator.model.values import Region, fill_placeholders

UPSTREAM_ROLE_POLICY = "pull-through-cache"
"""The name of the inline policy of a role for cross-account upstreams."""

TEMPLATE_ROLE_POLICY = "creation-templates"
"""The name of the inline policy of a role for creation templates."""

PLACEHOLDER_STAGES = ("AWSCURRENT", "forebay-placeholder")
"""The staging labels of a placeholder version: one of its own keeps it from being deleted."""


def intend(topology: Topology) -> Estate:
    """All records that code should hold; every record's and attribute's span is a topology line.

    Accounts that are not managed have none: what they need is handed over.
    """
    managed = {account.id for account in topology.managed_accounts.values()}
    records = (
        *_cache_rules(topology),
        *_secrets(topology),
        *_registry_policies(topology),
        *_upstream_roles(topology),
        *_templates(topology),
        *_template_roles(topology),
        *_consumer_policies(topology),
    )
    return Estate(records=tuple(record for record in records if record.account in managed))


def intended_beside(topology: Topology, reading: Reading) -> Estate:
    """What a topology asks for, as the reader of the code was told it, where it was."""
    return intend(topology) if reading.intended is None else reading.intended


def created_credentials(topology: Topology) -> dict[tuple[str, Region, str], Credential]:
    """The secrets that `generate` creates, by account, region and name."""
    return {
        (cache.account, cache.region, cache.credential.secret): cache.credential
        for cache in topology.caches
        if cache.credential is not None and cache.credential.value is not CredentialValue.EXISTING
    }


def lifecycle_document(topology: Topology, placed: PlacedTemplate) -> Json:
    """The lifecycle policy of a template in one registry, `None` when there is none."""
    template = placed.template
    if template.lifecycle is not None:
        return filled_document(topology, placed, template.lifecycle)
    selection: dict[str, Json]
    if template.expire_after_days is not None:
        selection = {
            "tagStatus": "any",
            "countType": "sinceImagePushed",
            "countUnit": "days",
            "countNumber": template.expire_after_days,
        }
    elif template.keep_images is not None:
        selection = {
            "tagStatus": "any",
            "countType": "imageCountMoreThan",
            "countNumber": template.keep_images,
        }
    else:
        return None
    rule: Json = {"rulePriority": 1, "selection": selection, "action": {"type": "expire"}}
    return {"rules": (rule,)}


def filled_document(topology: Topology, placed: PlacedTemplate, document: Json) -> Json:
    """A raw document with {partition}, {region} and {account_id} put in for one registry."""
    if isinstance(document, str):
        account = topology.accounts[placed.account].id
        return fill_placeholders(document, account=account, region=placed.region)
    if isinstance(document, tuple):
        return tuple(filled_document(topology, placed, item) for item in document)
    if isinstance(document, Mapping):
        return {key: filled_document(topology, placed, item) for key, item in document.items()}
    return document


def secret_link(topology: Topology, cache: Cache, credential: Credential) -> Identity:
    """The identity of the secret that a cache's credential means."""
    return Identity(
        kind=Kind.SECRET,
        account=topology.accounts[cache.account].id,
        region=cache.region,
        key=credential.secret,
    )


def _cache_rules(topology: Topology) -> Iterator[Record]:
    for cache in topology.caches:
        account = topology.accounts[cache.account].id
        upstream_span = cache.upstream_span or cache.span
        credential: Attribute = Absent(span=cache.span)
        if cache.credential is not None:
            target = secret_link(topology, cache, cache.credential)
            credential = Link(target=target, span=cache.credential.place_of("secret"))
        role: Attribute = Absent(span=cache.span)
        if cache.crosses_accounts or cache.named_role is not None:
            target = Identity(
                kind=Kind.ROLE,
                account=account,
                region=None,
                key=upstream_role_key(topology, cache),
            )
            role = Link(target=target, span=upstream_span)
        yield _record(
            topology,
            cache.account,
            kind=Kind.CACHE_RULE,
            region=cache.region,
            key=str(cache.prefix),
            attributes={
                "upstream_registry_url": Known(value=cache.upstream_host, span=upstream_span),
                "upstream_repository_prefix": Known(
                    value=str(cache.upstream_prefix), span=cache.span
                ),
                "credential_arn": credential,
                "custom_role_arn": role,
            },
            address=addresses.instance(
                addresses.caches(cache.region), "aws_ecr_pull_through_cache_rule.this", cache.prefix
            ),
            span=cache.span,
        )


def _secrets(topology: Topology) -> Iterator[Record]:
    for (account, region, name), credential in sorted(created_credentials(topology).items()):
        module = addresses.credentials(region)
        yield _record(
            topology,
            account,
            kind=Kind.SECRET,
            region=region,
            key=name,
            attributes={
                "recovery_window_in_days": Known(
                    value=credential.recovery_days, span=credential.place_of("recovery_days")
                ),
                "kms_key_id": Absent(span=credential.span),
                "policy": Absent(span=credential.span),
            },
            address=addresses.instance(module, "aws_secretsmanager_secret.this", name),
            span=credential.span,
        )
        yield _record(
            topology,
            account,
            kind=Kind.SECRET_VERSION,
            region=region,
            key=name,
            attributes={
                "version_stages": (
                    Known(value=PLACEHOLDER_STAGES, span=credential.place_of("value"))
                    if credential.version is None
                    else Absent(span=credential.span)
                ),
                "secret_string_wo_version": Known(
                    value=credential.version or 1, span=credential.place_of("version")
                ),
            },
            address=addresses.instance(
                module,
                "aws_secretsmanager_secret_version."
                + ("placeholder" if credential.version is None else "written"),
                name,
            ),
            span=credential.span,
        )


def _registry_policies(topology: Topology) -> Iterator[Record]:
    for (account, region), statements in registry_statements(topology).items():
        if is_exported(topology, account):
            continue
        module = addresses.access(region)
        span = topology.accounts[account].policy_span or topology.accounts[account].span
        yield _record(
            topology,
            account,
            kind=Kind.ACCOUNT_SETTING,
            region=region,
            key="REGISTRY_POLICY_SCOPE",
            attributes={"value": Known(value="V2", span=span)},
            address=f"{module}.aws_ecr_account_setting.registry_policy_scope",
            span=span,
        )
        document = registry_policy_document(topology, account, region, statements)
        yield _record(
            topology,
            account,
            kind=Kind.REGISTRY_POLICY,
            region=region,
            key="",
            attributes={"policy": Known(value=document, span=statements[0].span)},
            address=f"{module}.aws_ecr_registry_policy.this",
            span=statements[0].span,
        )


def _upstream_roles(topology: Topology) -> Iterator[Record]:
    for role in upstream_roles(topology).values():
        yield from _service_role(
            topology,
            role,
            module=addresses.UPSTREAM_ACCESS,
            service=PULL_THROUGH_SERVICE,
            policy_name=UPSTREAM_ROLE_POLICY,
            document=upstream_role_document(topology, role),
        )


def _templates(topology: Topology) -> Iterator[Record]:
    for placed in topology.templates:
        template, span = placed.template, placed.template.span
        role: Attribute = Absent(span=span)
        name = template.role
        if name is None and template.needs_role:
            name = topology.iam.key(template_role_name(topology))
        if name is not None:
            target = Identity(
                kind=Kind.ROLE,
                account=topology.accounts[placed.account].id,
                region=None,
                key=name,
            )
            role = Link(target=target, span=span)
        policy = filled_document(topology, placed, template.repository_policy)
        key = placed.kms_key if placed.kms_alias is None else template_key(topology, placed)
        encryption: Json = {"encryption_type": template.encryption.value, "kms_key": key}
        yield _record(
            topology,
            placed.account,
            kind=Kind.CREATION_TEMPLATE,
            region=placed.region,
            key=str(placed.prefix),
            attributes={
                "applied_for": Known(
                    value=tuple(word.value for word in template.applied_for),
                    span=template.place_of("applied_for"),
                ),
                "image_tag_mutability": Known(
                    value=template.mutability.value, span=template.place_of("mutability")
                ),
                "image_tag_mutability_exclusion_filter": _exclusions(template),
                "encryption_configuration": Known(
                    value=(encryption,), span=template.place_of("encryption")
                ),
                "resource_tags": Known(
                    value=dict(template.repository_tags),
                    span=template.place_of("repository_tags"),
                ),
                "custom_role_arn": role,
                "lifecycle_policy": _document(
                    lifecycle_document(topology, placed), template.place_of("lifecycle")
                ),
                "repository_policy": _document(policy, template.place_of("repository_policy")),
            },
            address=addresses.instance(
                addresses.caches(placed.region),
                "aws_ecr_repository_creation_template.this",
                placed.prefix,
            ),
            span=placed.span,
        )


def _exclusions(template: CreationTemplate) -> Attribute:
    """The filters of tags as the provider has them."""
    place = template.place_of("mutability_exclusions")
    if not template.mutability_exclusions:
        return Absent(span=place)
    return Known(
        value=tuple(
            {"filter": text, "filter_type": "WILDCARD"} for text in template.mutability_exclusions
        ),
        span=place,
    )


def _document(document: Json, span: Span) -> Attribute:
    return Absent(span=span) if document is None else Known(value=document, span=span)


def _template_roles(topology: Topology) -> Iterator[Record]:
    for role in template_roles(topology).values():
        yield from _service_role(
            topology,
            role,
            module=addresses.TEMPLATE_ROLE,
            service=TEMPLATE_SERVICE,
            policy_name=TEMPLATE_ROLE_POLICY,
            document=template_role_document(topology, role),
        )


def _service_role(
    topology: Topology,
    role: UpstreamRole | TemplateRole,
    *,
    module: str,
    service: str,
    policy_name: str,
    document: Json,
) -> Iterator[Record]:
    """A role that an AWS service assumes, with its one inline policy and its boundary."""
    boundary = topology.permissions_boundary(role.account)
    yield _record(
        topology,
        role.account,
        kind=Kind.ROLE,
        region=None,
        key=role.key,
        attributes={
            "assume_role_policy": Known(value=trust_document(service), span=role.span),
            "permissions_boundary": Absent(span=role.span)
            if boundary is None
            else Known(value=boundary, span=topology.iam.boundary_span or role.span),
        },
        address=addresses.instance(module, "aws_iam_role.this", role.name),
        span=role.span,
    )
    yield _record(
        topology,
        role.account,
        kind=Kind.ROLE_POLICY,
        region=None,
        key=f"{role.key}:{policy_name}",
        attributes={"policy": Known(value=document, span=role.span)},
        address=addresses.instance(module, "aws_iam_role_policy.this", role.name),
        span=role.span,
    )


def _consumer_policies(topology: Topology) -> Iterator[Record]:
    for (account, name), policy in consumer_policies(topology).items():
        yield _record(
            topology,
            account,
            kind=Kind.MANAGED_POLICY,
            region=None,
            key=policy.key,
            attributes={"policy": Known(value=consumer_document(policy), span=policy.span)},
            address=addresses.instance(addresses.PULLERS, "aws_iam_policy.this", name),
            span=policy.span,
        )
        if policy.attach_to is not None:
            target = Identity(
                kind=Kind.MANAGED_POLICY,
                account=topology.accounts[account].id,
                region=None,
                key=policy.key,
            )
            yield _record(
                topology,
                account,
                kind=Kind.ATTACHMENT,
                region=None,
                key=f"{policy.attach_to}:{policy.key}",
                attributes={
                    "role": Known(value=policy.attach_to, span=policy.span),
                    "policy_arn": Link(target=target, span=policy.span),
                },
                address=addresses.instance(
                    addresses.PULLERS,
                    "aws_iam_role_policy_attachment.this",
                    f"{name}:{policy.attach_to}",
                ),
                span=policy.span,
            )


def _record(
    topology: Topology,
    account: str,
    *,
    kind: Kind,
    region: Region | None,
    key: str,
    attributes: Mapping[str, Attribute],
    address: str,
    span: Span,
) -> Record:
    return Record(
        kind=kind,
        account=topology.accounts[account].id,
        region=region,
        key=key,
        attributes=attributes,
        address=address,
        span=span,
        root=topology.folder(account),
    )
