"""Write the tables of inputs and outputs into the modules' manuals; run by `make docs`.

The tables come from the modules' own `variable` and `output` blocks, and stand at the end of each
manual, below a marker line.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from generator.hcl.parser import parse_body
from generator.hcl.source import SourceText
from generator.hcl.syntax import Body, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.hcl.syntax import Block

MODULES = Path(__file__).parents[2] / "modules"
MARKER = "<!-- Written by `make docs`: change variables.tf and outputs.tf, not what follows. -->"


def manual(module: Path) -> str:
    """The module's manual with its tables as they should be."""
    written = (module / "README.md").read_text(encoding="utf-8")
    head = written.partition(MARKER)[0].rstrip("\n")
    lines = [head, "", MARKER, "", *_inputs(module), "", *_outputs(module), ""]
    return "\n".join(lines)


def _inputs(module: Path) -> Iterator[str]:
    yield from ("## Inputs", "", "| input | type | default | |", "| --- | --- | --- | --- |")
    source, blocks = blocks_of(module / "variables.tf", "variable")
    for block in blocks:
        default = _written(source, block, "default")
        shown = "required" if default is None else f"`{default}`"
        kind = _written(source, block, "type") or "any"
        yield f"| `{block.labels[0]}` | `{kind}` | {shown} | {_description(block)} |"


def _outputs(module: Path) -> Iterator[str]:
    yield from ("## Outputs", "", "| output | |", "| --- | --- |")
    for block in blocks_of(module / "outputs.tf", "output")[1]:
        yield f"| `{block.labels[0]}` | {_description(block)} |"


def blocks_of(file: Path, kind: str) -> tuple[SourceText, list[Block]]:
    """The blocks of a kind in a file, and the text they stand in."""
    source = SourceText(file, file.read_text(encoding="utf-8"))
    body = parse_body(source)
    assert isinstance(body, Body), body
    return source, [block for block in body.blocks if block.type == kind]


def _written(source: SourceText, block: Block, name: str) -> str | None:
    """An argument as it is written, on one line."""
    attribute = block.body.attributes.get(name)
    if attribute is None:
        return None
    span = attribute.expression.span
    start = source.line_starts[span.line - 1] + span.column - 1
    end = source.line_starts[span.end_line - 1] + span.end_column - 1
    text = ""
    for line in map(str.strip, source.text[start:end].splitlines()):
        joint = "" if not text or text.endswith(("{", "(", "[")) or line[0] in "})]" else ", "
        text += joint + " ".join(line.split())
    return text.replace("|", "\\|")


def _description(block: Block) -> str:
    expression = block.body.attributes["description"].expression
    assert isinstance(expression, Literal), block.labels
    lines = str(expression.value).strip().splitlines()
    text = "".join(f"<br>{line}" if line.startswith("- ") else f" {line.strip()}" for line in lines)
    return text.strip().replace("<br>- ", "<br>• ").replace("|", "\\|")


def main() -> None:
    """Write every module's manual."""
    for module in sorted(MODULES.iterdir()):
        (module / "README.md").write_text(manual(module), encoding="utf-8")


if __name__ == "__main__":
    main()
