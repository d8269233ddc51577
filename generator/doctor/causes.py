"""Which causes each symptom can have, the likeliest first.

Each cause says how to tell it from the others, and what to do. A cause is proved when the text or
the topology shows it; all others need a look into AWS.
"""

from collections.abc import Callable, Iterator

from generator.doctor import access, clients, credentials, places, registries, upstreams
from generator.doctor.cases import Case, Cause
from generator.doctor.messages import Symptom

_Judge = Callable[[Case], Iterator[Cause]]
_MISSING: tuple[_Judge, ...] = (
    upstreams.library,
    access.create,
    registries.rule_applied,
    registries.template,
    upstreams.ecr_upstream,
    clients.no_import,
)
_NO_IMAGE: tuple[_Judge, ...] = (
    upstreams.library,
    upstreams.digest_first,
    access.import_image,
    upstreams.not_upstream,
    upstreams.ecr_upstream,
    clients.no_import,
)

_BY_SYMPTOM: dict[Symptom, tuple[_Judge, ...]] = {
    Symptom.ACCESS_DENIED: (access.denied,),
    Symptom.SECRET_MISSING: (credentials.secret_missing,),
    Symptom.SECRET_UNREADABLE: (credentials.secret_unreadable,),
    Symptom.SECRET_ENCRYPTED: (credentials.secret_encrypted,),
    Symptom.UPSTREAM_UNSUPPORTED: (upstreams.unsupported,),
    Symptom.UPSTREAM_LOGIN: (upstreams.library, credentials.token),
    Symptom.UPSTREAM_LIMIT: (upstreams.limit,),
    Symptom.UPSTREAM_FAILED: (
        upstreams.library,
        upstreams.upstream_failed,
        credentials.token,
        upstreams.ecr_upstream,
    ),
    Symptom.CREDENTIAL_REMOVED: (credentials.credential_removed,),
    Symptom.RULE_MISSING: (registries.rule_applied,),
    Symptom.KEY_FAILED: (registries.key,),
    Symptom.IMAGE_ARCHIVED: (registries.archived,),
    Symptom.TAG_IMMUTABLE: (registries.immutable,),
    Symptom.REGION_DISABLED: (registries.region_disabled,),
    Symptom.LAMBDA_SOURCE: (clients.lambda_image,),
    Symptom.NOT_LOGGED_IN: (clients.login,),
    Symptom.NETWORK: (clients.network,),
    Symptom.IMAGE_MISSING: _NO_IMAGE,
    Symptom.REPOSITORY_MISSING: _MISSING,
    Symptom.FORBIDDEN: (upstreams.library, access.scope, clients.login),
    Symptom.NOT_FOUND: (
        upstreams.library,
        upstreams.digest_first,
        access.create,
        access.import_image,
        registries.rule_applied,
        upstreams.not_upstream,
        registries.template,
        upstreams.ecr_upstream,
        clients.no_import,
    ),
}
"""What is asked for each symptom, the likeliest first."""


def causes_of(case: Case) -> tuple[Cause, ...]:
    """The causes in the order in which to look; the proved ones alone, where there are any."""
    symptom = case.failure.symptom
    found = [*places.place(case)]
    if not found and symptom is not None:
        for judge in _BY_SYMPTOM[symptom]:
            found.extend(judge(case))
    proved = tuple(cause for cause in found if cause.is_proved)
    return proved or tuple({cause.name: cause for cause in found}.values())
