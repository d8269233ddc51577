"""What `doctor` shows of a pull: the image and its cache, and causes as results."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from generator.doctor.cases import Case, Cause
    from generator.model.finding import Finding


def head(case: "Case") -> str:
    """The image, its cache and what was said of it, as a table."""
    failure, cache = case.failure, case.cache
    rows = []
    if failure.image.name:
        of_account = (
            f" in account {case.account}" if case.account and not failure.image.host else ""
        )
        rows.append(("Image", f"{failure.image.name}{of_account}"))
    if cache is not None:
        place = (
            f"{cache.account}/{cache.region}"
            if case.registry or failure.image.region
            else cache.account
        )
        rows.append(("Cache", f"{cache.prefix} in {place}, from {cache.upstream_host}"))
    if failure.symptom is not None:
        said = f": {failure.said}" if failure.said else ""
        rows.append(("Symptom", f"{failure.symptom}{said}"))
    if failure.reason:
        rows.append(("Reason", failure.reason))
    if failure.succeeded:
        rows.append(("Event", "the cache brought the image up to date; nothing failed"))
    from generator.model.printable import one_line

    width = max((len(name) for name, _ in rows), default=0)
    return "".join(f"{name:<{width}}  {one_line(value)}\n" for name, value in rows)


def finding_of(cause: "Cause", subject: str) -> "Finding":
    """A cause as a result."""
    from generator.model.finding import Finding, FindingKind, Severity

    return Finding(
        kind=FindingKind.FINDING if cause.is_proved else FindingKind.UNDECIDED,
        rule=cause.name,
        severity=Severity.HIGH if cause.is_proved else Severity.MEDIUM,
        title=cause.title,
        message=cause.message,
        subject=subject,
        topology=cause.span,
    )


def row(case: "Case") -> "dict[str, str | None]":
    """The same for programs."""
    image, cache = case.failure.image, case.cache
    return {
        "image": image.name or None,
        "account": case.account,
        "region": image.region,
        "prefix": None if cache is None else str(cache.prefix),
        "symptom": None if case.failure.symptom is None else str(case.failure.symptom),
        "said": case.failure.said or None,
    }
