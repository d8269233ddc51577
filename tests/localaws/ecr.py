"""The ECR operations that moto lacks, and a registry policy as strict as ECR's.

Pull through cache rules, repository creation templates and account settings, with the limits and errors
that AWS documents or that people have reported. Where neither says anything, the comment says so.
`install` adds them to moto's ECR; state lives in moto's backends, so moto's reset drops it. Each request
and answer is checked against botocore's model: a mistake in this file shows as error `LocalAwsBug`.
"""

from __future__ import annotations

import base64
import binascii
import datetime
import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult
from moto.ecr.models import ecr_backends
from moto.ecr.responses import ECRResponse
from moto.iam.models import iam_backends
from moto.secretsmanager.models import secretsmanager_backends

from .policies import registry_policy_problems
from .shapes import operation_model, request_problems, response_problems

if TYPE_CHECKING:
    from moto.secretsmanager.models import FakeSecret, ReplicaSecret

Document = dict[str, object]
Operation = Callable[["Caller", Document], Document]

RULES_PER_REGISTRY = 50
PRIVATE_HOST = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.(?:com|com\.cn|eu)"
)
AZURE_HOST = re.compile(r"[a-z0-9]+\.azurecr\.io")
PUBLIC_HOSTS = {
    "public.ecr.aws": "ecr-public",
    "quay.io": "quay",
    "registry.k8s.io": "k8s",
    "registry-1.docker.io": "docker-hub",
    "ghcr.io": "github-container-registry",
    "registry.gitlab.com": "gitlab-container-registry",
    "cgr.dev": "chainguard",
}
AUTHENTICATED = frozenset(
    {
        "docker-hub",
        "github-container-registry",
        "azure-container-registry",
        "gitlab-container-registry",
        "chainguard",
    }
)
SETTINGS: Mapping[str, tuple[str, ...]] = {
    # The first value is the one that a registry without a setting has.
    "REGISTRY_POLICY_SCOPE": ("V2",),
    "BASIC_SCAN_TYPE_VERSION": ("AWS_NATIVE",),
    "BLOB_MOUNTING": ("DISABLED", "ENABLED"),
}
RULE_ON_CREATE = (
    "ecrRepositoryPrefix",
    "upstreamRegistryUrl",
    "createdAt",
    "registryId",
    "upstreamRegistry",
    "credentialArn",
    "customRoleArn",
    "upstreamRepositoryPrefix",
)
RULE_ON_DESCRIBE = (*RULE_ON_CREATE, "updatedAt")
RULE_ON_DELETE = tuple(name for name in RULE_ON_CREATE if name != "upstreamRegistry")
RULE_ON_UPDATE = (
    "ecrRepositoryPrefix",
    "registryId",
    "updatedAt",
    "credentialArn",
    "customRoleArn",
    "upstreamRepositoryPrefix",
)
RULE_ON_VALIDATE = (
    "ecrRepositoryPrefix",
    "registryId",
    "upstreamRegistryUrl",
    "credentialArn",
    "customRoleArn",
    "upstreamRepositoryPrefix",
)
ALWAYS_ANSWERED: Mapping[str, tuple[str, ...]] = {
    "CreatePullThroughCacheRule": (
        "ecrRepositoryPrefix",
        "upstreamRegistryUrl",
        "createdAt",
        "registryId",
        "upstreamRegistry",
        "upstreamRepositoryPrefix",
    ),
    "DescribePullThroughCacheRules": ("pullThroughCacheRules",),
    "UpdatePullThroughCacheRule": ("ecrRepositoryPrefix", "registryId", "updatedAt"),
    "DeletePullThroughCacheRule": (
        "ecrRepositoryPrefix",
        "upstreamRegistryUrl",
        "createdAt",
        "registryId",
        "upstreamRepositoryPrefix",
    ),
    "ValidatePullThroughCacheRule": (
        "ecrRepositoryPrefix",
        "registryId",
        "upstreamRegistryUrl",
        "isValid",
        "failure",
    ),
    "CreateRepositoryCreationTemplate": ("registryId", "repositoryCreationTemplate"),
    "DescribeRepositoryCreationTemplates": ("registryId", "repositoryCreationTemplates"),
    "UpdateRepositoryCreationTemplate": ("registryId", "repositoryCreationTemplate"),
    "DeleteRepositoryCreationTemplate": ("registryId", "repositoryCreationTemplate"),
    "GetAccountSetting": ("name", "value"),
    "PutAccountSetting": ("name", "value"),
    "PutRegistryPolicy": ("registryId", "policyText"),
}


class EcrError(ServiceException):
    """An error of ECR; moto looks codes up by the module of the class, so it stands outside moto."""


class Caller:
    """Who calls, and the registry that the call is about."""

    def __init__(self, response: ECRResponse) -> None:
        self.account: str = response.current_account
        self.region: str = response.region
        self.partition: str = response.partition
        self._state = ecr_backends[self.account][self.region].__dict__

    @property
    def rules(self) -> dict[str, Document]:
        """The pull through cache rules of the registry, by prefix."""
        rules: dict[str, Document] = self._state.setdefault("pull_through_cache_rules", {})
        return rules

    @property
    def templates(self) -> dict[str, Document]:
        """The repository creation templates of the registry, by prefix."""
        templates: dict[str, Document] = self._state.setdefault("creation_templates", {})
        return templates

    @property
    def settings(self) -> dict[str, str]:
        """The account settings that were put, by name."""
        settings: dict[str, str] = self._state.setdefault("account_settings", {})
        return settings

    def put_policy(self, text: str) -> None:
        """Keep the registry policy where moto's own Get and Delete look for it."""
        self._state["registry_policy"] = text

    def own(self, parameters: Document) -> None:
        """Refuse a `registryId` that is not the caller's own."""
        registry = parameters.get("registryId", self.account)
        if registry != self.account:
            raise EcrError(
                "AccessDeniedException",
                f"account {self.account} is not authorized to use the registry {registry}",
            )


def install() -> None:
    """Add the operations to moto's ECR; an error when moto has gained one of them."""
    for name, operation in OPERATIONS.items():
        method = re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
        if hasattr(ECRResponse, method) and name not in REPLACED:
            raise RuntimeError(f"moto now has ECR {name}: drop it from {__name__}")
        setattr(ECRResponse, method, _checked(name, operation))


def seed_account_setting(account: str, region: str, name: str, value: str) -> None:
    """Put a setting that the API no longer takes, such as REGISTRY_POLICY_SCOPE V1."""
    ecr_backends[account][region].__dict__.setdefault("account_settings", {})[name] = value


def _checked(name: str, operation: Operation) -> Callable[[ECRResponse], ActionResult]:
    model = operation_model("ecr", name)
    errors = {shape.name for shape in model.error_shapes} | {"AccessDeniedException"}

    def answer(response: ECRResponse) -> ActionResult:
        parameters = json.loads(response.body or "{}")
        problems = request_problems(model, parameters)
        if problems:
            raise _invalid("; ".join(problems))
        try:
            result = operation(Caller(response), parameters)
        except EcrError as error:
            if error.code in errors:
                raise
            raise _bug(name, [f"{error.code} is not an error of this operation"]) from error
        problems = response_problems(model, result, ALWAYS_ANSWERED[name])
        if problems:
            raise _bug(name, problems)
        return ActionResult(result)

    return answer


def create_rule(caller: Caller, parameters: Document) -> Document:
    """Answer CreatePullThroughCacheRule."""
    caller.own(parameters)
    prefix, url = str(parameters["ecrRepositoryPrefix"]), str(parameters["upstreamRegistryUrl"])
    if prefix == "ROOT" and parameters.get("upstreamRepositoryPrefix", "ROOT") != "ROOT":
        raise _invalid(
            "Invalid parameter: an upstream repository prefix cannot be set when the Amazon ECR "
            "repository prefix is ROOT"
        )
    if prefix in caller.rules:
        raise EcrError(
            "PullThroughCacheRuleAlreadyExistsException",
            f"A pull through cache rule with prefix '{prefix}' already exists in the registry with "
            f"id '{caller.account}'",
        )
    upstream = _upstream_of(url)
    _check_upstream(caller, upstream, parameters)
    if len(caller.rules) >= RULES_PER_REGISTRY:
        raise EcrError(
            "LimitExceededException",
            f"The maximum number of pull through cache rules, {RULES_PER_REGISTRY}, is reached in "
            f"the registry with id '{caller.account}'",
        )
    now = _now()
    rule = {
        # The model says that no upstream prefix means ROOT; whether AWS then answers ROOT or leaves the
        # member out is not documented. ROOT is the answer that shows more mistakes.
        "upstreamRepositoryPrefix": "ROOT",
        **{name: value for name, value in parameters.items() if name != "registryId"},
        "upstreamRegistry": upstream,
        "registryId": caller.account,
        "createdAt": now,
        "updatedAt": now,
    }
    caller.rules[prefix] = rule
    return _members(rule, RULE_ON_CREATE)


def describe_rules(caller: Caller, parameters: Document) -> Document:
    """Answer DescribePullThroughCacheRules."""
    caller.own(parameters)
    prefixes = _texts(parameters.get("ecrRepositoryPrefixes"))
    rules = [_rule(caller, p) for p in prefixes] if prefixes else list(caller.rules.values())
    page, token = _page(rules, parameters)
    answer: Document = {
        "pullThroughCacheRules": [_members(rule, RULE_ON_DESCRIBE) for rule in page]
    }
    return answer | ({"nextToken": token} if token else {})


def update_rule(caller: Caller, parameters: Document) -> Document:
    """Answer UpdatePullThroughCacheRule."""
    caller.own(parameters)
    rule = _rule(caller, str(parameters["ecrRepositoryPrefix"]))
    given = _members(parameters, ("credentialArn", "customRoleArn"))
    if not given:
        raise _invalid(
            "Invalid input: Please set either credential arn or role arn to update the credentials"
        )
    _check_arns(caller, given)
    rule.update(given, updatedAt=_now())
    return _members(rule, RULE_ON_UPDATE)


def delete_rule(caller: Caller, parameters: Document) -> Document:
    """Answer DeletePullThroughCacheRule."""
    caller.own(parameters)
    rule = _rule(caller, str(parameters["ecrRepositoryPrefix"]))
    del caller.rules[str(rule["ecrRepositoryPrefix"])]
    return _members(rule, RULE_ON_DELETE)


def validate_rule(caller: Caller, parameters: Document) -> Document:
    """Answer ValidatePullThroughCacheRule: a bad credential is an answer, not an error."""
    caller.own(parameters)
    rule = _rule(caller, str(parameters["ecrRepositoryPrefix"]))
    failure = _credential_failure(caller, str(rule.get("credentialArn", "")))
    return _members(rule, RULE_ON_VALIDATE) | {"isValid": not failure, "failure": failure}


def create_template(caller: Caller, parameters: Document) -> Document:
    """Answer CreateRepositoryCreationTemplate."""
    prefix = str(parameters["prefix"])
    if prefix in caller.templates:
        raise EcrError(
            "TemplateAlreadyExistsException",
            f"The repository creation template with prefix '{prefix}' already exists in the "
            f"registry with id '{caller.account}'",
        )
    now = _now()
    template: Document = {
        "encryptionConfiguration": {"encryptionType": "AES256"},
        "imageTagMutability": "MUTABLE",
        **parameters,
        "createdAt": now,
        "updatedAt": now,
    }
    _check_template(caller, template)
    caller.templates[prefix] = template
    return {"registryId": caller.account, "repositoryCreationTemplate": template}


def describe_templates(caller: Caller, parameters: Document) -> Document:
    """Answer DescribeRepositoryCreationTemplates; an unknown prefix is left out, not an error."""
    prefixes = _texts(parameters.get("prefixes"))
    templates = [
        template
        for prefix, template in caller.templates.items()
        if not prefixes or prefix in prefixes
    ]
    page, token = _page(templates, parameters)
    answer: Document = {"registryId": caller.account, "repositoryCreationTemplates": page}
    return answer | ({"nextToken": token} if token else {})


def update_template(caller: Caller, parameters: Document) -> Document:
    """Answer UpdateRepositoryCreationTemplate: what is not given stays as it is."""
    template = _template(caller, str(parameters["prefix"]))
    changed = {**template, **parameters, "updatedAt": _now()}
    _check_template(caller, changed)
    template.update(changed)
    if not template.get("description"):
        template.pop("description", None)
    return {"registryId": caller.account, "repositoryCreationTemplate": template}


def delete_template(caller: Caller, parameters: Document) -> Document:
    """Answer DeleteRepositoryCreationTemplate."""
    template = _template(caller, str(parameters["prefix"]))
    del caller.templates[str(template["prefix"])]
    return {"registryId": caller.account, "repositoryCreationTemplate": template}


def get_setting(caller: Caller, parameters: Document) -> Document:
    """Answer GetAccountSetting."""
    name = _setting_name(parameters)
    return {"name": name, "value": caller.settings.get(name, SETTINGS[name][0])}


def put_setting(caller: Caller, parameters: Document) -> Document:
    """Answer PutAccountSetting."""
    name, value = _setting_name(parameters), str(parameters["value"])
    if value not in SETTINGS[name]:
        raise _invalid(
            f"Invalid parameter at 'value' failed to satisfy constraint: 'Member must satisfy enum "
            f"value set: {list(SETTINGS[name])}'"
        )
    caller.settings[name] = value
    return {"name": name, "value": value}


def put_registry_policy(caller: Caller, parameters: Document) -> Document:
    """Answer PutRegistryPolicy, more strictly than moto and for every action of ECR."""
    text = str(parameters["policyText"])
    registry = f"arn:{caller.partition}:ecr:{caller.region}:{caller.account}"
    problems = list(registry_policy_problems(text, registry, _principal_exists))
    if problems:
        # AWS gives no reason. The local one is added for whoever reads the failing test.
        raise _invalid(
            "Invalid parameter at 'PolicyText' failed to satisfy constraint: 'Invalid registry "
            f"policy provided' ({'; '.join(problems)})"
        )
    caller.put_policy(text)
    return {"registryId": caller.account, "policyText": text}


REPLACED = frozenset({"PutRegistryPolicy"})
OPERATIONS: Mapping[str, Operation] = {
    "CreatePullThroughCacheRule": create_rule,
    "DescribePullThroughCacheRules": describe_rules,
    "UpdatePullThroughCacheRule": update_rule,
    "DeletePullThroughCacheRule": delete_rule,
    "ValidatePullThroughCacheRule": validate_rule,
    "CreateRepositoryCreationTemplate": create_template,
    "DescribeRepositoryCreationTemplates": describe_templates,
    "UpdateRepositoryCreationTemplate": update_template,
    "DeleteRepositoryCreationTemplate": delete_template,
    "GetAccountSetting": get_setting,
    "PutAccountSetting": put_setting,
    "PutRegistryPolicy": put_registry_policy,
}


def _upstream_of(url: str) -> str:
    if url in PUBLIC_HOSTS:
        return PUBLIC_HOSTS[url]
    if AZURE_HOST.fullmatch(url):
        return "azure-container-registry"
    if PRIVATE_HOST.fullmatch(url):
        return "ecr"
    raise _unsupported("The specified upstream registry is not supported.")


def _check_upstream(caller: Caller, upstream: str, parameters: Document) -> None:
    url = str(parameters["upstreamRegistryUrl"])
    if parameters.get("upstreamRegistry", upstream) != upstream:
        raise _invalid(
            f"Invalid parameter: the upstream registry {parameters['upstreamRegistry']} does not "
            f"fit the URL {url}"
        )
    if upstream in AUTHENTICATED and "credentialArn" not in parameters:
        raise _unsupported(
            "The specified upstream registry requires authentication. Specify a valid Secrets "
            "Manager ARN containing the credentials for the upstream registry."
        )
    private = PRIVATE_HOST.fullmatch(url)
    if private:
        if private["account"] != caller.account and "customRoleArn" not in parameters:
            raise _invalid(
                "Invalid parameter: a custom role ARN is required for an upstream registry in "
                "another account"
            )
        if (private["account"], private["region"]) == (caller.account, caller.region):
            # Not documented; a registry that pulls from itself can only be a mistake.
            raise _unsupported("The upstream registry is the registry of the rule.")
    _check_arns(caller, parameters)


def _check_arns(caller: Caller, parameters: Document) -> None:
    if "credentialArn" in parameters:
        _secret(caller, str(parameters["credentialArn"]))
    role = str(parameters.get("customRoleArn", ""))
    if role and not re.fullmatch(rf"arn:aws[a-z-]*:iam::{caller.account}:role/.+", role):
        raise _invalid(
            f"Invalid parameter at 'customRoleArn': {role} is not a role of account "
            f"{caller.account}"
        )


def _secret(caller: Caller, arn: str) -> FakeSecret | ReplicaSecret:
    _, _, _, region, account, *_ = arn.split(":")
    secret = None
    if (account, region) == (caller.account, caller.region):
        secrets = secretsmanager_backends[account][region].secrets
        # Looked up by whole ARN: ECR is not known to accept one without the random suffix.
        secret = next((one for one in secrets.values() if one.arn == arn), None)
    if secret is None or secret.deleted_date or _current_value(secret) is None:
        raise EcrError(
            "SecretNotFoundException",
            "The ARN of the secret specified in the pull through cache rule was not found. Update "
            "the rule with a valid secret ARN and try again.",
        )
    if secret.kms_key_id not in (None, "", "alias/aws/secretsmanager"):
        raise EcrError(
            "UnableToDecryptSecretValueException",
            "The secret is accessible but is unable to be decrypted. Verify the resource "
            "permissions and try again.",
        )
    return secret


def _current_value(secret: FakeSecret | ReplicaSecret) -> str | None:
    for version in secret.versions.values():
        if "AWSCURRENT" in version["version_stages"]:
            value = version.get("secret_string")
            return str(value) if value is not None else ""
    return None


def _credential_failure(caller: Caller, arn: str) -> str:
    if not arn:
        return ""
    try:
        value = _current_value(_secret(caller, arn))
    except EcrError as error:
        return error.message
    try:
        credential = json.loads(value or "")
    except ValueError:
        credential = None
    if not isinstance(credential, dict) or not all(
        isinstance(credential.get(key), str) and credential[key]
        for key in ("username", "accessToken")
    ):
        return "The secret does not hold a JSON object with username and accessToken."
    return ""


def _check_template(caller: Caller, template: Document) -> None:
    for member in ("repositoryPolicy", "lifecyclePolicy"):
        text = str(template.get(member, ""))
        if not text:
            continue
        try:
            document = json.loads(text)
        except ValueError:
            document = None
        if not isinstance(document, dict):
            raise _invalid(
                f"Invalid parameter at '{member}' failed to satisfy constraint: 'must be a JSON "
                "object'"
            )
    role = str(template.get("customRoleArn", ""))
    if role and not re.fullmatch(rf"arn:aws[a-z-]*:iam::{caller.account}:role/.+", role):
        raise _invalid(
            f"Invalid parameter at 'customRoleArn': {role} is not a role of account "
            f"{caller.account}"
        )
    excluding = str(template["imageTagMutability"]).endswith("_WITH_EXCLUSION")
    if excluding != bool(template.get("imageTagMutabilityExclusionFilters")):
        raise _invalid(
            "Invalid parameter at 'imageTagMutabilityExclusionFilters': filters go with a "
            "mutability that ends in _WITH_EXCLUSION, and only with one"
        )


def _principal_exists(arn: str) -> bool:
    _, partition, _, _, account, resource = arn.split(":", 5)
    backend = iam_backends[account][partition]
    if resource.startswith("user/"):
        return any(user.arn == arn for user in backend.users.values())
    if resource.startswith("assumed-role/"):
        name = resource.split("/")[1]
        return any(role.name == name for role in backend.roles.values())
    return any(role.arn == arn for role in backend.roles.values())


def _rule(caller: Caller, prefix: str) -> Document:
    rule = caller.rules.get(prefix)
    if rule is None:
        raise EcrError(
            "PullThroughCacheRuleNotFoundException",
            f"The pull through cache rule with prefix '{prefix}' does not exist in the registry "
            f"with id '{caller.account}'",
        )
    return rule


def _template(caller: Caller, prefix: str) -> Document:
    template = caller.templates.get(prefix)
    if template is None:
        raise EcrError(
            "TemplateNotFoundException",
            f"The repository creation template with prefix '{prefix}' does not exist in the "
            f"registry with id '{caller.account}'",
        )
    return template


def _setting_name(parameters: Document) -> str:
    name = str(parameters["name"])
    if name not in SETTINGS:
        raise _invalid(
            f"Invalid parameter at 'name' failed to satisfy constraint: 'Member must satisfy enum "
            f"value set: {list(SETTINGS)}'"
        )
    return name


def _page(items: Sequence[Document], parameters: Document) -> tuple[list[Document], str | None]:
    start = 0
    if "nextToken" in parameters:
        try:
            start = int(base64.b64decode(str(parameters["nextToken"]), validate=True))
        except (binascii.Error, ValueError) as error:
            raise _invalid("Invalid parameter at 'nextToken'") from error
    size = parameters.get("maxResults", 100)
    end = start + (size if isinstance(size, int) else 100)
    token = base64.b64encode(str(end).encode()).decode() if end < len(items) else None
    return list(items[start:end]), token


def _members(source: Document, names: Sequence[str]) -> Document:
    return {name: source[name] for name in names if name in source}


def _texts(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else []


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


def _invalid(message: str) -> EcrError:
    return EcrError("InvalidParameterException", message)


def _unsupported(message: str) -> EcrError:
    return EcrError("UnsupportedUpstreamRegistryException", message)


def _bug(name: str, problems: Sequence[str]) -> EcrError:
    return EcrError("LocalAwsBug", f"{name}: {'; '.join(problems)}")
