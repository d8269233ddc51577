"""`forebay replay`: one decision, step by step."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from generator.cli.choices import OneOf
from generator.cli.completion import complete_registry
from generator.cli.invocation import DEFAULT_TOPOLOGY
from generator.cli.live_options import LiveInput, live_options
from generator.cli.options import (
    PathType,
    plan_option,
    reading_options,
    report_options,
    root_option,
    state_option,
)
from generator.report import Format
from generator.report.report import Report

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from generator.cli.inputs import Inputs
    from generator.grants.replay import Layer, ReplayedPolicy, ReplayRequest
    from generator.model.finding import Finding
    from generator.model.reading import Reading
    from generator.model.topology import Topology

_Sound = Callable[[], "tuple[Topology | None, tuple[Finding, ...]]"]


@click.command()
@click.option(
    "--as",
    "principal",
    required=True,
    metavar="ARN",
    help="Who asks: the ARN of a role, session, user or account root, a service, or `*`.",
)
@click.option("--action", required=True, help="What is asked for, such as ecr:BatchGetImage.")
@click.option(
    "--resource",
    default="*",
    show_default=True,
    metavar="ARN",
    help="The repository, the role to assume, or * for an action without a resource.",
)
@click.option(
    "--context",
    multiple=True,
    metavar="KEY=VALUE",
    help="A condition key of the request; can be repeated, also for a key with many values.",
)
@click.option(
    "--registry",
    metavar="ACCOUNT/REGION",
    shell_complete=complete_registry,
    help="The registry that is asked, where the resource does not say it.",
)
@click.option(
    "--only",
    type=OneOf(["resource", "identity"]),
    help="Look at the policies of one side, as if the other side allowed everything.",
)
@click.option(
    "-t",
    "--topology",
    type=PathType(),
    help="The topology file; without --code, what it would generate is asked.  "
    "[default: topology.yaml]",
)
@click.option(
    "--no-topology",
    is_flag=True,
    help="Ask what is read and nothing else: code is read below --code, by default the working folder.",
)
@click.option("--code", type=PathType(), help="Ask the policies in this folder of Terraform code.")
@plan_option
@state_option
@live_options
@root_option
@click.option(
    "--policy",
    "policies",
    multiple=True,
    metavar="LAYER=FILE",
    help="Ask the policy in a JSON file, in place of topology and code; LAYER is registry, "
    "repository, trust, identity or boundary. Can be repeated.",
)
@reading_options
@report_options("replay", formats=(Format.HUMAN, Format.JSON))
def replay(
    principal: str,
    action: str,
    resource: str,
    context: tuple[str, ...],
    registry: str | None,
    only: str | None,
    topology: Path | None,
    no_topology: bool,  # noqa: FBT001 - click passes options by name
    code: Path | None,
    plans: tuple[Path, ...],
    states: tuple[Path, ...],
    live: LiveInput | None,
    root: Path | None,
    policies: tuple[str, ...],
) -> Report:
    """Replay one request: which statement of which policy matches it, and why not.

    The answer is printed, and the exit code is 0 whether it is yes or no; 3 where it cannot be told.
    """
    from datetime import UTC, datetime

    from generator.cli.topology_file import sound_topology
    from generator.grants.replay import Side, replay_request

    pairs = [_pair(text) for text in context]
    if no_topology and topology is not None:
        raise click.UsageError("--no-topology and --topology exclude each other.")
    is_given = topology is not None or no_topology or code is not None or plans or states or live
    if policies and is_given:
        raise click.UsageError(
            "--policy goes without --topology, --no-topology, --code, --plan, --state and --live."
        )
    layers = [_layer(text) for text in policies]
    file = topology or DEFAULT_TOPOLOGY
    # The name of the registry may need it as well, and it is read once.
    read = cache(partial(sound_topology, file))
    question = replay_request(
        principal=principal,
        action=action,
        resource=resource,
        context=pairs,
        registry=_registry(registry, file, read),
        side=Side.BOTH if only is None else Side(only),
        now=datetime.now(tz=UTC),
    )
    if layers:
        return _report(question, [_from_file(layer, path) for layer, path in layers], ())
    from generator.cli.inputs import Inputs

    inputs = Inputs(topology=file, code=code, root=root, plans=plans, states=states, live=live)
    if no_topology:
        has_files = bool(plans or states or live)
        here = Path() if code is None and not has_files else code
        return _from_readings(question, replace(inputs, topology=None, code=here), None)
    return _from_topology(question, inputs, read)


def _registry(text: str | None, topology: Path, read: _Sound) -> str | None:
    """The registry by its account's id, also where it is named as the topology names it."""
    account = "" if text is None else text.partition("/")[0]
    if text is None or account.isdecimal() or not topology.exists():
        return text
    from generator.export.images import registry_named

    known, _ = read()
    if known is None:
        return text
    found = registry_named(known, text)
    return f"{known.account_id(found.account)}/{found.region}"


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals or not key:
        raise click.BadParameter(f"`{text}` is not KEY=VALUE.", param_hint="--context")
    return key, value


def _layer(text: str) -> "tuple[Layer, str]":
    from generator.grants.replay import Layer
    from generator.model.quotes import did_you_mean, quoted

    name, equals, file = text.partition("=")
    layers = [layer.value for layer in Layer]
    if not equals or name not in layers or not file:
        raise click.BadParameter(
            f"{quoted(text)} is not LAYER=FILE, where LAYER is one of {', '.join(layers)}."
            f"{did_you_mean(name, set(layers) - {name})}",
            param_hint="--policy",
        )
    return Layer(name), file


def _from_file(layer: "Layer", file: str) -> "ReplayedPolicy":
    from generator.grants.replay import ReplayedPolicy
    from generator.iam import parse_policy
    from generator.model.span import first_line
    from generator.policy_files.policy_files import read_document

    _, document = read_document(Path(file))
    return ReplayedPolicy(
        what=f"`{file}`",
        layer=layer,
        policy=parse_policy(document, source=file),
        place=first_line(Path(file).absolute()),
    )


def _from_topology(question: "ReplayRequest", inputs: "Inputs", sound: _Sound) -> Report:
    from generator.grants.replay_policies import policies_of

    read, mistakes = sound()
    if read is None:
        return Report.mistakes("replay", mistakes, aside=True)
    if inputs.code is None and not (inputs.plans or inputs.states or inputs.live):
        from generator.intent.records import intend

        taking_part, notes = policies_of(
            question,
            read,
            intend(read),
            lambda record, _, name: record.get(name).span or record.span,
        )
        notes.append(
            f"These are the policies that `{inputs.topology}` stands for, not those of any code."
        )
        return _report(question, taking_part, notes)
    return _from_readings(question, inputs, read)


def _from_readings(
    question: "ReplayRequest", inputs: "Inputs", topology: "Topology | None"
) -> Report:
    from generator.cli.inputs import readings
    from generator.estate.unread_records import with_unread
    from generator.grants.replay_policies import policies_of
    from generator.model.values import AccountId

    # The last one is what was asked for; code before it fills what a plan leaves open.
    *_, reading = readings(topology, inputs)
    estate = with_unread(reading, AccountId(question.account), question.region)
    taking_part, notes = policies_of(question, topology, estate, reading.statement_span)
    notes.extend(_unread_repository(question, reading))
    report = _report(question, taking_part, notes)
    return replace(report, findings=(*reading.problems, *report.findings))


def _unread_repository(question: "ReplayRequest", reading: "Reading") -> "Iterator[str]":
    """That the repository may have a policy of its own, where a snapshot did not ask for it."""
    from generator.model.reading import Source
    from generator.model.snapshot import Fact, items_of

    if reading.source is not Source.LIVE or question.repository is None:
        return
    for unit in reading.units:
        if (unit.account, unit.region) != (question.account, question.region):
            continue
        names = {
            one.get("repositoryName") for one in items_of(unit.facts.get((Fact.REPOSITORIES, "")))
        }
        is_told = (Fact.REPOSITORIES, "") in unit.facts and question.repository not in names
        if not is_told and (Fact.REPOSITORY_POLICY, question.repository) not in unit.facts:
            yield (
                f"The repository {question.repository} may have a policy of its own, which was not read: "
                "it may allow or deny more. `forebay snapshot --deep` reads it."
            )


def _about_action(action: str) -> "Iterator[str]":
    """That ECR is not known to have an action: a misspelled one is allowed to nobody."""
    from generator.iam.actions import ecr_actions
    from generator.model.quotes import did_you_mean, quoted

    known = {name.lower() for name in ecr_actions()}
    if action.lower().startswith("ecr:") and action.lower() not in known:
        yield f"No action {quoted(action)} of ECR is known.{did_you_mean(action, ecr_actions())}"


def _report(
    question: "ReplayRequest", policies: "Sequence[ReplayedPolicy]", notes: "Sequence[str]"
) -> Report:
    from generator.grants.replay import replay as decide_again
    from generator.model.finding import Finding, FindingKind, Severity
    from generator.report.replay import doubts, replay_object, replay_text

    found = decide_again(question, policies, (*_about_action(question.request.action), *notes))
    base = Path.cwd()
    findings: tuple[Finding, ...] = ()
    if found.decision.allowed is None:
        findings = (
            Finding(
                kind=FindingKind.UNDECIDED,
                rule="grant-undecided",
                severity=Severity.MEDIUM,
                title="Cannot tell whether the request is allowed",
                message="; ".join(doubts(found)) or found.decision.reason,
                subject=question.request.principal,
            ),
        )
    return Report(
        command="replay",
        findings=findings,
        text=replay_text(found, base),
        extra={"replay": replay_object(found, base)},
    )
