"""What the rules about credentials share: which registry wants a secret, and which secret is meant."""

import re
from collections.abc import Iterator

from generator.estate.links import candidate_of, is_same_target, shape_of
from generator.frozen_data import frozen
from generator.grants.code_policies import CodePolicies
from generator.model.estate import Absent, Kind, Link, Record
from generator.model.finding import FindingKind
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

    `is_whole` is false when `name` is only the beginning of its name, `is_certain` when the rule names it
    only if it names any.
    """

    rule: Record
    account: str | None
    region: str | None
    name: str | None
    is_whole: bool = True
    is_certain: bool = True

    @property
    def kind(self) -> FindingKind:
        """What a mistake in it is."""
        return FindingKind.FINDING if self.is_certain else FindingKind.UNDECIDED

    @property
    def doubt(self) -> str:
        """What a message adds where the rule may name it or not."""
        return "" if self.is_certain else " Whether the rule names it is not known."


_ARN = re.compile(
    r"arn:[^:]*:secretsmanager:(?P<region>[^:]*):(?P<account>[^:]*):secret:(?P<name>.*)", re.DOTALL
)


def named_secrets(code: CodePolicies) -> Iterator[NamedSecret]:
    """The secret of every cache rule that has a credential, as far as it is known."""
    for rule in code.of(Kind.CACHE_RULE):
        value = rule.get("credential_arn")
        candidate = candidate_of(value)
        is_certain = isinstance(candidate, Absent)
        value = value if is_certain else candidate
        if isinstance(value, Link):
            target = value.target
            yield NamedSecret(
                rule=rule,
                account=target.account,
                region=target.region,
                name=target.key,
                is_certain=is_certain,
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
                is_certain=is_certain,
            )


def _whole(text: str) -> str | None:
    return None if "\0" in text else text


def _name(text: str) -> str | None:
    text = re.sub("-\0$", "", text)
    return text.split("\0")[0] or None


def use_of(code: CodePolicies, secret: Record) -> FindingKind | None:
    """What a mistake in a secret is by the cache rules that use it; `None` when none does.

    It is an open question where a rule names the secret only if it names any.
    """
    if code.scope.is_of_caches(secret, certainly=True):
        return FindingKind.FINDING
    return FindingKind.UNDECIDED if code.scope.is_of_caches(secret) else None


def use_of_version(code: CodePolicies, version: Record) -> FindingKind | None:
    """What a mistake in a secret's value is, in the same way."""
    if isinstance(version.key, str) and version.key.startswith(SECRET_PREFIX):
        return FindingKind.FINDING
    secrets = code.linked(Kind.SECRET, version, "secret_id")
    uses = {use_of(code, secret) for secret in secrets}
    wanted = version.get("secret_id")
    for rule in code.of(Kind.CACHE_RULE):
        value = rule.get("credential_arn")
        if is_same_target(version, wanted, rule, value):
            is_certain = isinstance(candidate_of(value), Absent)
            uses.add(FindingKind.FINDING if is_certain else FindingKind.UNDECIDED)
    return next((kind for kind in FindingKind if kind in uses), None)


def doubt_of(use: FindingKind) -> str:
    """What a message adds where it is an open question whether a cache uses the secret."""
    return "" if use is FindingKind.FINDING else " Whether a cache rule uses it is not known."


def is_policy_for_caches(code: CodePolicies, record: Record) -> bool:
    """Whether a record with a secret's policy is about a secret that cache rules use."""
    return code.scope.is_of_caches(record)
