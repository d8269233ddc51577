"""Puts code into a topology's words, reads them, and takes back what does not mean the same.

What is written at last is what the reader takes without a mistake; whatever `drift` would still say
about the code is told here already.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from textwrap import wrap

from generator.drift.compare import compare
from generator.drift.comparison import Comparison
from generator.estate.keys_by_alias import with_keys_by_alias
from generator.frozen_data import frozen
from generator.imported.choices import Choices
from generator.imported.facts import SCOPE_SETTING, Facts, Registry
from generator.imported.lines import Page
from generator.imported.missing_inputs import left_out
from generator.imported.notes import Note
from generator.imported.wording import Worded, worded
from generator.intent.records import intend
from generator.model.errors import ToolError
from generator.model.estate import Estate, Identity, Kind, Record
from generator.model.finding import Finding, FindingKind, Severity
from generator.model.reading import Reading, Source
from generator.model.topology import RegistryPolicyMode, Topology
from generator.model.values import AccountId

_WIDTH = 96
_MOST_ROUNDS = 200
_IAM = frozenset({Kind.ATTACHMENT, Kind.MANAGED_POLICY, Kind.ROLE_POLICY})

Check = Callable[[Worded], "Checked"]
"""Reads a topology as a person's would be read."""

Drift = Callable[[Topology, Reading], tuple[Finding, ...]]
"""What `drift` says about code."""


@frozen
class Checked:
    """What the reader says to a text: the topology, or the mistakes in it."""

    topology: Topology | None
    mistakes: tuple[Finding, ...]


@frozen
class Imported:
    """A topology as text, the documents beside it by their paths, and all that it does not say."""

    text: str
    documents: Mapping[str, str]
    findings: tuple[Finding, ...]


def import_estate(
    reading: Reading,
    check: Check,
    drift: Drift,
    *,
    are_documents_files: bool,
    names: Mapping[AccountId, str] | None = None,
) -> Imported:
    """The topology that means what the code says, as far as that is known.

    The text is empty when no account with a registry is known. `names` are those of accounts that a
    person gave.
    """
    facts = Facts(
        estate=with_keys_by_alias(_without_defaults(reading)),
        statement_span=reading.statement_span,
        source=reading.source,
        names=names or {},
        words=reading.account_words,
        off_by_default=reading.off_by_default,
    )
    choices = Choices()
    for _ in range(_MOST_ROUNDS):
        words = worded(facts, choices, are_documents_files=are_documents_files)
        if not words.text:
            found = tuple(note.finding() for note in words.notes)
            return Imported(text="", documents={}, findings=(*reading.problems, *found))
        checked = check(words)
        if checked.topology is None:
            better = _without_mistakes(words, checked.mistakes, choices)
        else:
            better = _without_differences(facts, checked.topology, choices)
        if better == choices:
            break
        choices = better
    else:
        raise ToolError("the code cannot be imported", "No topology was found that is read whole.")
    if checked.topology is None:
        raise ToolError(
            "the code cannot be imported",
            "The topology that was made of it has a mistake that comes from no line of the code: "
            + "; ".join(finding.title for finding in checked.mistakes),
        )
    told = list({(note.subject, note.location): note for note in words.notes}.values())
    places = {(note.address or note.subject, note.location) for note in told} | left_out(facts)
    for note in _still(drift, reading, checked.topology):
        if (note.address or note.subject, note.location) not in places:
            places.add((note.address or note.subject, note.location))
            told.append(note)
    return Imported(
        text=_heading(told, reading) + words.text,
        documents=words.documents,
        findings=(*reading.problems, *(note.finding() for note in told)),
    )


def _without_defaults(reading: Reading) -> Estate:
    """The estate without the scope of registries that have no policy, which AWS answers all the same."""
    if reading.source is not Source.LIVE:
        return reading.estate
    with_policy = {
        (record.account, record.region)
        for record in reading.estate.records
        if record.kind is Kind.REGISTRY_POLICY
    }
    records = tuple(
        record
        for record in reading.estate.records
        if record.kind is not Kind.ACCOUNT_SETTING or (record.account, record.region) in with_policy
    )
    return Estate(records=records, roots=reading.estate.roots)


def _heading(notes: Iterable[Note], reading: Reading) -> str:
    """What readers of the topology ought to know, as comments."""
    page = Page()
    if reading.source is Source.LIVE:
        oldest = min(reading.read_at.values()).strftime("%Y-%m-%d %H:%M UTC")
        page.comment(f"What AWS had at {oldest}, as `forebay import --live` read it.")
    else:
        page.comment(
            "What the code says, as `forebay import` reads it. Lines name where it stands."
        )
    for note in notes:
        if note.is_lost:
            place = ""
            if note.location is not None:
                place = f" ({note.location.file.as_posix()}:{note.location.line})"
            page.comment(f"Not told: {note.title}{place}")
            for line in wrap(" ".join(note.message.split()), _WIDTH, break_on_hyphens=False):
                page.comment(f"  {line}")
    return page.text()


def _without_mistakes(words: Worded, mistakes: tuple[Finding, ...], choices: Choices) -> Choices:
    """The choices without what the lines with mistakes stand for."""
    dropped, exported = dict(choices.dropped), dict(choices.exported)
    elsewhere = set(choices.elsewhere)
    for mistake in mistakes:
        if mistake.location is None:
            continue
        place = mistake.location
        for owner in words.page.owners_at(place.line, place.end_line):
            sort, _, rest = owner.partition(" ")
            account, _, key = rest.partition(" ")
            if sort == "account":
                exported.setdefault(AccountId(account), mistake.title)
            elif sort == "policy":
                elsewhere.add((AccountId(account), key))
            else:
                dropped.setdefault(owner, _one_line(mistake))
    return replace(choices, dropped=dropped, exported=exported, elsewhere=frozenset(elsewhere))


def _one_line(mistake: Finding) -> str:
    return f"the topology cannot say it. {' '.join(mistake.message.split())}"


def _without_differences(facts: Facts, topology: Topology, choices: Choices) -> Choices:
    """The choices without those that make the topology ask for something else than the code has."""
    exported = dict(choices.exported)
    existing, elsewhere = set(choices.existing), set(choices.elsewhere)
    dropped = dict(choices.dropped)
    upstream_roles, template_roles = set(choices.named_roles), set(choices.named_template_roles)
    for record in _unmatched(facts, topology):
        identity = record.identity
        if identity is None:
            continue
        account, key = identity.account, identity.key
        match identity.kind:
            case Kind.SECRET | Kind.SECRET_VERSION if identity.region is not None:
                existing.add((Registry(account=account, region=identity.region), key))
            case Kind.ACCOUNT_SETTING:
                # A scope that is not V2 is told as what it is: `drift` names it.
                pass
            case Kind.REGISTRY_POLICY:
                reason = "the policy does not mean what its grants and the caches of others need"
                exported.setdefault(account, reason)
            case Kind.ROLE | Kind.ROLE_POLICY:
                is_there = identity in facts.records and identity.kind is Kind.ROLE_POLICY
                if choices.role_scope == "prefix" and is_there:
                    return replace(choices, role_scope="documented")
                name = key.partition(":")[0].rsplit("/", 1)[-1]
                roles = upstream_roles if name.endswith("upstream") else template_roles
                roles.add(account)
            case Kind.MANAGED_POLICY:
                elsewhere.add((account, key))
            case Kind.ATTACHMENT:
                elsewhere.add((account, key.partition(":")[2]))
            case Kind.CREATION_TEMPLATE:
                owner = f"template {account} {identity.region} {key}"
                dropped.setdefault(owner, "the topology has no words that mean the same.")
            case _:
                pass
    for identity in _unasked_policies(facts, topology):
        exported.setdefault(identity.account, "the topology asks for no such policy or setting")
    return replace(
        choices,
        exported=exported,
        existing=frozenset(existing),
        elsewhere=frozenset(elsewhere),
        dropped=dropped,
        named_roles=frozenset(upstream_roles),
        named_template_roles=frozenset(template_roles),
    )


def _unmatched(facts: Facts, topology: Topology) -> Iterator[Record]:
    """The records that the topology asks for and the code does not have in that way."""
    found = facts.estate.by_identity
    context: dict[AccountId, list[Record]] = {}
    for record in facts.estate.records:
        if record.kind in _IAM and isinstance(record.account, AccountId):
            context.setdefault(record.account, []).append(record)
    intended = intend(topology)
    for record in intended.records:
        identity = record.identity
        assert identity is not None  # noqa: S101 - what a topology asks for is known
        near = found.get(identity, ())
        if record.kind in _IAM:
            near = context.get(identity.account, [])
        wanted: tuple[Record, ...] = (record,)
        if record.kind is Kind.ATTACHMENT:
            wanted = (*_policies(intended, identity), record)
        comparison = Comparison(
            topology=topology,
            intended=Estate(records=wanted),
            found=Estate(records=tuple(near)),
            statement_span=lambda *_: None,
            source=facts.source,
        )
        differences = compare(comparison)
        if record.kind in {Kind.REGISTRY_POLICY, Kind.MANAGED_POLICY}:
            # Something harmless beside a grant is no difference.
            differences = (each for each in differences if each.severity is not Severity.INFO)
        if record.kind is Kind.CREATION_TEMPLATE:
            # What nobody can tell is told as such, and the template is kept.
            differences = (each for each in differences if each.kind is not FindingKind.UNDECIDED)
        if any(True for _ in differences):
            yield record


def _policies(intended: Estate, identity: Identity) -> tuple[Record, ...]:
    """The managed policy that an attachment is about."""
    key = identity.key.partition(":")[2]
    wanted = replace(identity, kind=Kind.MANAGED_POLICY, key=key)
    return tuple(record for record in intended.records if record.identity == wanted)


def _unasked_policies(facts: Facts, topology: Topology) -> Iterator[Identity]:
    wanted = {record.identity for record in intend(topology).records}
    regions = {
        account.id: account.regions
        for account in topology.accounts.values()
        if account.registry_policy is not RegistryPolicyMode.EXPORT
    }
    for identity in facts.records:
        is_policy = identity.kind is Kind.REGISTRY_POLICY or (
            identity.kind is Kind.ACCOUNT_SETTING and identity.key == SCOPE_SETTING
        )
        is_here = identity.region in regions.get(identity.account, ())
        if is_policy and is_here and identity not in wanted:
            yield identity


def _still(drift: Drift, reading: Reading, topology: Topology) -> Iterator[Note]:
    """What `drift` says about the code all the same, as something that the topology does not say."""
    for finding in drift(topology, replace(reading, problems=())):
        is_harmless = finding.rule == "different" and finding.severity is Severity.INFO
        if finding.severity.rank > Severity.LOW.rank and not is_harmless:
            continue
        yield Note(
            title=finding.title,
            message=finding.message
            if is_harmless or finding.kind is FindingKind.UNDECIDED
            else f"The topology has no way to say what {reading.source.in_words} has here. "
            f"{finding.message}",
            subject=finding.subject,
            address=finding.address,
            # Where AWS was read, nothing but the topology that is not written yet has lines.
            location=None if reading.source is Source.LIVE else finding.location,
            is_lost=not is_harmless,
        )
