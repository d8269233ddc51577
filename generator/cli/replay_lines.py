"""The command line that replays a finding's witness, below its message."""

import shlex
from collections.abc import Iterable
from dataclasses import replace

from generator.cli.inputs import STDIN, Inputs
from generator.cli.invocation import DEFAULT_TOPOLOGY
from generator.model.finding import Finding
from generator.model.reading import Source

_LAYERS = {"template": "repository"}
"""What a policy of a sort is called among the layers of a decision, where it has another name."""


def with_replay_lines(findings: Iterable[Finding], inputs: Inputs) -> tuple[Finding, ...]:
    """The findings, each with the command that replays it from what was read."""
    return tuple(_with_line(finding, inputs) for finding in findings)


def _with_line(finding: Finding, inputs: Inputs) -> Finding:
    if finding.witness is None or not finding.witness.replay:
        return finding
    words = ["forebay", "replay", *finding.witness.replay, *_options(finding, inputs)]
    return replace(finding, message=f"{finding.message}\nReplay it:\n  {shlex.join(words)}")


def _options(finding: Finding, inputs: Inputs) -> list[str]:
    """Where the policies of a finding were read from."""
    if finding.subject.startswith(f"{Source.POLICY} "):
        return [
            word
            for policy in inputs.policies
            if policy.owner == finding.address
            for word in ("--policy", f"{_LAYERS.get(policy.sort, policy.sort)}={policy.file}")
        ]
    options: list[str] = []
    topology = inputs.topology or DEFAULT_TOPOLOGY
    if inputs.topology is None:
        options.append("--no-topology")
    elif topology != DEFAULT_TOPOLOGY:
        options += ["--topology", str(topology)]
    for source, name, files in (
        (Source.PLAN, "--plan", inputs.plans),
        (Source.STATE, "--state", inputs.states),
    ):
        if finding.subject.startswith(f"{source} "):
            named = ["-" if file == STDIN else str(file) for file in files]
            options += [word for file in named for word in (name, file)]
            return options if inputs.code is None else [*options, "--code", str(inputs.code)]
    if finding.subject.startswith(f"{Source.LIVE} ") and inputs.live is not None:
        options += [word for file in inputs.live.files for word in ("--live", str(file))]
        return [*options, "--live"] if inputs.live.asks_now else options
    options += ["--code", str(inputs.code or topology.parent / "terraform")]
    return options if inputs.root is None else [*options, "--root", str(inputs.root)]
