"""Reads plans, or states, into one estate: what will be, or what is recorded."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from generator.estate.resources import RecordBuilder
from generator.frozen_data import frozen
from generator.model.estate import Estate, Identity, Kind, Record, Root, Unknown
from generator.model.finding import Finding, FindingKind, Severity
from generator.model.reading import Reading, Source, UnreadModule
from generator.model.span import Span, first_line
from generator.state.aliases import with_aliases
from generator.state.document import (
    Document,
    UnusableFileError,
    elements,
    fields,
    parse_document,
    word,
)
from generator.state.followed import followed
from generator.state.resources import StateResource, accounts_of, forgotten_by, resources_of
from generator.state.session_policies import session_policies

if TYPE_CHECKING:
    from generator.model.values import AccountId

_MAY_LIST = frozenset({Kind.ROLE_POLICY, Kind.ATTACHMENT})
# What pulls stand still for while it is replaced.
_CARRIES_PULLS = frozenset(
    {
        "aws_ecr_pull_through_cache_rule",
        "aws_ecr_registry_policy",
        "aws_iam_role",
        "aws_iam_role_policy",
        "aws_iam_policy",
        "aws_secretsmanager_secret",
    }
)


@frozen
class StateFile:
    """A file with the JSON of a plan or state: its name, for messages, and its bytes."""

    file: Path
    content: bytes


def read_state_files(files: Iterable[StateFile], source: Source) -> Reading:
    """Read files that hold plans (or states) as `source` says.

    One that cannot be used is a problem in the result, and the rest is still read.
    """
    records: list[Record] = []
    forgotten: list[Record] = []
    roots: list[Root] = []
    problems: list[Finding] = []
    incomplete: list[UnreadModule] = []
    for file in files:
        name = file.file.as_posix()
        try:
            document = parse_document(file.content, name=name, expected=source)
            resources = resources_of(document, file.file)
            if source is Source.PLAN:
                resources = followed(document, resources)
        except UnusableFileError as error:
            problems.append(unusable_file(file.file, error))
            continue
        made = with_aliases(RecordBuilder(name, resources).records(), resources)
        found = _without_repeats(made)
        records.extend(found)
        records.extend(session_policies(document, name, first_line(file.file)))
        roots.extend(_roots(name, file.file, document, resources))
        if source is Source.PLAN:
            forgotten.extend(RecordBuilder(name, forgotten_by(document, file.file)).records())
            incomplete.extend(incomplete_plan(name, file.file, document))
            problems.extend(_replaced(document, resources))
    # What one plan forgets, another one may import.
    owned = {record.identity for record in records}
    records.extend(one for one in forgotten if one.identity is None or one.identity not in owned)
    return Reading(
        source=source,
        estate=Estate(records=tuple(records), roots=tuple(roots)),
        problems=tuple(problems),
        unread_modules=tuple(incomplete),
    )


def _without_repeats(records: Iterable[Record]) -> list[Record]:
    """The records without what a role lists of policies that have a resource of their own.

    The provider writes everything that a role has into the role's `inline_policy` and
    `managed_policy_arns`, whoever made it.
    """
    kept = list(records)
    own: set[Identity] = {
        record.identity
        for record in kept
        if record.kind in _MAY_LIST and record.identity is not None and not _is_listed(record)
    }
    return [record for record in kept if not (_is_listed(record) and record.identity in own)]


def _is_listed(record: Record) -> bool:
    return ".inline_policy[" in record.address or ".managed_policy_arns[" in record.address


def _roots(
    name: str, file: Path, document: Document, resources: Sequence[StateResource]
) -> Iterator[Root]:
    """One root for each account that the file acts in; one without an account when it shows none."""
    accounts: set[AccountId] = set(accounts_of(document))
    accounts.update(
        resource.account
        for resource in resources
        if resource.is_managed and not isinstance(resource.account, Unknown)
    )
    for account in sorted(accounts):
        yield Root(name=name, account=account, first_file=first_line(file))
    if not accounts:
        unknown = Unknown(reason="nothing in the file tells it", reference=f"the account of {name}")
        yield Root(name=name, account=unknown, first_file=first_line(file))


def incomplete_plan(name: str, file: Path, document: Document) -> Iterator[UnreadModule]:
    """Why a plan does not tell everything that an apply would do."""
    content = document.content
    reason = ""
    if content.get("errored") is True:
        reason = "planning ended with an error"
    elif content.get("complete") is False or elements(content.get("deferred_changes")):
        reason = "Terraform says that it is not complete (`-target`, or changes put off for later)"
    if reason:
        yield UnreadModule(
            root=name,
            address=name,
            span=first_line(file),
            reason=reason,
            title="A plan is not complete",
            remedy="Plan the whole root module.",
        )


def _replaced(document: Document, resources: Sequence[StateResource]) -> Iterator[Finding]:
    """One warning for each resource that the plan deletes and creates anew."""
    spans: dict[str, Span] = {resource.address: resource.span for resource in resources}
    for change in map(fields, elements(document.content.get("resource_changes"))):
        actions = set(map(word, elements(fields(change.get("change")).get("actions"))))
        address = word(change.get("address"))
        if actions != {"create", "delete"} or word(change.get("type")) not in _CARRIES_PULLS:
            continue
        yield Finding(
            kind=FindingKind.FINDING,
            rule="plan-replaces",
            severity=Severity.WARNING,
            title="The plan deletes and creates anew",
            message=(
                f"`{address}` is replaced: between the two, what depends on it does not work (pulls "
                "that need it are refused). Apply it when that is acceptable."
            ),
            subject=address,
            address=address,
            location=spans.get(address),
        )


def unusable_file(file: Path, error: UnusableFileError) -> Finding:
    """The result that stands for a file that is no plan or state."""
    place = Span(
        file=file,
        line=error.line,
        column=error.column,
        end_line=error.line,
        end_column=error.column + 1,
    )
    return Finding(
        kind=FindingKind.ERROR,
        rule="unreadable-file",
        severity=Severity.HIGH,
        title=f"{file.name} is not a plan or state that can be read",
        message=f"`{file.as_posix()}` {error}.",
        subject=file.as_posix(),
        location=place,
    )
