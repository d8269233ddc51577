"""The decisions behind the witnesses of findings, for a format that tells them step by step."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from generator.cli.invocation import invocation_of
from generator.model.errors import ToolError
from generator.model.finding import Finding
from generator.model.reading import Reading
from generator.model.topology import Topology
from generator.report import Format
from generator.report.report import Report

if TYPE_CHECKING:
    from generator.gate.outcome import Outcome
    from generator.gate.suppressions import Suppressor
    from generator.grants.interruptions import Interruption
    from generator.grants.replay import Replay

_MOST = 200
"""Witnesses that are told; the others are named with the command that replays them."""


def is_told() -> bool:
    """Whether a format was asked for that tells witnesses step by step."""
    invocation = invocation_of()
    return Format.HTML in {invocation.format, *(report.format for report in invocation.reports)}


class Stories:
    """Collects the decisions behind the results of a run, if a format was asked for that tells them."""

    def __init__(self, topology: Topology | None) -> None:
        """Begin a run on a topology, which the report will show."""
        self._are_told = is_told()
        self._topology = topology
        self._replays: dict[str, Replay] = {}

    def listening(
        self, judge: "Callable[[Reading, Suppressor], Outcome]"
    ) -> "Callable[[Reading, Suppressor], Outcome]":
        """What judges like `judge`, and has the witnesses of its results decided again."""

        def judged(reading: Reading, suppressor: "Suppressor") -> "Outcome":
            outcome = judge(reading, suppressor)
            if self._are_told:
                self._replay(outcome.findings, reading)
            return outcome

        return judged

    def told_in(self, report: Report) -> Report:
        """The report with its topology, and with what was decided again."""
        return replace(report, topology=self._topology, replays=self._replays)

    def _replay(self, findings: Iterable[Finding], reading: Reading) -> None:
        for finding in findings:
            if len(self._replays) < _MOST and finding.witness and finding.witness.replay:
                for found in _replayed(finding, reading, self._topology):
                    self._replays[finding.fingerprint] = found


def _replayed(finding: Finding, reading: Reading, topology: Topology | None) -> "Iterator[Replay]":
    from datetime import UTC, datetime

    from generator.estate.unread_records import with_unread
    from generator.grants.replay import Side, replay, replay_request
    from generator.grants.replay_policies import policies_of
    from generator.model.values import AccountId

    assert finding.witness is not None  # noqa: S101 - only such findings are told
    words = finding.witness.replay
    options = list(zip(words[::2], words[1::2], strict=True))
    given = dict(options)
    contexts = [value.partition("=") for name, value in options if name == "--context"]
    try:
        question = replay_request(
            principal=given["--as"],
            action=given["--action"],
            resource=given["--resource"],
            context=[(key, value) for key, _, value in contexts],
            registry=given.get("--registry"),
            side=Side(given.get("--only", Side.BOTH)),
            now=datetime.now(tz=UTC),
        )
        estate = with_unread(reading, AccountId(question.account), question.region)
        policies, notes = policies_of(question, topology, estate, reading.statement_span)
    except ToolError:
        # What cannot be asked again is named with its command, which says why.
        return
    yield replay(question, policies, notes)


def loss_replayed(harm: "Interruption") -> "Replay | None":
    """What a policy will say, after an apply, to a request that it allowed before; none that narrows nothing."""
    from datetime import UTC, datetime

    from generator.grants.replay import Layer, ReplayedPolicy, Side, replay, replay_request
    from generator.iam import PolicyKind
    from generator.model.estate import Kind

    loss = harm.loss
    if loss is None:
        return None
    is_own = loss.kind is PolicyKind.IDENTITY
    resource = loss.request.resource or "*"
    if harm.about is not None and harm.about.kind is Kind.ROLE and loss.kind is PolicyKind.TRUST:
        partition = loss.region.aws_partition.id
        resource = f"arn:{partition}:iam::{loss.account}:role/{harm.about.key}"
    try:
        question = replay_request(
            principal=loss.request.principal,
            action=loss.request.action,
            resource=resource,
            context=[
                (key, one)
                for key, value in loss.request.context.items()
                for one in ((value,) if isinstance(value, str) else value)
            ],
            registry=f"{loss.account}/{loss.region}",
            side=Side.IDENTITY if is_own else Side.RESOURCE,
            now=datetime.now(tz=UTC),
        )
    except ToolError:
        return None
    policy = ReplayedPolicy(
        what=f"the policy `{harm.address}` after the apply",
        layer=next(layer for layer in Layer if layer.kind is loss.kind),
        policy=loss.after,
    )
    return replay(question, [policy], ())
