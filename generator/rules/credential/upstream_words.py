"""What the rules about credentials share: which registry wants a secret, and which secret is meant."""

import re
from collections.abc import Iterator

from generator.estate.links import is_same_target, shape_of
from generator.frozen_data import frozen
from generator.grants.code_policies import CodePolicies
from generator.model.estate import Kind, Link, Record
from generator.model.upstream_hosts import upstream_of
from generator.model.upstreams import SECRET_PREFIX, Authentication


def needs_secret(rule: Record) -> str:
    """The title of the rule's upstream when that wants a secret, else nothing."""
    return _title(rule, {Authentication.SECRET})


def takes_no_secret(rule: Record) -> str:
    """The title of the rule's upstream when that takes no secret, else nothing."""
    return _title(rule, {Authentication.IAM, Authentication.NONE})


def _title(rule: Record, sorts: set[Authentication]) -> str:
    upstream = upstream_of(rule)
    if upstream is None or upstream.registry is None:
        return ""
    return upstream.registry.title if upstream.registry.authentication in sorts else ""


@frozen
class NamedSecret:
    """The secret that a cache rule names; parts that are not known are `None`.

    `is_whole` is false when `name` is only the beginning of its name.
    """

    rule: Record
    account: str | None
    region: str | None
    name: str | None
    is_whole: bool = True


_ARN = re.compile(
    r"arn:[^:]*:secretsmanager:(?P<region>[^:]*):(?P<account>[^:]*):secret:(?P<name>.*)", re.DOTALL
)


def named_secrets(code: CodePolicies) -> Iterator[NamedSecret]:
    """The secret of every cache rule that has a credential, as far as it is known."""
    for rule in code.of(Kind.CACHE_RULE):
        value = rule.get("credential_arn")
        if isinstance(value, Link):
            target = value.target
            yield NamedSecret(
                rule=rule, account=target.account, region=target.region, name=target.key
            )
            continue
        text = shape_of(value)
        if text and (found := _ARN.fullmatch(text)):
            yield NamedSecret(
                rule=rule,
                account=_whole(found["account"]),
                region=_whole(found["region"]),
                name=_name(found["name"]),
                is_whole="\0" not in re.sub("-\0$", "", found["name"]),
            )


def _whole(text: str) -> str | None:
    return None if "\0" in text else text


def _name(text: str) -> str | None:
    text = re.sub("-\0$", "", text)
    return text.split("\0")[0] or None


def is_for_caches(code: CodePolicies, secret: Record) -> bool:
    """Whether a secret is one that cache rules use: by its name, or because a rule names it."""
    return code.scope.is_of_caches(secret)


def is_policy_for_caches(code: CodePolicies, record: Record) -> bool:
    """Whether a record with a secret's policy is about a secret that cache rules use."""
    return code.scope.is_of_caches(record)


def is_version_for_caches(code: CodePolicies, version: Record) -> bool:
    """Whether a secret's value is that of a secret that cache rules use."""
    if isinstance(version.key, str) and version.key.startswith(SECRET_PREFIX):
        return True
    secrets = code.linked(Kind.SECRET, version, "secret_id")
    if any(is_for_caches(code, secret) for secret in secrets):
        return True
    wanted = version.get("secret_id")
    return any(
        is_same_target(version, wanted, rule, rule.get("credential_arn"))
        for rule in code.of(Kind.CACHE_RULE)
    )
