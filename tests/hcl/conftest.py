"""Fixtures that write a project's files and read or evaluate them."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hcl_support import Files, root_module

from generator.hcl.reader import CodeReading, read_code
from generator.hcl.records import RootRecords
from generator.hcl.values import Value
from generator.model.estate import Json


@pytest.fixture
def write(tmp_path: Path) -> Callable[[Files], Path]:
    """Writes files below a project folder and returns that folder."""

    def write_files(files: Files) -> Path:
        project = tmp_path / "project"
        for name, content in files.items():
            path = project / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        return project

    return write_files


@pytest.fixture
def read(write: Callable[[Files], Path]) -> Callable[[Files], CodeReading]:
    """Writes files and reads them as code."""

    def read_files(files: Files) -> CodeReading:
        project = write(files)
        return read_code(project, project_root=project, topology=None)

    return read_files


@pytest.fixture
def outputs(write: Callable[[Files], Path]) -> Callable[[str], Callable[[str], Json]]:
    """Evaluates the outputs of one file's configuration; gives each as a JSON-like value."""

    def evaluate(text: str) -> Callable[[str], Json]:
        module = root_module(write({"main.tf": text}))
        records = RootRecords("", module)

        def output(name: str) -> Json:
            return records.json(module.output(name))

        return output

    return evaluate


@pytest.fixture
def value_of(write: Callable[[Files], Path]) -> Callable[[str], Value]:
    """Evaluates one expression in an empty module."""

    def evaluate(expression: str) -> Value:
        return root_module(
            write({"main.tf": f'output "it" {{\n  value = {expression}\n}}\n'})
        ).output("it")

    return evaluate
