"""What a topology expects of pulls, as questions."""

from collections.abc import Sequence

from generator.export.images import (
    MeantRepositories,
    NotCached,
    RegistryName,
    registries_of,
    registry_named,
    registry_of,
    repositories_meant,
)
from generator.frozen_data import frozen
from generator.grants.prohibitions import Prohibition, never
from generator.grants.pullers import puller_named
from generator.grants.pulls import PullAnswer, PullQuestion, Pulls
from generator.model.errors import InvalidValueError, ToolError
from generator.model.topology import Expectation, Topology


@frozen
class Expected:
    """One expectation with its answers: about who may, or about who may not."""

    expectation: Expectation
    answers: tuple[PullAnswer | Prohibition, ...]

    @property
    def holds(self) -> bool | None:
        """Whether all of it is so; `None` where nothing is wrong and something cannot be told."""
        verdicts = [holds(answer) for answer in self.answers]
        return False if False in verdicts else None if None in verdicts else True


def holds(answer: PullAnswer | Prohibition) -> bool | None:
    """Whether what was expected is so."""
    return answer.verdict if isinstance(answer, PullAnswer) else answer.holds


def expected(pulls: Pulls, expectation: Expectation) -> Expected:
    """Ask everything that an expectation is about."""
    questions = questions_of(pulls.topology, expectation)
    ask = pulls.may if expectation.is_allowed else lambda question: never(pulls, question)
    return Expected(expectation=expectation, answers=tuple(map(ask, questions)))


def questions_of(topology: Topology, expectation: Expectation) -> tuple[PullQuestion, ...]:
    """The pulls that an expectation is about, one for each registry; raises `ToolError`."""
    chosen = tuple(registry_named(topology, text) for text in expectation.registries)
    return tuple(
        PullQuestion(
            puller=puller_named(topology, who, meant.cache),
            cache=meant.cache,
            repositories=meant.repositories,
            level=expectation.level,
        )
        for who in expectation.who
        for meant in _meant(topology, expectation, chosen)
    )


def _meant(
    topology: Topology, expectation: Expectation, chosen: Sequence[RegistryName]
) -> list[MeantRepositories]:
    if not expectation.images:
        # What only a grant that names it covers, only an expectation that names it asks for.
        return [
            MeantRepositories(cache=cache, repositories=cache.prefix.repositories)
            for cache in topology.caches
            if (not chosen or registry_of(cache) in chosen)
            and not (expectation.is_allowed and cache.prefix.is_root)
        ]
    found: list[MeantRepositories] = []
    for text in expectation.images:
        places = chosen or registries_of(topology.caches)
        answers = [_named(topology, text, place) for place in places]
        known = [one for one in answers if not isinstance(one, NotCached)]
        if not known or (chosen and len(known) < len(answers)):
            reason = next(one.reason for one in answers if isinstance(one, NotCached))
            raise ToolError("the image is not cached", f"`{text}`: {reason}")
        found.extend(meant for one in known for meant in one)
    return found


def _named(
    topology: Topology, text: str, place: RegistryName
) -> tuple[MeantRepositories, ...] | NotCached:
    try:
        return repositories_meant(topology, text, registry=place)
    except InvalidValueError as error:
        raise ToolError("the image's name cannot be read", str(error)) from error
