"""One account and region as AWS answered, and what the topology says of it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from generator.frozen_data import frozen
from generator.model.snapshot import Answer, Fact, Unit, items_of, text_of
from generator.model.span import Span
from generator.model.topology import AppliedFor, Cache, Topology
from generator.model.values import Prefix, Region
from generator.snapshot.resources import secrets_of

ROOT = "ROOT"
"""The prefix that stands for every repository."""


@frozen
class LiveRegistry:
    """The registry of one unit of a snapshot, with the secrets beside it."""

    unit: Unit
    region: Region
    topology: Topology | None

    @property
    def where(self) -> str:
        """The place and the time of the reading, as a message begins."""
        return f"Account {self.unit.account}, {self.region}, read {self.unit.read_at:%Y-%m-%d %H:%M} UTC"

    @property
    def caches(self) -> tuple[Cache, ...]:
        """The caches that the topology asks for in this registry."""
        if self.topology is None:
            return ()
        accounts = {
            name for name, one in self.topology.accounts.items() if one.id == self.unit.account
        }
        return tuple(
            cache
            for cache in self.topology.caches
            if cache.account in accounts and cache.region == self.region
        )

    def items(self, fact: Fact) -> Sequence[Mapping[str, Answer]]:
        """The things of one sort that AWS has here; none where they were not read."""
        return items_of(self.unit.facts.get((fact, "")))

    def secrets(self, *, deleted: bool = False) -> Iterator[tuple[Mapping[str, Answer], "Use"]]:
        """The secrets that a cache rule or the topology uses, each with who that is."""
        for secret in secrets_of(self.unit, deleted=deleted):
            use = self._use(secret)
            if use.rules or use.caches:
                yield secret, use

    def template_for(self, repository: str) -> Mapping[str, Answer] | None:
        """The template by which ECR would make a cached repository: that of the longest prefix."""
        fitting = [
            (0 if prefix == ROOT else len(prefix), template)
            for template in self.items(Fact.TEMPLATES)
            if (prefix := text_of(template, "prefix").rstrip("/"))
            and (prefix == ROOT or repository.startswith(f"{prefix}/"))
            and AppliedFor.PULL_THROUGH_CACHE in _words(template.get("appliedFor"))
        ]
        return max(fitting, key=lambda entry: entry[0])[1] if fitting else None

    def _use(self, secret: Mapping[str, Answer]) -> "Use":
        name, arn = text_of(secret, "Name"), text_of(secret, "ARN")
        return Use(
            rules=tuple(
                rule
                for rule in self.items(Fact.RULES)
                if is_arn_of(text_of(rule, "credentialArn"), arn)
                or name == self.secret_named_by(rule)
            ),
            caches=tuple(
                cache
                for cache in self.caches
                if cache.credential is not None and cache.credential.secret == name
            ),
        )

    def secret_named_by(self, rule: Mapping[str, Answer]) -> str:
        """The name of the secret of this account and region that a rule names; else nothing."""
        from generator.estate.resources.shapes import secret_name

        arn = text_of(rule, "credentialArn")
        words = arn.split(":", 6)
        if len(words) != 7 or (words[3], words[4]) != (str(self.region), str(self.unit.account)):
            return ""
        return secret_name(arn)


@frozen
class Use:
    """Who uses a secret: the cache rules in AWS that name it, the caches of the topology."""

    rules: tuple[Mapping[str, Answer], ...]
    caches: tuple[Cache, ...]

    @property
    def words(self) -> str:
        """The prefixes of the caches that the secret is for, as a list in words."""
        prefixes = {text_of(rule, "ecrRepositoryPrefix") for rule in self.rules}
        prefixes |= {str(cache.prefix) for cache in self.caches}
        return ", ".join(f"`{prefix}`" for prefix in sorted(prefixes))

    @property
    def span(self) -> Span | None:
        """The line of the topology that names the secret, where one does."""
        return next((one.credential.span for one in self.caches if one.credential), None)


def live_registries(units: Iterable[Unit], topology: Topology | None) -> Iterator[LiveRegistry]:
    """The registries of all units that were read at all."""
    for unit in units:
        if unit.region is not None and unit.facts:
            yield LiveRegistry(unit=unit, region=unit.region, topology=topology)


def is_arn_of(named: str, arn: str) -> bool:
    """Whether an ARN that a rule names is that of a secret; it may lack the end that AWS adds."""
    return named in {arn, arn[:-7]}


def labels_of(secret: Mapping[str, Answer]) -> list[frozenset[str]]:
    """The labels of each version of a secret."""
    versions = secret.get("labels")
    return [_words(version) for version in (versions if isinstance(versions, tuple) else ())]


def rule_address(registry: LiveRegistry, rule: Mapping[str, Answer]) -> str:
    """What results call a cache rule in AWS."""
    prefix = text_of(rule, "ecrRepositoryPrefix")
    return f"ecr:{registry.region}:{registry.unit.account}:pull-through-cache-rule/{prefix}"


def repository_address(registry: LiveRegistry, name: str) -> str:
    """What results call a repository in AWS."""
    return f"ecr:{registry.region}:{registry.unit.account}:repository/{name}"


def rule_prefix(registry: LiveRegistry, repository: str) -> str | None:
    """The prefix of the cache rule that fills a repository; none for one that stands in no cache.

    A rule for all repositories is left out: which of them it has filled is not to be seen.
    """
    fitting = [
        prefix
        for rule in registry.items(Fact.RULES)
        if (prefix := text_of(rule, "ecrRepositoryPrefix").rstrip("/"))
        and repository.startswith(f"{prefix}/")
    ]
    return max(fitting, key=len, default=None)


def has_root_rule(registry: LiveRegistry) -> bool:
    """Whether a cache rule is there for all repositories."""
    return any(text_of(rule, "ecrRepositoryPrefix") == ROOT for rule in registry.items(Fact.RULES))


def cache_of(registry: LiveRegistry, prefix: str) -> Cache | None:
    """The cache of the topology with that prefix in this registry."""
    return next((cache for cache in registry.caches if cache.prefix == Prefix(prefix)), None)


def _words(value: Answer) -> frozenset[str]:
    return frozenset(map(str, value)) if isinstance(value, tuple) else frozenset()
