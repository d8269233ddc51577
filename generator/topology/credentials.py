"""Reads credentials: the secrets with the user names and tokens of upstreams."""

from datetime import date

from generator.model.topology import Credential, CredentialValue
from generator.model.upstreams import UpstreamRegistry
from generator.topology.contents import Entries, Fitting, Text
from generator.topology.lists import word_of
from generator.topology.mistakes import (
    CREDENTIAL_NOT_ALLOWED,
    MISSING_KEY,
    TWO_SCOPES,
    WITHOUT_EFFECT,
    Mistakes,
    Place,
)
from generator.topology.upstream_fields import DEFAULT_RECOVERY_DAYS


def credential_of(value: Fitting | None, mistakes: Mistakes) -> Credential | None:
    """A credential out of its short or its long form."""
    match value:
        case Text():
            return Credential(
                secret=value.text,
                value=CredentialValue.EXISTING,
                recovery_days=DEFAULT_RECOVERY_DAYS,
                span=value.place.shown,
            )
        case Entries():
            secret, days = value.text("secret"), value.text("recovery_days")
            expires = value.text("expires")
            written = value.entries("value")
            kind, is_right = (
                CredentialValue(word_of(value, "value", CredentialValue.EXISTING.value)),
                not value.broken,
            )
            if written is not None:
                kind = CredentialValue.VARIABLE if written.has("variable") else CredentialValue.COPY
                is_right &= _check_written_value(written, mistakes)
            if (
                days is not None
                and kind is CredentialValue.EXISTING
                and "value" not in value.broken
            ):
                mistakes.add(
                    WITHOUT_EFFECT,
                    days.place,
                    f"`{days.place.path}`: `recovery_days` says how long a deleted secret can be "
                    "brought back. This secret exists already and is not managed here. Remove the "
                    "key, or write `value: placeholder` to have the secret made.",
                )
            if secret is None or not is_right:
                return None
            variable = written.text("variable") if written is not None else None
            copy_of = written.text("copy_of") if written is not None else None
            version = written.text("version") if written is not None else None
            return Credential(
                secret=secret.text,
                value=kind,
                recovery_days=int(days.text) if days is not None else DEFAULT_RECOVERY_DAYS,
                variable=variable.text if variable is not None else None,
                copy_of=copy_of.text if copy_of is not None else None,
                version=int(version.text) if version is not None else None,
                expires=date.fromisoformat(expires.text) if expires is not None else None,
                span=value.place.shown,
                places={
                    key: place.shown
                    for entries in (value, written)
                    if entries is not None
                    for key, place in entries.keys.items()
                },
            )
        case _:
            return None


def _check_written_value(value: Entries, mistakes: Mistakes) -> bool:
    """Whether a value comes from exactly one source; notes a mistake where it does not."""
    path = value.place.path
    if value.has("variable") and value.has("copy_of"):
        mistakes.add(
            TWO_SCOPES,
            value.keys["copy_of"],
            f"`{path}`: the value comes from a variable or from another secret, not from both. "
            "Remove `variable` or `copy_of`.",
        )
        return False
    if not value.may_have("variable") and not value.may_have("copy_of"):
        mistakes.add(
            MISSING_KEY,
            value.place.below("variable", value.place.span, value.place.use),
            f"`{path}`: this does not say where the value comes from. Add `variable:` with the "
            "name of a variable, or `copy_of:` with the ARN of another secret.",
        )
        return False
    return not value.broken


def credential_not_allowed(registry: UpstreamRegistry, place: Place, mistakes: Mistakes) -> None:
    """Note a credential on a registry that takes none."""
    match registry.name:
        case "quay":
            advice = (
                "ECR caches only public repositories of Quay. Private ones have to be pushed or "
                "mirrored into ECR."
            )
        case "ecr":
            advice = "ECR reads another private registry with IAM roles, which are made as needed."
        case _:
            advice = "It is read without signing in."
    mistakes.add(
        CREDENTIAL_NOT_ALLOWED,
        place,
        f"`{place.path}`: {registry.title} takes no credential in a cache. {advice} Remove the "
        "key.",
    )
