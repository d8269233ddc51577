"""`forebay doctor IMAGE`: the walk through one pull, with AWS asked on the way or a snapshot judged."""

import shlex
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from generator.cli.invocation import DEFAULT_TOPOLOGY
from generator.cli.live_options import LiveInput, access
from generator.frozen_data import frozen
from generator.model.errors import ToolError
from generator.report.report import Plain, Report

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.doctor.cases import Case
    from generator.doctor.messages import Failure
    from generator.doctor.walk import Walk
    from generator.model.finding import Finding
    from generator.model.reading import Reading
    from generator.model.snapshot import Snapshot, Wanted
    from generator.model.topology import Cache, Topology


@frozen
class Asked:
    """What a person asked about: an image, or the failure in a text."""

    image: str | None
    failure: "Failure | None"
    principal: str | None
    registry: str | None
    simulates: bool
    live: LiveInput | None


def walk_report(topology: "Topology", file: Path, asked: Asked, *, today: date) -> Report:
    """Walk through the pull that was asked about; raises `ToolError` where no pull is meant."""
    from generator.cli.doctor_words import finding_of, head, row
    from generator.doctor.cases import case_of
    from generator.doctor.places import place
    from generator.doctor.upstreams import library
    from generator.snapshot.wording import NOT_READ

    failure = asked.failure or _failure(topology, asked)
    case = case_of(failure, topology, today=today)
    if failure.image.repository is None:
        raise ToolError(
            "the text names no image",
            "Give the image with its registry, as the client was told to pull it.",
        )
    # What the name of the image shows needs no AWS.
    before = tuple(place(case)) or tuple(cause for cause in library(case) if cause.is_proved)
    if before or case.cache is None:
        return Report(
            command="doctor",
            findings=tuple(finding_of(cause, case.repository) for cause in before),
            keeps_order=True,
            text=head(case),
            extra={"pull": row(case), "walk": ()},
        )
    if failure.image.region is None:
        raise ToolError(
            "the registry is not known",
            "The text does not say in which region the image was pulled from. Give the image with its "
            "registry.",
        )
    principal = _principal(topology, case.cache, asked)
    with ExitStack() as stack:
        reading, walked = _walk(topology, file, asked, case, principal, stack)
    # What was not read of this pull is said by its step; what else was not does not matter here.
    problems = [finding for finding in reading.problems if finding.rule != NOT_READ]
    steps: tuple[Plain, ...] = tuple(
        {"step": step.name, "known": step.is_known, "words": step.words} for step in walked.steps
    )
    return Report(
        command="doctor",
        findings=(*_findings(case, walked), *problems),
        keeps_order=True,
        text=f"{head(case)}\n{_steps(walked)}",
        extra={"pull": row(case), "walk": steps},
    )


def _failure(topology: "Topology", asked: Asked) -> "Failure":
    """The failure of which nothing is known but the image, by its name in ECR or upstream."""
    from generator.doctor.messages import read_failure
    from generator.export.images import NotCached, cached_image, parse_image, registry_named
    from generator.model.errors import InvalidValueError

    name = asked.image or ""
    found = read_failure(name)
    if found.image.account_id is not None:
        return replace(found, symptom=None, said="")
    try:
        image = parse_image(name)
    except InvalidValueError as error:
        raise ToolError("the image cannot be read", str(error)) from error
    registry = None if asked.registry is None else registry_named(topology, asked.registry)
    answer = cached_image(topology, image, registry=registry)
    if isinstance(answer, NotCached):
        raise ToolError("the image is not cached", answer.reason)
    return replace(read_failure(answer.uri), symptom=None, said="")


def _principal(topology: "Topology", cache: "Cache", asked: Asked) -> str | None:
    """The ARN of who pulls: as it was said, as a text says it, or of the one role of a consumer."""
    from generator.model.values import role_arn

    name = asked.principal
    if name is None:
        denial = None if asked.failure is None else asked.failure.denial
        return None if denial is None else denial.principal
    if name.startswith("arn:"):
        return name
    from generator.model.quotes import did_you_mean, listed, quoted

    grants = [grant for grant in topology.grants if grant.consumer.policy_name == name]
    grants = [grant for grant in grants if grant.cache.account == cache.account] or grants
    if not grants:
        known = sorted({grant.consumer.policy_name for grant in topology.grants})
        raise ToolError(
            "the consumer is not known",
            f"{quoted(name)} is neither an ARN nor a consumer.{did_you_mean(name, known)} Those are "
            f"{listed(known)}.",
        )
    grant = grants[0]
    account = topology.consumer_account_id(grant)
    role = grant.consumer.role
    if account is None or role is None or grant.consumer.is_pattern:
        raise ToolError(
            "the consumer is not one role",
            f"`{name}` is {grant.consumer.who}: give the ARN of the role that pulls with `--as`.",
        )
    return role_arn(cache.region.aws_partition.id, account, role)


def _walk(
    topology: "Topology",
    file: Path,
    asked: Asked,
    case: "Case",
    principal: str | None,
    stack: ExitStack,
) -> "tuple[Reading, Walk]":
    """Read what was given, or ask AWS, and take the steps."""
    from generator.doctor.evidence import Evidence
    from generator.doctor.walk import walk
    from generator.gate.code_results import code_findings
    from generator.gate.live_results import live_findings

    assert case.cache is not None  # noqa: S101 - the walk begins behind it
    now = datetime.now(tz=UTC)
    probes = None
    live = asked.live or LiveInput(files=(), asks_now=True)
    if live.files and live.asks_now:
        raise click.UsageError("Give --live with a file, or without one to ask AWS, not both.")
    if live.files:
        if asked.simulates:
            raise click.UsageError("--simulate asks AWS: it goes without a file of --live.")
        from generator.cli.asking import live_reading

        reading = live_reading(None, live)
    else:
        from generator.aws.probes import AwsProbes
        from generator.cli.asking import access_of, ask_aws

        wanted = tuple(_wanted(topology, case, principal))
        reading = _reading(ask_aws(wanted, "doctor"), now)
        probes = stack.enter_context(
            AwsProbes(wanted, replace(access_of("doctor"), may_probe=True), lambda: now)
        )
    words = [word for one in live.files for word in ("--live", str(one))]
    if not live.files:
        chosen = access()
        ways = (("--assume-role", chosen.assume_role), ("--profile", chosen.profile))
        words = ["--live", *(word for way, value in ways if value for word in (way, value))]
    if file != DEFAULT_TOPOLOGY:
        words += ["--topology", str(file)]
    evidence = Evidence(
        case=case,
        cache=case.cache,
        reading=reading,
        principal=principal,
        findings=(*live_findings(reading, topology), *code_findings(reading)),
        probes=probes,
        simulates=asked.simulates,
        replay_words=tuple(words),
    )
    return reading, walk(evidence)


def _reading(snapshot: "Snapshot", now: datetime) -> "Reading":
    from generator.snapshot.document import merged
    from generator.snapshot.reader import Ages, read_snapshot

    return read_snapshot(merged([snapshot]), Path("<AWS>"), None, Ages(now=now))


def _wanted(topology: "Topology", case: "Case", principal: str | None) -> "Iterator[Wanted]":
    """The units that the pull is about: the registry, the caller's account, a private upstream."""
    from generator.grants.replay_policies import role_of
    from generator.snapshot.wanted import wanted_units

    cache = case.cache
    assert cache is not None  # noqa: S101 - the walk begins behind it
    account = topology.account_id(cache.account)
    places = {(account, cache.region)}
    holder = None if principal is None else role_of(principal)
    if cache.upstream_account is not None:
        upstream = topology.account_id(cache.upstream_account)
        places.add((upstream, cache.upstream_region or cache.region))
    accounts = {one for one, _ in places} | ({holder[0]} if holder else set())
    for unit in wanted_units(topology):
        if unit.region is None and unit.account in accounts:
            own = holder is not None and holder[0] == unit.account
            name = holder[1].rsplit("/", 1)[-1] if holder is not None else ""
            yield replace(unit, roles=tuple(sorted({*unit.roles, name}))) if own else unit
        elif unit.region is not None and (unit.account, unit.region) in places:
            here = (unit.account, unit.region) == (account, cache.region)
            yield replace(unit, repository=case.failure.image.repository) if here else unit


def _findings(case: "Case", walked: "Walk") -> "Iterator[Finding]":
    from generator.cli.doctor_words import finding_of
    from generator.model.finding import Finding, FindingKind, Severity

    last = walked.steps[-1]
    causes = (
        [cause for cause in last.causes if cause.is_proved]
        if walked.is_proved
        else [cause for step in walked.steps for cause in step.causes]
    )
    yield from (finding_of(cause, case.repository) for cause in causes)
    if not causes:
        host = case.failure.image.host or "the registry"
        yield Finding(
            kind=FindingKind.FINDING,
            rule="nothing-found",
            severity=Severity.INFO,
            title="Nothing in AWS keeps this pull from working",
            message="What is left lies with the client: whether it is logged in (a token lasts twelve "
            f"hours), whether the node reaches `{host}` and the S3 bucket with ECR's layers, whether it "
            "runs as the caller that was asked about, and whether it triggers an import at all. Try once "
            f"more, and explain what it says:\n  {shlex.join(['forebay', 'doctor', '--explain', '-'])}",
            subject=case.repository,
        )


def _steps(walked: "Walk") -> str:
    from generator.model.printable import one_line

    names = [step.name for step in walked.steps]
    width = max(map(len, names), default=0)
    lines = [f"{step.name:<{width}}  {one_line(step.words)}" for step in walked.steps]
    if walked.left:
        lines.append(f"not looked at any more: {', '.join(walked.left)}")
    return "".join(f"{line}\n" for line in lines)
