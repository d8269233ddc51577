"""`can`, `check` and `replay` never disagree, on random estates."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from hypothesis import given, settings
from test_check_and_replay import (
    CI,
    DECLARED,
    NEEDED,
    NETWORKS,
    NODE,
    OTHER,
    REPOSITORIES,
    WORLDS,
    World,
    allowed,
    reading_of,
    speaks,
)

from generator.gate.check import check_findings
from generator.grants.prohibitions import never
from generator.grants.pullers import puller_named
from generator.grants.pulls import PullAnswer, PullQuestion, Pulls
from generator.grants.replay import Side
from generator.model.levels import Level

if TYPE_CHECKING:
    from generator.model.reading import Reading

QUAY = next(cache for cache in DECLARED.caches if cache.prefix == "quay")
WHO = {"ci": CI, "nodes": NODE, "shop/other": OTHER}
ASKED = [
    ("ci", Level.FIRST_PULL, "quay/*"),
    ("ci", Level.PULL, "quay/web"),
    ("nodes", Level.PULL, "quay/new/*"),
    ("nodes", Level.FIRST_PULL, "quay/app"),
    ("shop/other", Level.CACHED, "quay/web"),
]


def pulls(reading: Reading) -> Pulls:
    return Pulls(topology=DECLARED, estate=reading.estate, statement_span=reading.statement_span)


def question(who: str, level: Level, repositories: str) -> PullQuestion:
    return PullQuestion(
        puller=puller_named(DECLARED, who, QUAY),
        cache=QUAY,
        repositories=repositories,
        level=level,
    )


def decided(reading: Reading, answer: PullAnswer) -> set[bool | None]:
    """What replay says about the requests of a pull."""
    return {one for each in requests(reading, answer.question).values() for one in each}


def requests(reading: Reading, asked: PullQuestion) -> dict[tuple[str, int], set[bool | None]]:
    """What replay says about the actions of a pull, for each repository from each network."""
    names = [
        one
        for one in REPOSITORIES
        if asked.repositories == one
        or (asked.repositories.endswith("*") and one.startswith(asked.repositories[:-1]))
    ]
    return {
        (name, place): {
            allowed(reading, WHO[asked.puller.name], action, name, Side.BOTH, network)
            for action in asked.level.actions
        }
        for name in names
        for place, network in enumerate(NETWORKS)
    }


@settings(deadline=None, max_examples=12)
@given(world=WORLDS)
def test_a_pull_is_answered_as_check_and_replay_answer_it(world: World) -> None:
    reading = reading_of(world)
    told = json.dumps(world.__dict__)
    findings = list(check_findings(DECLARED, reading))

    answers = [pulls(reading).may(question(*asked)) for asked in ASKED]

    for answer in answers:
        if answer.verdict is True:
            assert decided(reading, answer) == {True}, f"{answer.question}: {told}"
        if not speaks(findings, NEEDED) and answer.is_declared:
            assert answer.verdict is True, f"{answer.question}: {told}"
        if answer.verdict is False and answer.is_declared:
            assert speaks(findings, NEEDED), f"{answer.question}: {told}"
    first = answers[0]
    if first.verdict is True:
        assert not [one for one in findings if one.rule in NEEDED and "/ci" in one.message], told


@settings(deadline=None, max_examples=12)
@given(world=WORLDS)
def test_a_prohibition_holds_or_a_request_shows_that_it_does_not(world: World) -> None:
    reading = reading_of(world)
    told = json.dumps(world.__dict__)

    for asked in ASKED:
        answer = never(pulls(reading), question(*asked))
        whole = requests(reading, answer.question)
        if answer.holds is True:
            assert not any(each == {True} for each in whole.values()), f"{asked}: {told}"
        if pulls(reading).may(answer.question).verdict is True:
            assert answer.holds is False, f"{asked}: {told}"
        if answer.request is not None:
            who, name = (
                answer.request.principal,
                answer.request.resource.partition("repository/")[2],
            )
            network = [
                (key, value if isinstance(value, str) else value[0])
                for key, value in answer.request.context.items()
                # What every request carries is said already.
                if key not in {"aws:SecureTransport", "aws:RequestedRegion"}
            ]
            for action in answer.question.level.actions:
                assert allowed(reading, who, action, name, Side.BOTH, network), f"{asked}: {told}"
