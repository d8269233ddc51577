"""Runs the steps of a composite action from its own file, as GitHub's runner does."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

CHECKOUT = Path(__file__).parents[2]

SHELL = ("bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c")
"""What GitHub starts a step with whose shell is bash."""

Value = str | bool | None

INSTALLING = {"Name what is to be installed", "Install forebay"}
"""The steps that bring forebay; tests have it already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What one step did."""

    name: str
    exit_code: int
    output: str


@dataclass(slots=True, kw_only=True)
class ActionRun:
    """One use of the action: what its steps did, what it says, and what stands in the summary."""

    steps: list[Step] = field(default_factory=list)
    outputs: dict[str, str] = field(default_factory=dict)
    summary: str = ""

    @property
    def succeeded(self) -> bool:
        return all(step.exit_code == 0 for step in self.steps)

    @property
    def annotations(self) -> list[str]:
        """The lines that GitHub shows at places in the code."""
        lines = [line for step in self.steps for line in step.output.splitlines()]
        return [line for line in lines if re.match(r"::(error|warning|notice) ", line)]

    def step(self, name: str) -> Step:
        (found,) = [step for step in self.steps if step.name == name]
        return found


def evaluate(text: object, context: dict[str, Any]) -> str:
    """A text with its `${{ … }}` parts put in."""
    return re.sub(
        r"\$\{\{(.*?)\}\}",
        lambda found: _shown(_expression(found.group(1), context)),
        str(text),
        flags=re.DOTALL,
    )


def _shown(value: Value) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else value


def _expression(text: str, context: dict[str, Any]) -> Value:
    tokens = re.findall(r"'(?:[^']|'')*'|&&|\|\||==|!=|[()]|[\w.\-\[\]]+", text)
    position = 0

    def peek() -> str | None:
        return tokens[position] if position < len(tokens) else None

    def take() -> str:
        nonlocal position
        position += 1
        return tokens[position - 1]

    def operand() -> Value:
        token = take()
        if token == "(":
            value = either()
            assert take() == ")"
            return value
        if token.startswith("'"):
            return token[1:-1].replace("''", "'")
        if token in {"true", "false"}:
            return token == "true"
        found: Any = context
        for part in re.split(r"[.\[\]]+", token.rstrip("]")):
            if isinstance(found, list):
                found = found[int(part)]
            else:
                found = found.get(part) if isinstance(found, dict) else None
        assert found is None or isinstance(found, str | bool), token
        return found

    def compared() -> Value:
        left = operand()
        while peek() in {"==", "!="}:
            equal = take() == "=="
            left = (_shown(left) == _shown(operand())) is equal
        return left

    def both() -> Value:
        left = compared()
        while peek() == "&&":
            take()
            right = compared()
            left = right if left else left
        return left

    def either() -> Value:
        left = both()
        while peek() == "||":
            take()
            right = both()
            left = left or right
        return left

    value = either()
    assert position == len(tokens), (text, tokens[position:])
    return value


def run_action(
    repository: Path,
    scratch: Path,
    *,
    event: dict[str, Any],
    event_name: str = "pull_request",
    api: str = "http://127.0.0.1:9",
    inputs: dict[str, str] | None = None,
    install: bool = False,
    ref: str = "refs/pull/7/merge",
) -> ActionRun:
    """Run the action of this checkout in a repository; without `install`, forebay is there already."""
    action = yaml.safe_load((CHECKOUT / "action.yml").read_text(encoding="utf-8"))
    files = {name: scratch / name for name in ("path", "output", "summary", "event.json")}
    for file in files.values():
        file.write_text("")
    files["event.json"].write_text(json.dumps(event))
    temp = scratch / "temp"
    temp.mkdir(exist_ok=True)
    context: dict[str, Any] = {
        "github": {
            "event": event,
            "event_name": event_name,
            "repository": "acme/platform",
            "token": "token-of-the-job",
        },
        "steps": {},
        "runner": {"temp": str(temp)},
    }
    context["inputs"] = {
        name: (inputs or {}).get(name, evaluate(entry["default"], context))
        for name, entry in action["inputs"].items()
    }
    if not install:
        files["path"].write_text(f"{forebay_on_path(scratch)}\n")
    environment = {
        **os.environ,
        "GITHUB_ACTION_PATH": str(CHECKOUT),
        "GITHUB_API_URL": api,
        "GITHUB_EVENT_PATH": str(files["event.json"]),
        "GITHUB_OUTPUT": str(files["output"]),
        "GITHUB_PATH": str(files["path"]),
        "GITHUB_REF": ref,
        "GITHUB_REPOSITORY": "acme/platform",
        "GITHUB_RUN_ID": "42",
        "GITHUB_SERVER_URL": "https://github.example",
        "GITHUB_STEP_SUMMARY": str(files["summary"]),
        "RUNNER_TEMP": str(temp),
    }
    done = ActionRun()
    for step in action["runs"]["steps"]:
        name = step["name"]
        condition = str(step.get("if", "true")).removeprefix("${{").removesuffix("}}")
        if (name in INSTALLING and not install) or not _expression(condition, context):
            continue
        if "uses" in step:
            # The runner would fetch it; what it gets is all that can be seen here.
            given = {key: evaluate(value, context) for key, value in step["with"].items()}
            done.steps.append(Step(name=name, exit_code=0, output=json.dumps(given)))
            continue
        paths = [*reversed(files["path"].read_text().split()), environment["PATH"]]
        ran = subprocess.run(
            [*SHELL, step["run"]],
            cwd=repository,
            env={
                **environment,
                "PATH": os.pathsep.join(paths),
                **{key: evaluate(value, context) for key, value in step.get("env", {}).items()},
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        done.steps.append(Step(name=name, exit_code=ran.returncode, output=ran.stdout))
        if "id" in step:
            lines = files["output"].read_text().splitlines()
            context["steps"][step["id"]] = {"outputs": dict(line.split("=", 1) for line in lines)}
        if ran.returncode:
            break
    done.summary = files["summary"].read_text(encoding="utf-8")
    done.outputs = {
        name: evaluate(entry["value"], context) for name, entry in action["outputs"].items()
    }
    return done


def forebay_on_path(scratch: Path) -> Path:
    """A folder for PATH with the forebay of this checkout."""
    folder = scratch / "bin"
    folder.mkdir(exist_ok=True)
    program = folder / "forebay"
    program.write_text(
        f'#!/bin/sh\nPYTHONPATH="{CHECKOUT}" exec "{sys.executable}" -m generator "$@"\n'
    )
    program.chmod(0o755)
    return folder
