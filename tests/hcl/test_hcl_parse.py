"""HCL text to syntax tree: what is accepted, how it is read, and where everything stands."""

import json
import os
import shutil
import stat
import subprocess
import sys
import tracemalloc
import types
from collections.abc import Callable
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
from hcl_support import expression, mistake, parsed

from generator.hcl import grammar, kept_values, parsed_text
from generator.hcl.parser import parse_body
from generator.hcl.source import SourceText
from generator.hcl.syntax import (
    Access,
    AttributeStep,
    Binary,
    Body,
    Call,
    Conditional,
    ForObject,
    ForTuple,
    IndexStep,
    Literal,
    Name,
    ObjectLiteral,
    SplatStep,
    SyntaxMistake,
    Template,
    TupleLiteral,
    Unary,
)
from generator.model.errors import ToolError
from generator.model.span import Span


def place(span: Span) -> tuple[int, int, int, int]:
    return (span.line, span.column, span.end_line, span.end_column)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1),
        ("1.5", Decimal("1.5")),
        ("1e3", 1000),
        ("2.5E-1", Decimal("0.25")),
        ("true", True),
        ("null", None),
        ('"text"', "text"),
        ('""', ""),
        (r'"a\"b\\c\n\té\U0001F600"', 'a"b\\c\n\té😀'),
        ('"$${no} %%{no} $ %"', "${no} %{no} $ %"),
        ('"e\u0301"', "\u00e9"),
    ],
)
def test_a_literal_has_its_value(text: str, value: object) -> None:
    assert expression(text) == Literal(value=value, span=expression(text).span)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("f(1, 2)", Call),
        ("[1, 2]", TupleLiteral),
        ("{ a = 1, b : 2 }", ObjectLiteral),
        ("[for x in xs : x if x]", ForTuple),
        ("{ for k, v in xs : k => v... }", ForObject),
        ("{\n  for k, v\n  in xs :\n  k\n  => v\n  if v\n}", ForObject),
        ("a ? b : c", Conditional),
        ("(a\n  ? b\n  : c)", Conditional),
        ("1 + 2 * 3", Binary),
        ("(\n  1\n  - 2\n)", Binary),
        ("!!a", Unary),
        ("a.b[0].c", Access),
        ("(\n  a\n  .b\n)", Access),
        ("a", Name),
        ('"x${a}"', Template),
        ('"${~ a ~}"', Template),
        ('"${\n  a\n}"', Template),
        ("<<EOT\n${a}\nEOT", Template),
        ("/* before */ f( # in\n  1, // one\n  2 /* two */\n) # after", Call),
    ],
)
def test_an_expression_is_read_as_what_it_is(text: str, kind: type) -> None:
    assert type(expression(text)) is kind


def test_operators_bind_as_in_hcl() -> None:
    tree = expression("1 + 2 * 3 == 7 && !false || x")

    assert isinstance(tree, Binary)
    assert tree.operator == "||"
    assert isinstance(tree.left, Binary)
    assert tree.left.operator == "&&"


def test_a_reference_keeps_its_steps_in_order() -> None:
    tree = expression('a.b["c"].0[d.e][*].f')

    assert isinstance(tree, Access)
    first, second, third, fourth, fifth = tree.steps
    assert isinstance(first, AttributeStep)
    assert isinstance(second, IndexStep)
    assert isinstance(third, IndexStep)
    assert isinstance(fourth, IndexStep)
    assert isinstance(fifth, SplatStep)
    assert [step.name for step in fifth.steps if isinstance(step, AttributeStep)] == ["f"]


def test_an_index_behind_the_old_splat_takes_from_the_whole_list() -> None:
    tree = expression("a.*.b[0]")

    assert isinstance(tree, Access)
    assert [type(step) for step in tree.steps] == [SplatStep, IndexStep]


def test_words_that_are_keywords_elsewhere_are_names_and_keys() -> None:
    body = parsed("for = 1\nin = 2\nx = { if = 1, type = 2, null = 3 }\ny = a.for.in\n")

    assert list(body.attributes) == ["for", "in", "x", "y"]


def test_blocks_keep_labels_attributes_and_inner_blocks() -> None:
    body = parsed('resource "t" name {\n  a = 1\n  inner { b = 2 }\n  inner {}\n}\n')

    (block,) = body.blocks
    assert (block.type, block.labels) == ("resource", ("t", "name"))
    assert list(block.body.attributes) == ["a"]
    assert [inner.type for inner in block.body.blocks] == ["inner", "inner"]


def test_places_count_characters_from_one_and_end_behind_the_last() -> None:
    body = parsed('é = "日本${a.b}x"\nblock "l" {\n  key = [1,\n    22]\n}\n')

    attribute = body.attributes["é"]
    assert place(attribute.span) == (1, 1, 1, 16)
    assert isinstance(attribute.expression, Template)
    (block,) = body.blocks
    assert place(block.span) == (2, 1, 5, 2)
    assert place(block.header) == (2, 1, 2, 12)
    key = block.body.attributes["key"]
    assert place(key.expression.span) == (3, 9, 4, 8)
    assert isinstance(key.expression, TupleLiteral)
    assert place(key.expression.items[1].span) == (4, 5, 4, 7)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ('a = "x${ b.c }"\n', (1, 10, 1, 13)),
        ("a = <<EOT\nline\n  ${b.c} x\nEOT\n", (3, 5, 3, 8)),
        ('a = "${f("${b.c}")}"\n', (1, 13, 1, 16)),
        ("a = <<-EOT\r\n  x\r\n  ${b.c}\r\n  EOT\r\n", (3, 5, 3, 8)),
    ],
)
def test_an_expression_inside_a_text_has_its_own_place(
    text: str, at: tuple[int, int, int, int]
) -> None:
    found: list[Span] = []

    def look(node: object) -> None:
        if isinstance(node, Access):
            found.append(node.span)
        for name in getattr(type(node), "__slots__", ()):
            inner = getattr(node, name)
            for child in inner if isinstance(inner, tuple) else (inner,):
                look(child)

    look(parsed(text).attributes["a"].expression)

    assert [place(span) for span in found] == [at]


def test_the_end_of_an_operation_is_not_on_the_next_line() -> None:
    body = parsed("a = 1 + 2\n\n\nb = 2\n")

    assert place(body.attributes["a"].span) == (1, 1, 1, 10)


@pytest.mark.parametrize("text", ["a = 1\r\nb = [\r\n  1,\r\n]\r\n", "a = 1\nb = [\n  1,\n]"])
def test_line_ends_of_windows_and_a_missing_last_one_are_fine(text: str) -> None:
    assert list(parsed(text).attributes) == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "at", "message"),
    [
        ('r "a" "b" {\n  x = 1\n', (1, 11), "`{` is never closed"),
        ("a = [1, 2\nb = 3\n", (1, 5), "`[` is never closed"),
        ('a = "x\nb = 1\n', (1, 5), "the quoted text is not closed on its line"),
        ('a = "x${b"\n', (1, 10), "the quoted text is not closed on its line"),
        ('a = "${b\n', (1, 6), "`${` is never closed"),
        ("a = <<EOF\nx\n", (1, 5), "the heredoc EOF is never closed"),
        ("a = 1 /* x\n", (1, 7), "the comment is never closed"),
        ("a {\n}\n}\n", (3, 1), "`}` closes nothing"),
        ("a = (1]\n", (1, 5), "`(` is not closed before the `]` in line 1"),
        ("r {\n  x =\n  y = 1\n}\n", (2, 6), "the line ends too early"),
        ("a = 1 +* 2\n", (1, 8), "`*` is not expected here"),
        ("a = 'x'\n", (1, 5), "`'` is not expected here"),
        ("a: 1\n", (1, 2), "`:` is not expected here"),
        ("a = 1 b = 2\n", (1, 7), "a new line is needed before this"),
        ("a = 1\na = 2\n", (2, 1), "`a` is set twice"),
        ("a = { x = 1 y = 2 }\n", (1, 13), "a comma or a new line is needed before this"),
        ("a = x\n  ? 1\n  : 2\n", (2, 3), "`?` is not expected here"),
        ('a = "\\q"\n', (1, 6), "`\\q` is not an escape that HCL knows"),
        ("a\n{\n}\n", (2, 1), "the `{` belongs on the line of the block's name"),
        ('a "x${1}" {}\n', (1, 3), "a label is plain text"),
        ('a = "%{ if x }y"\n', (1, 6), "`%{if}` is never closed"),
        ('a = "y%{ endif }"\n', (1, 7), "`%{endif}` has no `%{if}`"),
        ('a = "%{ while x }"\n', (1, 6), "`%{` must be followed by if, else, endif, for or"),
        ("a = 1e9999\n", (1, 5), "the number is too large"),
        ("<<<<<<< HEAD\n", (1, 1), "`<` is not expected here"),
        ('a = "{{ x }}"\n{% if y %}\n', (2, 1), "`{` is not expected here"),
    ],
)
def test_a_mistake_has_its_place_and_plain_words(
    text: str, at: tuple[int, int], message: str
) -> None:
    found = mistake(text)

    assert (found.span.line, found.span.column) == at
    assert found.message.startswith(message)
    assert "Expected" not in found.message


@pytest.mark.parametrize("text", ["a = " + "[" * 5000 + "]" * 5000, "a = " + "!" * 5000 + "x"])
def test_deep_nesting_is_a_mistake_in_its_line(text: str) -> None:
    found = mistake(f"b = 1\n{text}\n")

    assert found.span.line == 2
    assert "nested too deeply" in found.message


def test_texts_in_texts_without_end_are_a_mistake() -> None:
    found = mistake('a = "' + '${"' * 100 + "x" + '"}' * 100 + '"\n')

    assert "nested too deeply" in found.message


def test_long_chains_are_no_nesting() -> None:
    body = parsed(f"a = {' + '.join(['1'] * 3000)}\nb = x{'.y' * 3000}\n")

    assert list(body.attributes) == ["a", "b"]


def test_many_comments_in_a_row_cost_no_time() -> None:
    body = parsed("a = {" + "/* for */ " * 2000 + "x = 1 }\n")

    assert isinstance(body.attributes["a"].expression, ObjectLiteral)


def test_a_text_cannot_break_out_of_its_place() -> None:
    found = mistake('a = "${ 1 ) b = ( 2 }"\n')

    assert found.message == "`)` closes nothing"


def test_names_like_our_own_placeholders_are_ordinary_names() -> None:
    body = parsed('_expression_0 = "x${a}"\nb = "0"\n')

    assert list(body.attributes) == ["_expression_0", "b"]
    assert body.attributes["b"].expression == Literal(
        value="0", span=body.attributes["b"].expression.span
    )


@pytest.fixture
def new_parser(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """A process that has no parser yet, as often as it is called; other tests keep theirs."""
    made = cache(grammar.parser.__wrapped__)
    monkeypatch.setattr("generator.hcl.parsed_text.parser", made)
    return made.cache_clear


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache folder with the parser's table, which is slow to build."""
    folder = tmp_path_factory.mktemp("table")
    parse_body(SourceText(Path("x.tf"), "a = 1\n"), cache_folder=folder)
    return folder


@pytest.mark.usefixtures("new_parser")
def test_a_foreign_package_under_the_parser_s_name_stops_with_the_command_that_fixes_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    foreign = types.ModuleType("hcl2")
    monkeypatch.setitem(sys.modules, "hcl2", foreign)

    with pytest.raises(ToolError) as stopped:
        parse_body(SourceText(Path("main.tf"), "a = 1\n"))

    assert any("python-hcl2" in command for command in stopped.value.commands)


def test_a_changed_grammar_is_noticed() -> None:
    with pytest.raises(ToolError, match="not supported"):
        grammar.repaired_grammar("start : body\n")


def test_the_parser_s_table_is_kept_in_the_folder_it_is_given(
    tmp_path: Path, new_parser: Callable[[], None]
) -> None:
    folder = tmp_path / "cache"
    source = SourceText(Path("main.tf"), "a = 1\n")

    first = parse_body(source, cache_folder=folder)
    new_parser()
    second = parse_body(source, cache_folder=folder)

    assert isinstance(first, Body)
    assert first == second
    (kept,) = folder.iterdir()
    assert kept.suffix == ".json"
    json.loads(kept.read_text(encoding="utf-8"))
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.slow
@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"data":{"o":{}},"memo":{"o":{}}}', "[" * 100_000]
)
def test_a_table_that_is_none_is_built_anew(tmp_path: Path, table: Path, text: str) -> None:
    folder = tmp_path / "cache"
    shutil.copytree(table, folder)
    (kept,) = folder.iterdir()
    kept.write_text(text, encoding="utf-8")

    body = parse_body(SourceText(Path("main.tf"), "a = 1\n"), cache_folder=folder)

    assert isinstance(body, Body)
    assert set(json.loads(kept.read_text(encoding="utf-8"))) == {"data", "memo"}


def test_a_folder_where_others_may_write_is_not_used(tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    folder.mkdir()
    folder.chmod(0o777)

    assert isinstance(parse_body(SourceText(Path("x.tf"), "a = 1\n"), cache_folder=folder), Body)

    assert list(folder.iterdir()) == []


def test_a_folder_that_others_may_read_is_closed_to_them(tmp_path: Path, table: Path) -> None:
    folder = tmp_path / "cache"
    shutil.copytree(table, folder)
    folder.chmod(0o755)

    parse_body(SourceText(Path("x.tf"), "a = 1\n"), cache_folder=folder)

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_what_is_kept_has_a_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_values, "MOST_BYTES", 25)
    folder = tmp_path / "cache"
    for number in range(4):
        kept_values.keep_text(folder, f"{number}", "x" * 10)
        if (folder / f"{number}").exists():
            os.utime(folder / f"{number}", (number, number))

    assert sorted(path.name for path in folder.iterdir()) == ["2", "3"]


def test_a_folder_that_cannot_be_written_only_costs_time(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    source = SourceText(Path("main.tf"), "a = 1\n")

    body = parse_body(source, cache_folder=tmp_path / "file" / "cache")

    assert isinstance(body, Body)


def test_importing_the_reader_imports_no_parser() -> None:
    program = (
        "import sys, generator.hcl; print(sorted({'lark', 'hcl2', 'boto3'} & set(sys.modules)))"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[]"


LONG = (
    "".join(
        f'resource "a" "r{number}" {{\n  name = "a/${{var.x{number}}}"\n'
        f'  text = <<EOT\nfirst ${{lower("b")}}\nEOT\n  inner {{\n    list = [1,\n      {number}]\n  }}\n}}\n'
        f"word{number} = var.y{number} # a comment {{\n"
        for number in range(12)
    )
    + 'last = "${one}"\n'
)


@pytest.mark.parametrize("longest", [1, 40, 300, 900])
def test_a_long_file_is_read_in_parts_as_in_one(
    monkeypatch: pytest.MonkeyPatch, longest: int
) -> None:
    whole = parse_body(SourceText(Path("a.tf"), LONG))
    monkeypatch.setattr(parsed_text, "_LONGEST_PART", longest)

    in_parts = parse_body(SourceText(Path("a.tf"), LONG))

    assert isinstance(whole, Body)
    assert in_parts == whole


@pytest.mark.parametrize(
    "mistake_in_it", ["x = = 1", "x = [1", "}", 'x = "${1 +}"', "word3 = 1", "a {} b {}", "x = 1 +"]
)
@pytest.mark.parametrize("longest", [40, 300])
def test_a_mistake_in_a_long_file_has_its_place(
    monkeypatch: pytest.MonkeyPatch, mistake_in_it: str, longest: int
) -> None:
    lines = LONG.splitlines()
    text = "\n".join([*lines[:-12], mistake_in_it, *lines[-12:]]) + "\n"
    whole = parse_body(SourceText(Path("a.tf"), text))
    monkeypatch.setattr(parsed_text, "_LONGEST_PART", longest)

    assert isinstance(whole, SyntaxMistake)
    assert parse_body(SourceText(Path("a.tf"), text)) == whole


def test_a_long_file_takes_less_memory_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "".join(f'resource "a" "r{number}" {{\n  name = "a"\n}}\n' for number in range(300))
    most = {}
    for longest in (3_000, 1_000_000):
        monkeypatch.setattr(parsed_text, "_LONGEST_PART", longest)
        monkeypatch.setattr(parsed_text, "_LONGEST_KEPT", 0)
        tracemalloc.start()
        try:
            parse_body(SourceText(Path("a.tf"), text))
            most[longest] = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert most[3_000] * 2 < most[1_000_000]


def test_a_file_of_more_words_than_anybody_writes_is_refused() -> None:
    found = parse_body(SourceText(Path("a.tf"), "x = [" + "1," * 200_000 + "]\n"))

    assert isinstance(found, SyntaxMistake)
    assert "split the file" in found.message
