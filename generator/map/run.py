"""A run of a command, told on the page: its results, what they are about, what was proved."""

import re
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum

from generator.frozen_data import frozen
from generator.map.folding import Drawing
from generator.map.graph import CacheEdge, ConsumerNode, Edge, GrantEdge, Key, RegistryNode
from generator.map.texts import Quote
from generator.model.estate import Identity, Kind
from generator.model.finding import Finding
from generator.model.span import Span
from generator.model.topology import Topology


class Status(StrEnum):
    """How a result is shown, the worst first."""

    WRONG = "wrong"
    UNDECIDED = "undecided"
    WARNING = "warning"
    NOTE = "note"

    @property
    def rank(self) -> int:
        """Position in the order from worst (0) to mildest."""
        return list(Status).index(self)


@frozen
class CodeLine:
    """A line of an excerpt; the number is empty for a gap, `marks` are carets below the text."""

    number: str
    text: str
    marks: str


@frozen
class Paragraph:
    """A part of a message: lines to copy, or a sentence."""

    text: str
    is_code: bool

    @property
    def parts(self) -> Sequence[str]:
        """The sentence as words and code by turns."""
        return words_and_code(self.text)


@frozen
class Step:
    """One step of a witness's story."""

    label: str
    text: str
    is_code: bool = True

    @property
    def parts(self) -> Sequence[str]:
        """What it says as words and code by turns."""
        return ("", self.text) if self.is_code else words_and_code(self.text)


def words_and_code(text: str) -> Sequence[str]:
    """A text as words and code by turns; without a partner for each, no backtick is ours."""
    return text.split("`") if text.count("`") % 2 == 0 else (text,)


@frozen
class Result:
    """One result, ready to be shown; `finding` says where it belongs on the map."""

    finding: Finding
    status: Status
    label: str
    title: str
    place: str
    excerpt: Sequence[CodeLine]
    paragraphs: Sequence[Paragraph]
    story: Sequence[Step]
    decider: Sequence[CodeLine]
    topology: Quote | None


@frozen
class Notes:
    """Notes of one rule, told together; each line is words and code by turns."""

    title: str
    rule: str
    lines: Sequence[Sequence[str]]


@frozen
class Proof:
    """What was asked about one thing: how many questions, and those that turned out well."""

    suite: str
    questions: int
    proved: Sequence[str]


@frozen
class Run:
    """What a command had to say. `verdict` is one line; `is_good` says that nothing is to be done;
    `text` is what stands before the results, and `not_quoted` of them
    are the last ones, which stand there without code and witness.
    """

    command: str
    verdict: str
    proof: str
    is_good: bool
    text: str
    results: Sequence[Result]
    not_quoted: int
    notes: Sequence[Notes]
    proofs: Sequence[Proof]


def touched(
    topology: Topology, drawn: Drawing, results: Sequence[Result]
) -> tuple[tuple[str, ...], ...]:
    """The ids of the nodes and edges that each result is about; none for what is not on the map."""
    finder = _Finder(topology, drawn)
    return tuple(tuple(finder.ids(result.finding)) for result in results)


_ECR_ARN = re.compile(r"arn:[\w-]+:ecr:([\w-]+):(\d{12}):repository/(.*)")
_ARN_ACCOUNT = re.compile(r"arn:[\w-]+:(?:iam|sts)::(\d{12}):(?:role|assumed-role)/(.*)")
_REGION = re.compile(r"module\.(?:cache|access|credentials)_([a-z0-9_]+)")


class _Finder:
    """Finds what a finding is about: by its line of the topology, its witness, its place in code."""

    def __init__(self, topology: Topology, drawn: Drawing) -> None:
        self._names = {str(account.id): name for name, account in topology.accounts.items()}
        self._folders = {topology.folder(name): name for name in topology.managed_accounts}
        self._lines: dict[tuple[str, int], set[str]] = {}
        self._registries: dict[tuple[str, str], str] = {}
        self._accounts: dict[str, set[str]] = {}
        self._roles: dict[tuple[str, str], set[str]] = {}
        self._grants: dict[tuple[str, str], str] = {}
        self._about: dict[str, set[str]] = {}
        self._caches: dict[tuple[str, str, str], str] = {}
        self._secrets: dict[tuple[str, str, str], set[str]] = {}
        self._policies: dict[tuple[str, str], set[str]] = {}
        places: dict[Key, str] = {}
        for number, group in enumerate(drawn.groups):
            for node in group.members:
                places[node.key] = f"n{number}"
                if isinstance(node, RegistryNode | ConsumerNode) and node.account is not None:
                    self._about.setdefault(f"n{number}", set()).add(node.account)
                if isinstance(node, RegistryNode):
                    self._registries[node.account, node.region] = f"n{number}"
                    self._accounts.setdefault(node.account, set()).add(f"n{number}")
                    self._note(topology.accounts[node.account].span, f"n{number}")
                if isinstance(node, ConsumerNode):
                    for role in node.consumer.role_patterns or ("*",):
                        self._roles.setdefault((node.account or "", role), set()).add(f"n{number}")
                    self._note(node.consumer.span, f"n{number}")
                    policy = (node.account or "", topology.name_prefix + node.consumer.policy_name)
                    self._policies.setdefault(policy, set()).add(f"n{number}")
        for number, bundle in enumerate(drawn.bundles):
            for edge in bundle.edges:
                self._grants[places[edge.source], places[edge.target]] = f"e{number}"
                for end in (places[edge.source], places[edge.target]):
                    self._about.setdefault(f"e{number}", set()).update(self._about.get(end, ()))
                for span in _spans(edge):
                    self._note(span, f"e{number}")
                if isinstance(edge, CacheEdge):
                    self._cached(edge, f"e{number}")

    def _note(self, span: Span, name: str) -> None:
        self._lines.setdefault((span.file.as_posix(), span.line), set()).add(name)

    def _cached(self, edge: CacheEdge, name: str) -> None:
        for cache in edge.caches:
            self._caches[cache.account, cache.region, cache.prefix] = name
            if cache.credential is not None:
                secret = (cache.account, cache.region, cache.credential.secret)
                self._secrets.setdefault(secret, set()).add(name)

    def ids(self, finding: Finding) -> Iterator[str]:
        """The ids of what a finding is about, each once."""
        registries, consumers = self._of_witness(finding)
        if registries and not consumers:
            # Somebody whom no grant is about gets in: none of the drawn grants is wrong.
            yield from dict.fromkeys(registries)
            return
        found: dict[str, None] = {}
        for span in (finding.topology, finding.location):
            if span is not None:
                ids = self._lines.get((span.file.as_posix(), span.line), ())
                found.update(dict.fromkeys(self._of_account(sorted(ids), finding)))
        found.update(dict.fromkeys((*registries, *consumers)))
        for registry in registries:
            for consumer in consumers:
                if (edge := self._grants.get((registry, consumer))) is not None:
                    found[edge] = None
        if not found:
            found.update(dict.fromkeys(self._of_thing(finding.about) or self._of_code(finding)))
        yield from found

    def _of_account(self, ids: Sequence[str], finding: Finding) -> Sequence[str]:
        """Those that have to do with the account whose code it is, where one line asks for several."""
        account = self._account_of(finding)
        return [one for one in ids if account in self._about.get(one, ())] or ids

    def _account_of(self, finding: Finding) -> str | None:
        """The account of the root module that the finding's file lies in."""
        if finding.location is None:
            return None
        folder = finding.location.file.parent.as_posix()
        for path, name in self._folders.items():
            if folder == path or folder.endswith(f"/{path}"):
                return name
        return None

    def _of_witness(self, finding: Finding) -> tuple[list[str], list[str]]:
        if finding.witness is None:
            return [], []
        registries, consumers = [], []
        if match := _ECR_ARN.fullmatch(finding.witness.resource):
            account = self._names.get(match[2], "")
            if (node := self._registries.get((account, match[1]))) is not None:
                registries.append(node)
        if match := _ARN_ACCOUNT.match(finding.witness.principal):
            account = self._names.get(match[1], match[1])
            role = match[2]
            for (where, pattern), nodes in self._roles.items():
                if where == account and _is_like(role, pattern):
                    consumers += sorted(nodes)
        return registries, consumers

    def _of_thing(self, about: Identity | None) -> list[str]:
        """What has to do with a thing that no line of the topology and no code of ours is about."""
        account = self._names.get(str(about.account)) if about is not None else None
        if about is None or account is None:
            return []
        if about.region is None:
            parts = about.key.split(":", 1)
            found = {name for part in parts for name in self._of_role(account, part)}
            for part in parts:
                found |= self._policies.get((account, part.rpartition("/")[2]), set())
            return sorted(found or self._accounts.get(account, set()))
        place = (account, about.region, about.key)
        found = self._secrets.get(place, set())
        if about.kind is Kind.CACHE_RULE and place in self._caches:
            found = {self._caches[place]}
        registry = self._registries.get((account, about.region))
        return [*([] if registry is None else [registry]), *sorted(found)]

    def _of_role(self, account: str, role: str) -> Iterator[str]:
        for (where, pattern), nodes in self._roles.items():
            if where == account and pattern != "*" and _is_like(role, pattern):
                yield from sorted(nodes)

    def _of_code(self, finding: Finding) -> list[str]:
        """The registries of the root module that the finding's file lies in."""
        account = self._account_of(finding)
        if account is None:
            return []
        region = _REGION.match(finding.address or "")
        if region is not None:
            place = (account, region[1].replace("_", "-"))
            return [self._registries[place]] if place in self._registries else []
        return sorted(self._accounts.get(account, ()))


def _is_like(role: str, pattern: str) -> bool:
    import fnmatch

    # A session's name stands behind the role's in the ARN of an assumed role.
    return any(fnmatch.fnmatchcase(name, pattern) for name in (role, role.rpartition("/")[0]))


def _spans(edge: Edge) -> Iterator[Span]:
    match edge:
        case CacheEdge():
            yield from (cache.span for cache in edge.caches)
        case GrantEdge():
            yield from (grant.span for grant in edge.grants)


def worst(
    results: Sequence[Result], ids: Sequence[tuple[str, ...]]
) -> Mapping[str, tuple[Status, int]]:
    """For each node and edge, the worst status of its results, and how many they are."""
    found: dict[str, tuple[Status, int]] = {}
    for result, touching in zip(results, ids, strict=True):
        for name in touching:
            status, number = found.get(name, (result.status, 0))
            milder = result.status.rank > status.rank
            found[name] = (status if milder else result.status, number + 1)
    return found
