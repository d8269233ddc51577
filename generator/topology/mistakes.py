"""The rules about a topology file, and the collector of everything that is wrong in one run."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from generator.frozen_data import frozen
from generator.model.edit import Edit, NoEdit
from generator.model.finding import Finding, FindingKind, Severity, in_order
from generator.model.quotes import nearest, quoted
from generator.model.span import Span
from generator.topology.document import AliasUse
from generator.topology.slips import certain_word


@frozen
class MistakeRule:
    """One thing that can be wrong in a topology: its name, its title and how bad it is."""

    name: str
    title: str
    severity: Severity = Severity.HIGH


ARCHIVED_IMAGES: Final = MistakeRule(
    name="archived-images",
    title="A lifecycle rule archives images of a cache",
    severity=Severity.WARNING,
)
ACCOUNT_TWICE: Final = MistakeRule(
    name="account-twice", title="Two accounts of the topology have the same account id"
)
BUILT_IN_NAME: Final = MistakeRule(
    name="built-in-name", title="A built-in upstream name stands for another registry"
)
CACHED_LEVEL: Final = MistakeRule(
    name="cached-level",
    title="A grant without import rights depends on behaviour that AWS does not document",
    severity=Severity.INFO,
)
CACHE_OF_A_CACHE: Final = MistakeRule(
    name="cache-of-a-cache",
    title="A cache takes its images from another cache",
    severity=Severity.WARNING,
)
CACHE_IMMUTABLE: Final = MistakeRule(
    name="cache-immutable",
    title="Tags of a cache never move",
    severity=Severity.WARNING,
)
CREDENTIAL_CONFLICT: Final = MistakeRule(
    name="credential-conflict", title="One secret is described in two different ways"
)
CREDENTIAL_NOT_ALLOWED: Final = MistakeRule(
    name="credential-not-allowed", title="The upstream registry takes no credential"
)
CROSSES_PARTITIONS: Final = MistakeRule(
    name="crosses-partitions", title="Two sides of one connection lie in different AWS partitions"
)
DANGLING_NAME: Final = MistakeRule(
    name="dangling-name", title="A name stands for nothing in the topology"
)
DOCUMENT_UNREADABLE: Final = MistakeRule(
    name="document-unreadable", title="A document that the topology names cannot be used"
)
DUPLICATE_KEY: Final = MistakeRule(name="duplicate-key", title="A key stands twice in one mapping")
EMPTY_VALUE: Final = MistakeRule(name="empty-value", title="A value is empty")
FOREBAY_VERSION: Final = MistakeRule(
    name="forebay-version", title="The topology is for another version of forebay"
)
GRANT_TWICE: Final = MistakeRule(
    name="grant-twice",
    title="A grant repeats what another grant gives already",
    severity=Severity.WARNING,
)
HOST_DOES_NOT_FIT: Final = MistakeRule(
    name="host-does-not-fit", title="The host does not belong to the upstream registry"
)
IDENTITY_NEEDS_EXACT_ROLE: Final = MistakeRule(
    name="identity-needs-exact-role", title="Only one exact role can get a policy attached"
)
INCLUDE_NESTED: Final = MistakeRule(
    name="include-nested", title="An included file includes other files"
)
INCLUDE_UNREADABLE: Final = MistakeRule(
    name="include-unreadable", title="A file to include cannot be used"
)
INVALID_VALUE: Final = MistakeRule(name="invalid-value", title="A value is not allowed here")
KEPT_STATEMENTS: Final = MistakeRule(
    name="kept-statements", title="The statements to keep cannot be used"
)
KMS_KEY_REGION: Final = MistakeRule(
    name="kms-key-region", title="A KMS key is not in the region of the registry"
)
LIFECYCLE_REFUSED: Final = MistakeRule(
    name="lifecycle-refused", title="ECR does not take these lifecycle rules"
)
LISTED_TWICE: Final = MistakeRule(name="listed-twice", title="A list names the same thing twice")
MERGE_KEY: Final = MistakeRule(
    name="merge-key", title="Merge keys are not part of the topology language"
)
MISSING_CREDENTIAL: Final = MistakeRule(
    name="missing-credential", title="The upstream registry needs a credential"
)
MISSING_KEY: Final = MistakeRule(name="missing-key", title="A key is missing")
NAME_TOO_LONG: Final = MistakeRule(
    name="name-too-long", title="A name in AWS would become too long"
)
NOT_FOR_THIS_REGISTRY: Final = MistakeRule(
    name="not-for-this-registry", title="The upstream registry does not take this key"
)
ONE_FOLDER_TWICE: Final = MistakeRule(
    name="one-folder-twice", title="Two accounts would be written to one folder"
)
ONE_STATE_TWICE: Final = MistakeRule(
    name="one-state-twice", title="Two accounts would keep their state in one place"
)
OWN_UPSTREAM: Final = MistakeRule(name="own-upstream", title="A registry is its own upstream")
POLICY_NAME_TWICE: Final = MistakeRule(
    name="policy-name-twice", title="Two consumers would get policies of one name"
)
PREFIX: Final = MistakeRule(name="prefix", title="A repository prefix is not allowed")
PREFIX_NESTED: Final = MistakeRule(
    name="prefix-nested",
    title="A repository prefix lies inside another one",
    severity=Severity.WARNING,
)
PREFIX_TWICE: Final = MistakeRule(
    name="prefix-twice", title="Two caches of one registry have the same prefix"
)
REGION_OUTSIDE: Final = MistakeRule(
    name="region-outside", title="A region is not one that the account or set has"
)
REGISTRY_POLICY_UNDECIDED: Final = MistakeRule(
    name="registry-policy-undecided",
    title="Nobody said who writes the registry policy of an account",
)
ROOT_WITH_UPSTREAM_PREFIX: Final = MistakeRule(
    name="root-with-upstream-prefix", title="A cache without a prefix has an upstream prefix"
)
SECOND_DOCUMENT: Final = MistakeRule(
    name="second-document", title="The file holds more than one YAML document"
)
SECRET_IN_TOPOLOGY: Final = MistakeRule(
    name="secret-in-topology", title="A secret stands in the topology"
)
SECRET_NAME: Final = MistakeRule(
    name="secret-name", title="A secret's name is not one that ECR or Secrets Manager takes"
)
SERVICE_AS_CONSUMER: Final = MistakeRule(
    name="service-as-consumer", title="A service cannot be a consumer"
)
TEMPLATE_TWICE: Final = MistakeRule(
    name="template-twice", title="One prefix of a registry gets two creation templates"
)
TOO_MANY_RULES: Final = MistakeRule(
    name="too-many-rules", title="A registry has more caches than ECR allows"
)
TWO_SCOPES: Final = MistakeRule(name="two-scopes", title="Two keys exclude each other")
UNKNOWN_KEY: Final = MistakeRule(name="unknown-key", title="A key is unknown")
UNKNOWN_REGION: Final = MistakeRule(name="unknown-region", title="AWS has no such region")
UNKNOWN_REGISTRY: Final = MistakeRule(
    name="unknown-registry", title="ECR cannot cache from this registry"
)
UNTAGGED_EXPIRY: Final = MistakeRule(
    name="untagged-expiry",
    title="A lifecycle rule expires images that are pulled by digest",
    severity=Severity.WARNING,
)
UNUSED_CONSUMER: Final = MistakeRule(
    name="unused-consumer", title="No grant names this consumer", severity=Severity.WARNING
)
UNUSED_GRANT: Final = MistakeRule(
    name="unused-grant", title="A grant covers no cache", severity=Severity.WARNING
)
UNUSED_TEMPLATE: Final = MistakeRule(
    name="unused-template", title="Nothing uses this creation template", severity=Severity.WARNING
)
UNUSED_UPSTREAM: Final = MistakeRule(
    name="unused-upstream", title="No cache uses this upstream", severity=Severity.WARNING
)
VERSION_IMPOSSIBLE: Final = MistakeRule(
    name="version-impossible", title="No version can do what the topology asks for"
)
WITHOUT_EFFECT: Final = MistakeRule(name="without-effect", title="A key has no effect here")
WRONG_TYPE: Final = MistakeRule(name="wrong-type", title="A value has the wrong type")
YAML_TAG: Final = MistakeRule(
    name="yaml-tag", title="YAML tags are not part of the topology language"
)


def mistake_rules() -> tuple[MistakeRule, ...]:
    """Every rule about topology files, by name."""
    rules = (value for value in globals().values() if isinstance(value, MistakeRule))
    return tuple(sorted(rules, key=lambda rule: rule.name))


@frozen
class Place:
    """A value's place: its span, its path from the top of the file, and the alias it came by."""

    span: Span
    path: str
    use: AliasUse | None = None

    def below(self, key: str, span: Span, use: AliasUse | None) -> "Place":
        """The place of the value of `key` in this one."""
        return Place(span=span, path=f"{self.path}.{key}" if self.path else key, use=use)

    @property
    def shown(self) -> Span:
        """The span to point at: the alias, for a value that came by one."""
        return self.span if self.use is None else self.use.span


class Mistakes:
    """Collects mistakes and warnings, so that one run shows all of them."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, Span, str], Finding] = {}
        self._through_alias: dict[tuple[str, Span, str, str], Finding] = {}
        self._suggestions = 0

    def add(
        self,
        rule: MistakeRule,
        place: Place,
        message: str,
        edit: Edit | NoEdit | None = None,
    ) -> None:
        """Note one mistake at a place; `message` says what, where, why and how to fix it.

        `edit` is what the message prints, where a program can do it.
        """
        finding = Finding(
            kind=FindingKind.FINDING,
            rule=rule.name,
            severity=rule.severity,
            title=rule.title,
            message=message,
            subject=place.path,
            location=place.span,
            topology=place.span,
            edit=edit,
        )
        # The words without the path in front: what an anchored value and its uses have in common.
        words = re.sub("^`[^`]*`: ", "", message)
        if place.use is None:
            self._found.setdefault((rule.name, place.span, words), finding)
            return
        use = place.use
        origin = (
            f"The value comes from the anchor `&{use.name}` on line {use.anchor.line}, used here "
            f"as `*{use.name}`."
        )
        through = replace(
            finding,
            message=f"{message}\n{origin}",
            location=use.span,
            topology=use.span,
            edit=edit and NoEdit(reason=f"{origin} An edit there would change every use of it."),
        )
        self._through_alias.setdefault((rule.name, place.span, words, place.path), through)

    def nearest(self, word: str, candidates: Iterable[str]) -> str | None:
        """The candidate that a misspelled word probably means, if there is one."""
        # After so many mistakes no suggestion helps.
        if self._suggestions >= 200:
            return None
        self._suggestions += 1
        return nearest(word, candidates)

    def suggest(self, word: str, candidates: Iterable[str]) -> str:
        """A "did you mean" sentence with a leading space, or nothing."""
        near = self.nearest(word, candidates)
        return f" Did you mean {quoted(near)}?" if near is not None else ""

    def correction(
        self, word: str, place: Place, candidates: Iterable[str], *, are_names: bool = False
    ) -> tuple[str, Edit | NoEdit | None]:
        """A "did you mean" sentence for the word at a place, or nothing, and the edit that it prints.

        There is an edit only where no other candidate can be meant. `are_names` says that people gave
        the candidates, so that two of them may be one letter apart.
        """
        known = tuple(candidates)
        near = self.nearest(word, known)
        if near is None:
            return "", None
        sentence = f" Did you mean {quoted(near)}?"
        if certain_word(word, known, are_names=are_names) != near:
            unsure = f"It is not certain that {quoted(near)} is meant."
            return sentence, NoEdit(reason=unsure)
        return sentence, Edit(span=place.span, before=word, after=near)

    @property
    def any_mistake(self) -> bool:
        """Whether anything worse than a warning was found."""
        found = (*self._found.values(), *self._through_alias.values())
        return any(finding.severity.rank < Severity.WARNING.rank for finding in found)

    def findings(self) -> tuple[Finding, ...]:
        """Everything found, in the order of the file."""
        # The same thing wrong in an anchored value is said once, at the anchor.
        through_alias = (
            finding
            for (rule, span, words, _), finding in self._through_alias.items()
            if (rule, span, words) not in self._found
        )
        return _told_apart(in_order((*self._found.values(), *through_alias)))


def _told_apart(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings of which no two have one fingerprint: repetitions of one subject are numbered."""
    seen: Counter[str] = Counter()
    numbered = []
    for finding in findings:
        seen[finding.fingerprint] += 1
        number = seen[finding.fingerprint]
        again = replace(finding, subject=f"{finding.subject}, number {number}")
        numbered.append(finding if number == 1 else again)
    return tuple(numbered)


def line_of(span: Span, seen_from: Span) -> str:
    """The line of a span, and its file where that is another one, to name it in a message."""
    if span.file == seen_from.file:
        return f"line {span.line}"
    folder = seen_from.file.parent
    file = span.file.relative_to(folder) if span.file.is_relative_to(folder) else span.file
    return f"line {span.line} of {quoted(file.as_posix())}"
