"""The condition keys that are modelled: what decides the value of each, and what sort it is.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

import re
from enum import StrEnum
from typing import TypeAlias

from generator.frozen_data import frozen

KeyValue: TypeAlias = str | tuple[str, ...] | None
"""A value of a key: a text, several where the key holds many, or `None` where it is absent."""


class KeyRole(StrEnum):
    """What decides the value of a condition key."""

    PRINCIPAL = "principal"
    RESOURCE = "resource"
    REGION = "region"
    NETWORK = "network"  # where a request comes from, and whether a service sends it on
    TRANSPORT = "transport"
    CALLER = "caller"


class KeySort(StrEnum):
    """What the values of a condition key are; decides which operators fit it."""

    TEXT = "text"
    BOOL = "true or false"
    NUMBER = "a number"
    DATE = "a date"
    SECONDS = "a date in seconds"
    ADDRESS = "an IP address"


class Bearers(StrEnum):
    """Whose requests can carry a key at all."""

    ANYBODY = "anybody"
    PEOPLE = "principals of an account"
    SERVICES = "AWS services"
    FEDERATED = "users of an identity provider, and the sessions of the roles that they assumed"


@frozen
class KeyFacts:
    """What is known of a condition key.

    `name` is the key in lower case; keys that are two names of one value have one `name`.
    `is_always_there` when every request carries it, `is_of_tagging` when only requests do that set
    or take away tags.
    """

    name: str
    role: KeyRole
    sort: KeySort = KeySort.TEXT
    is_multivalued: bool = False
    bearers: Bearers = Bearers.ANYBODY
    is_always_there: bool = False
    is_of_tagging: bool = False

    @property
    def is_arn(self) -> bool:
        """Whether the values are ARNs."""
        return self.name.endswith("arn")


_CLOCK = KeyFacts(
    name="aws:currenttime", role=KeyRole.CALLER, sort=KeySort.DATE, is_always_there=True
)
_FACTS = {
    facts.name: facts
    for facts in (
        KeyFacts(name="aws:principalaccount", role=KeyRole.PRINCIPAL),
        KeyFacts(name="aws:principalarn", role=KeyRole.PRINCIPAL),
        KeyFacts(name="aws:principalisawsservice", role=KeyRole.PRINCIPAL),
        KeyFacts(name="aws:principalorgid", role=KeyRole.PRINCIPAL),
        KeyFacts(name="aws:principalorgpaths", role=KeyRole.PRINCIPAL, is_multivalued=True),
        KeyFacts(name="aws:principalservicename", role=KeyRole.PRINCIPAL),
        KeyFacts(name="aws:sourceaccount", role=KeyRole.PRINCIPAL),
        KeyFacts(name="aws:sourcearn", role=KeyRole.PRINCIPAL),
        KeyFacts(name="aws:resourceaccount", role=KeyRole.RESOURCE),
        KeyFacts(name="aws:securetransport", role=KeyRole.TRANSPORT, sort=KeySort.BOOL),
        KeyFacts(name="aws:sourcevpc", role=KeyRole.NETWORK),
        KeyFacts(name="aws:sourcevpce", role=KeyRole.NETWORK),
        KeyFacts(name="aws:vpceaccount", role=KeyRole.NETWORK),
        KeyFacts(name="aws:vpceorgid", role=KeyRole.NETWORK),
        KeyFacts(name="aws:vpcsourceip", role=KeyRole.NETWORK, sort=KeySort.ADDRESS),
        KeyFacts(name="aws:sourceip", role=KeyRole.NETWORK, sort=KeySort.ADDRESS),
        _CLOCK,
        KeyFacts(name="aws:calledvia", role=KeyRole.NETWORK, is_multivalued=True),
        KeyFacts(name="aws:calledviafirst", role=KeyRole.NETWORK),
        KeyFacts(name="aws:calledvialast", role=KeyRole.NETWORK),
        KeyFacts(name="aws:referer", role=KeyRole.CALLER),
        KeyFacts(name="aws:requestedregion", role=KeyRole.REGION, is_always_there=True),
        KeyFacts(name="aws:tagkeys", role=KeyRole.CALLER, is_multivalued=True, is_of_tagging=True),
        KeyFacts(name="aws:useragent", role=KeyRole.CALLER),
        KeyFacts(
            name="aws:viaawsservice",
            role=KeyRole.NETWORK,
            sort=KeySort.BOOL,
            is_always_there=True,
        ),
        KeyFacts(
            name="aws:multifactorauthage",
            role=KeyRole.CALLER,
            sort=KeySort.NUMBER,
            bearers=Bearers.PEOPLE,
        ),
        KeyFacts(
            name="aws:multifactorauthpresent",
            role=KeyRole.CALLER,
            sort=KeySort.BOOL,
            bearers=Bearers.PEOPLE,
        ),
        KeyFacts(
            name="aws:tokenissuetime",
            role=KeyRole.CALLER,
            sort=KeySort.DATE,
            bearers=Bearers.PEOPLE,
        ),
        KeyFacts(name="aws:sourceorgid", role=KeyRole.CALLER, bearers=Bearers.SERVICES),
        KeyFacts(
            name="aws:sourceorgpaths",
            role=KeyRole.CALLER,
            is_multivalued=True,
            bearers=Bearers.SERVICES,
        ),
        KeyFacts(name="sts:durationseconds", role=KeyRole.CALLER, sort=KeySort.NUMBER),
        KeyFacts(name="sts:externalid", role=KeyRole.CALLER),
        KeyFacts(name="sts:rolesessionname", role=KeyRole.CALLER),
        KeyFacts(name="sts:sourceidentity", role=KeyRole.CALLER),
    )
}
_TAGS = {
    "aws:principaltag/": ("aws:principaltag/", Bearers.PEOPLE),
    "aws:requesttag/": ("aws:requesttag/", Bearers.ANYBODY),
    "aws:resourcetag/": ("aws:resourcetag/", Bearers.ANYBODY),
    "ecr:resourcetag/": ("aws:resourcetag/", Bearers.ANYBODY),
}
# `accounts.google.com:aud`, `oidc.eks.eu-west-1.amazonaws.com/id/ABC:sub`, `saml:aud`: what an
# identity provider says of its user. Requests to assume a role carry it, and those of its session.
_PROVIDED = re.compile(r"(saml|[a-z0-9-]+(\.[a-z0-9-]+)+(/[^:]*)?):[a-z0-9_]+")

WEB_IDENTITY_PROVIDERS = frozenset(
    {
        "accounts.google.com",
        "cognito-identity.amazonaws.com",
        "graph.facebook.com",
        "www.amazon.com",
    }
)
"""Identity providers that a trust policy names without an ARN."""


def key_facts(key: str) -> KeyFacts | None:
    """What is known of a condition key (in any case), or `None` when it is not modelled."""
    lowered = key.lower()
    if lowered == "aws:epochtime":
        return KeyFacts(
            name=_CLOCK.name, role=_CLOCK.role, sort=KeySort.SECONDS, is_always_there=True
        )
    for start, (name, bearers) in _TAGS.items():
        if lowered.startswith(start) and len(lowered) > len(start):
            tag = name + lowered.removeprefix(start)
            return KeyFacts(
                name=tag,
                role=KeyRole.CALLER,
                bearers=bearers,
                is_of_tagging=name == "aws:requesttag/",
            )
    if _PROVIDED.fullmatch(lowered):
        return KeyFacts(
            name=lowered,
            role=KeyRole.CALLER,
            is_multivalued=lowered.endswith(":amr"),
            bearers=Bearers.FEDERATED,
        )
    return _FACTS.get(lowered)


def is_of_assuming(key: str) -> bool:
    """Whether a key (in any case) is documented only for requests to assume a role.

    Of what a SAML provider says, three keys are documented for what the role does afterwards.
    """
    name = key.lower()
    return name.startswith("sts:") or (
        name.startswith("saml:") and name not in {"saml:namequalifier", "saml:sub", "saml:sub_type"}
    )


def key_role(key: str) -> KeyRole | None:
    """What decides a condition key (in any case), or `None` when the engine does not model it."""
    facts = key_facts(key)
    return None if facts is None else facts.role
