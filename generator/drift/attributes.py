"""One attribute of an intended record against the same attribute of the found one."""

from collections.abc import Collection, Mapping, Sequence

from generator.drift.comparison import Comparison, place_words
from generator.drift.values import difference_words, fields_that_differ
from generator.drift.words import (
    CHANGES,
    identity_text,
    remedy,
    severity,
    the,
    why_unknown,
)
from generator.estate.spellings import Verdict, compare_attribute, holds_unknown
from generator.model.estate import Absent, Attribute, Kind, Known, Record
from generator.model.finding import Finding, FindingKind, Severity
from generator.model.reading import Source
from generator.model.span import Span


def attribute_difference(
    comparison: Comparison, intended: Record, found: Record, name: str
) -> Finding | None:
    """What is different about one attribute that is no policy, or why nobody can tell."""
    wanted, actual = intended.get(name), found.get(name)
    if (intended.kind, name) in _NOT_IN.get(comparison.source, ()):
        return None
    if name == "version_stages" and _still_labelled(comparison.source, wanted, actual):
        return None
    match compare_attribute(name, wanted, actual):
        case Verdict.SAME:
            return None
        case Verdict.CANNOT_TELL:
            return undecided(comparison, intended, found, name, why_unknown(actual))
        case Verdict.DIFFERENT:
            return Finding(
                kind=FindingKind.DRIFT,
                rule="different",
                severity=severity(intended.kind),
                title=f"The {name} of {the(intended)} is not what the topology says",
                message=(
                    f"{place_words(comparison, intended)}: "
                    f"{difference_words(comparison.source, name, wanted, actual)}. "
                    f"{CHANGES[comparison.source]}"
                ),
                subject=f"{identity_text(intended)} {name}",
                address=found.address,
                location=_argument(comparison, intended, found, name, wanted, actual),
                within=place_to_edit(actual, found),
                topology=wanted.span or intended.span,
            )


def _argument(
    comparison: Comparison,
    intended: Record,
    found: Record,
    name: str,
    wanted: Attribute,
    actual: Attribute,
) -> Span | None:
    """Where a person changes a value: the argument that makes it, where an entry has just one."""
    place = place_to_edit(actual, found)
    names = _ARGUMENTS.get((intended.kind, name), ())
    if place is None or not names:
        return place
    differing = {
        field: names[field] for field in fields_that_differ(name, wanted, actual) if field in names
    }
    wanted_names = differing or names
    chosen = [argument for each in wanted_names.values() for argument in each]
    return comparison.argument_in(place, chosen) or place


_CREDENTIAL = ("credential_secret_name", "credential_arn")
_ROLE = ("custom_role_name", "custom_role_arn")
_ARGUMENTS: Mapping[tuple[Kind, str], Mapping[str, Sequence[str]]] = {
    (Kind.CACHE_RULE, "credential_arn"): {"": _CREDENTIAL},
    (Kind.CACHE_RULE, "custom_role_arn"): {"": _ROLE},
    (Kind.CREATION_TEMPLATE, "custom_role_arn"): {"": _ROLE},
    (Kind.CREATION_TEMPLATE, "encryption_configuration"): {
        "encryption_type": ("encryption_type",),
        "kms_key": ("kms_key_arn",),
    },
    (Kind.CREATION_TEMPLATE, "lifecycle_policy"): {
        "": ("expire_after_days", "keep_images", "lifecycle_policy")
    },
}
"""The arguments of forebay's modules that make an attribute, by its field where they make several."""


def place_to_edit(actual: Attribute, found: Record) -> Span | None:
    """Where a person changes a value: at itself, unless that is in a module that only passes it on.

    What a module does with the entry of a call is the module's; what is wrong is the entry.
    """
    span, own = actual.span, found.span
    if span is None or own is None:
        return span or own
    passes_on = (
        span.file.parent != own.file.parent
        and own.file.parent.name == found.root.rpartition("/")[2]
    )
    return own if passes_on and found.address.endswith("]") else span


_NOT_IN: Mapping[Source, Collection[tuple[Kind, str]]] = {
    # Terraform's own numbers, of which AWS knows nothing.
    Source.LIVE: {
        (Kind.SECRET_VERSION, "secret_string_wo_version"),
        (Kind.SECRET, "recovery_window_in_days"),
    }
}
"""What a source never shows of records that it has."""


def _still_labelled(source: Source, wanted: Attribute, actual: Attribute) -> bool:
    """Whether a version of a secret has the labels that are its own.

    Code says which labels it begins with; later a rotation moves AWS's labels to newer versions,
    which Terraform is told to ignore and a plan or a state shows.
    """
    if source is Source.CODE:
        return False
    mine, theirs = _own_labels(wanted), _own_labels(actual)
    return mine is not None and mine == theirs


def _own_labels(stages: Attribute) -> set[str] | None:
    """The labels that AWS does not move; `None` when they are not known."""
    match stages:
        case Absent():
            return set()
        case Known(value=tuple() as labels) if not holds_unknown(labels):
            return {label for label in map(str, labels) if not label.startswith("AWS")}
        case _:
            return None


def undecided(
    comparison: Comparison, intended: Record, found: Record, name: str, reason: str
) -> Finding:
    """The open question whether an attribute is right."""
    # The policy of a policy is the policy.
    whole = the(intended) if name == "policy" else f"the {name} of {the(intended)}"
    return Finding(
        kind=FindingKind.UNDECIDED,
        rule="different",
        severity=Severity.MEDIUM,
        title=f"Cannot tell whether {whole} is right",
        message=(
            f"{place_words(comparison, intended)}: `{name}` cannot be known from {comparison.source.in_words} alone: {reason}. "
            f"{remedy(comparison.source, reason)}"
        ),
        subject=f"{identity_text(intended)} {name}",
        address=found.address,
        location=found.get(name).span or found.span,
        topology=intended.get(name).span or intended.span,
    )
