"""What a walk through a pull looks at: the topology, what AWS was read to have, and who can be asked more."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from generator.doctor.cases import Case, Cause
from generator.estate.unread_records import with_unread
from generator.frozen_data import frozen
from generator.grants.replay import Replay, Side, replay, replay_request
from generator.grants.replay_policies import policies_of
from generator.model.estate import Estate
from generator.model.finding import Finding
from generator.model.probes import ImageAnswer, Presence, Probes
from generator.model.reading import Reading
from generator.model.snapshot import Answer, Fact, NotRead, Unit, items_of, text_of
from generator.model.topology import Cache
from generator.model.values import AccountId, Region, repository_arn, role_arn


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """Everything about one pull of an image that has a cache.

    `principal` is the ARN of who pulls, where that was said. `findings` are what `check` says of the
    same reading. `probes` is `None` where a snapshot alone is judged. `simulates` lets IAM be asked what
    the organization allows. `replay_words` name the reading on a command line.
    """

    case: Case
    cache: Cache
    reading: Reading
    principal: str | None
    findings: tuple[Finding, ...] = ()
    probes: Probes | None = None
    simulates: bool = False
    replay_words: tuple[str, ...] = ()

    @property
    def account(self) -> AccountId:
        """The account of the registry that is pulled from."""
        return self.case.topology.account_id(self.cache.account)

    @property
    def region(self) -> Region:
        """The region of the registry that is pulled from."""
        return self.cache.region

    @property
    def repository(self) -> str:
        """The repository's name in the registry that is pulled from."""
        return self.case.repository

    @property
    def reference(self) -> str:
        """The digest or the tag that is pulled."""
        image = self.case.failure.image
        return image.digest or image.tag or "latest"

    @property
    def arn(self) -> str:
        """The repository's ARN."""
        return repository_arn(self.region, self.account, self.repository)

    @cached_property
    def estate(self) -> Estate:
        """What was read, with unknown policies for what was not."""
        return with_unread(self.reading, self.account, self.region)

    def unit(self, account: AccountId, region: Region | None) -> Unit | None:
        """The answers of one account and region; `None` where nobody was asked."""
        for unit in self.reading.units:
            if (unit.account, unit.region) == (account, region):
                return unit
        return None

    def fact(
        self, account: AccountId, region: Region | None, fact: Fact, item: str = ""
    ) -> tuple[bool, Answer]:
        """Whether a fact is answered, and its answer."""
        unit = self.unit(account, region)
        if unit is None or (fact, item) not in unit.facts:
            return False, None
        return True, unit.facts[fact, item]

    def why_not(self, account: AccountId, region: Region | None, fact: Fact, item: str = "") -> str:
        """Why a fact has no answer, in words that go on behind a colon."""
        unit = self.unit(account, region)
        entry = None if unit is None else unit.why_not_read(fact, item)
        return words_of(entry)

    @cached_property
    def rule(self) -> Mapping[str, Answer] | None:
        """The cache rule in AWS that has the cache's prefix."""
        _, rules = self.fact(self.account, self.region, Fact.RULES)
        for rule in items_of(rules):
            if text_of(rule, "ecrRepositoryPrefix").rstrip("/") == str(self.cache.prefix):
                return rule
        return None

    @cached_property
    def image(self) -> ImageAnswer:
        """What the registry has of the image."""
        is_known, repositories = self.fact(self.account, self.region, Fact.REPOSITORIES)
        names = {text_of(one, "repositoryName") for one in items_of(repositories)}
        if is_known and self.repository not in names:
            return ImageAnswer(presence=Presence.NOTHING)
        if self.probes is None:
            return ImageAnswer(presence=None)
        return self.probes.image(self.account, self.region, self.repository, self.reference)

    @property
    def is_cached(self) -> bool:
        """Whether the image surely is in the cache: then nothing upstream matters."""
        return self.image.presence is Presence.IMAGE

    def decide(self, principal: str, action: str, resource: str, side: Side = Side.BOTH) -> Replay:
        """What the policies that were read say of one request."""
        unit = self.unit(self.account, self.region)
        question = replay_request(
            principal=principal,
            action=action,
            resource=resource,
            context=(),
            registry=f"{self.account}/{self.region}",
            side=side,
            now=None if unit is None else unit.read_at,
        )
        policies, notes = policies_of(
            question, self.case.topology, self.estate, self.reading.statement_span
        )
        return replay(question, policies, notes)

    def role_arn(self, account: AccountId, key: str) -> str:
        """The ARN of a role by its path and name."""
        return role_arn(self.region.aws_partition.id, account, key)


@frozen
class Step:
    """One step of a walk: what was looked at, what was seen, and the causes in it.

    `is_known` is false where something of it was not looked at; then one cause says what.
    """

    name: str
    words: str
    causes: tuple[Cause, ...] = ()

    @property
    def is_proved(self) -> bool:
        """Whether the step shows why the pull fails, so that no other is needed."""
        return any(cause.is_proved for cause in self.causes)

    @property
    def is_known(self) -> bool:
        """Whether everything of the step was seen, and nothing of it is in doubt."""
        return not self.causes


def open_step(name: str, words: str, what_to_do: str) -> Step:
    """A step that could not be looked at, or not wholly."""
    cause = Cause(
        name=f"pull-{name}-not-known",
        title=f"Not known: {words}",
        message=what_to_do,
    )
    return Step(name=name, words=f"not known: {words}", causes=(cause,))


def words_of(entry: NotRead | None) -> str:
    """Why AWS did not tell, in a few words."""
    if entry is None:
        return "AWS was not asked"
    layer = f" by a {entry.layer}" if entry.layer else ""
    code = f" ({entry.code})" if entry.code else ""
    return f"{entry.call or 'AWS'}: {entry.reason}{layer}{code}"
