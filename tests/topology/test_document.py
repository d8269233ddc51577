"""What happens before any key is looked at: files that cannot be read, are not YAML, or are traps."""

from pathlib import Path

import pytest
import yaml

from generator.model.errors import ToolError
from generator.topology import read_topology
from generator.topology.document import (
    MAX_BYTES,
    MAX_DEPTH,
    Listing,
    Scalar,
    Table,
    parse_document,
)

HEAD = 'version: 1\naccounts: {main: {id: "111122223333", regions: [eu-west-1]}}\n'
REGISTRIES = "registries: {main: {caches: {quay: {}}}}\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "topology.yaml"


def error_of(file: Path, text: str | bytes) -> ToolError:
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(ToolError) as caught:
        read_topology(file)
    assert caught.value.exit_code == 1
    return caught.value


def test_a_file_that_is_not_there_is_an_error(file: Path) -> None:
    with pytest.raises(ToolError, match=r"topology\.yaml: there is no such file.*--topology"):
        read_topology(file)


def test_a_folder_is_an_error_that_names_the_file_in_it(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match=r"is a folder.*--topology .*/topology\.yaml"):
        read_topology(tmp_path)


def test_a_name_that_no_file_can_have_is_an_error() -> None:
    with pytest.raises(ToolError, match="the topology cannot be read"):
        read_topology(Path("a\0b"))


def test_a_syntax_error_names_file_line_and_column_and_shows_the_line(file: Path) -> None:
    error = error_of(file, HEAD + "registries: {main: {caches: [quay}}\n")

    assert error.summary == "the topology is not valid YAML"
    assert f"{file}:3:34: did not find expected ',' or ']'" in error.detail
    assert (
        "    registries: {main: {caches: [quay}}\n                                     ^"
        in error.detail
    )


@pytest.mark.parametrize("glob", ["*", "*-node", "*-nodes*", "*.x"])
@pytest.mark.parametrize("frame", ["a: {}\n", "a: {{role: {}}}\n", "- {}\n", "[{}, b]\n"])
def test_a_glob_that_starts_with_a_star_is_to_be_put_in_quotes(
    file: Path, glob: str, frame: str
) -> None:
    error = error_of(file, frame.format(glob))

    assert "put it in quotes" in error.detail
    assert f'`"{glob}"`' in error.detail


@pytest.mark.parametrize(
    "text",
    [
        "terraform: {assume_role: arn:{partition}:iam::{account_id}:role/x}\n",
        "terraform: {layout: {account}/x}\n",
        "terraform:\n  layout: {account}/x\n",
        "a: {b: x-{region}}\n",
    ],
)
def test_braces_that_open_a_mapping_are_to_be_put_in_quotes(file: Path, text: str) -> None:
    error = error_of(file, text)

    assert "put the whole value in quotes" in error.detail


def test_a_tab_as_indentation_is_explained(file: Path) -> None:
    error = error_of(file, "accounts:\n\tmain: {}\n")

    assert ":2:1: " in error.detail
    assert "YAML indents with spaces, never with tabs." in error.detail


def test_bytes_that_are_not_utf_8_are_an_error_with_their_place(file: Path) -> None:
    error = error_of(file, b"version: 1\nname: \xff\n")

    assert f"{file}:2:7: the file is not UTF-8 text." in error.detail


def test_a_control_character_is_an_error_with_its_place(file: Path) -> None:
    error = error_of(file, "version: 1\na: b\x01\n")

    assert f"{file}:2:5: a control character is not allowed." in error.detail


def test_half_a_character_as_an_escape_is_an_error(file: Path) -> None:
    error_of(file, 'a: "\\ud800"\n')


def test_an_alias_without_an_anchor_is_an_error(file: Path) -> None:
    error = error_of(file, "a: *b\n")

    assert ":1:4: there is no anchor `&b` above this alias." in error.detail


def test_an_anchor_that_contains_itself_is_an_error(file: Path) -> None:
    error = error_of(file, "a: &b [*b]\n")

    assert ":1:8: the anchor `&b` contains itself." in error.detail


def test_an_alias_bomb_is_refused(file: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 30)]

    error = error_of(file, "\n".join(lines))

    assert error.summary == "the topology is too large"


@pytest.mark.parametrize("opening", ["[", "{a: ", "- "])
def test_deep_nesting_is_refused(file: Path, opening: str) -> None:
    error = error_of(file, opening * (MAX_DEPTH + 1))

    assert error.summary == "the topology is nested too deeply"
    assert f"more than {MAX_DEPTH} levels" in error.detail


@pytest.mark.parametrize("opening", ["[", "{a: ", "- "])
def test_nesting_without_end_is_an_error_like_any_other(file: Path, opening: str) -> None:
    error_of(file, opening * 100_000)


def test_anchors_in_anchors_cannot_nest_deeper_than_brackets(file: Path) -> None:
    lines = ["a0: &a0 " + "[" * 40 + "]" * 40]
    lines += [f"a{n}: &a{n} {'[' * 40}*a{n - 1}{']' * 40}" for n in range(1, 1000)]

    error = error_of(file, "\n".join(lines))

    assert error.summary == "the topology is nested too deeply"


def test_a_huge_file_is_refused_without_being_parsed(file: Path) -> None:
    error = error_of(file, b"#" * (MAX_BYTES + 1))

    assert error.summary == "the topology is too large"


def test_a_resolved_topology_without_end_is_refused(file: Path) -> None:
    accounts = "".join(f'  a{n}: {{id: "{n:012}"}}\n' for n in range(3000))
    regions = "[eu-west-1, eu-west-2, eu-west-3, eu-central-1, eu-north-1, us-east-1, us-east-2, sa-east-1]"
    caches = "".join(f"      p{n}: {{upstream: quay}}\n" for n in range(50))

    error = error_of(
        file,
        f"version: 1\ndefaults: {{regions: {regions}}}\naccounts:\n{accounts}registries:\n"
        f"  every:\n    accounts: all\n    caches:\n{caches}",
    )

    assert error.summary == "the topology is too large"


def test_a_byte_order_mark_and_windows_line_ends_change_nothing(file: Path) -> None:
    text = (HEAD + REGISTRIES).replace("\n", "\r\n")
    file.write_bytes(b"\xef\xbb\xbf" + text.encode())
    other = file.with_name("other.yaml")
    other.write_text(HEAD + REGISTRIES, encoding="utf-8")

    reading, expected = read_topology(file), read_topology(other)

    assert reading.findings == ()
    assert reading.topology is not None
    assert expected.topology is not None
    assert reading.topology.caches[0].span.line == expected.topology.caches[0].span.line
    assert reading.topology.caches[0].span.column == expected.topology.caches[0].span.column


def test_a_line_end_that_only_yaml_knows_does_not_shift_the_lines(file: Path) -> None:
    file.write_text(f"# a\u2028b\n{HEAD}registries: {{}}\n", encoding="utf-8")

    (finding,) = read_topology(file).findings

    assert finding.location is not None
    assert finding.location.line == 4


def test_the_span_of_a_block_ends_with_its_last_value(file: Path) -> None:
    document = parse_document("a:\n  b:\n    - c\n    - dd\n\n\n# end\ne: 1\n", file)

    match document.root:
        case Table(entries=((_, Table() as inner), _)):
            assert (inner.span.line, inner.span.column) == (2, 3)
            assert (inner.span.end_line, inner.span.end_column) == (4, 9)
        case _:
            pytest.fail("the nodes are not as they are written")


@pytest.mark.parametrize("loader", ["CSafeLoader", "SafeLoader"])
def test_both_parsers_of_the_yaml_library_give_the_same_nodes(
    file: Path, loader: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if loader == "CSafeLoader" and not hasattr(yaml, "CSafeLoader"):
        pytest.skip("PyYAML was built without libyaml; install its binary wheel to run this")
    text = 'a: &x [b, "c", 0012]\nd:\n  e: *x\n  f: {g: ~}\n'
    if loader == "SafeLoader":
        monkeypatch.delattr(yaml, "CSafeLoader", raising=False)

    document = parse_document(text, file)

    assert isinstance(document.root, Table)
    (_, first), (_, second) = document.root.entries
    assert isinstance(first, Listing)
    assert [item.text for item in first.items if isinstance(item, Scalar)] == ["b", "c", "0012"]
    assert [item.is_plain for item in first.items if isinstance(item, Scalar)] == [
        True,
        False,
        True,
    ]
    assert (first.span.line, first.span.end_line, first.span.end_column) == (1, 1, 21)
    assert isinstance(second, Table)
    used = second.entries[0][1]
    assert isinstance(used, Listing)
    assert used.use is not None
    assert (used.use.name, used.use.span.line, used.use.span.column) == ("x", 3, 6)


def test_a_bracket_that_is_never_closed_is_shown_where_it_opens(file: Path) -> None:
    error = error_of(file, "version: 1\nregistries:\n  main: {caches: {quay: {}}\n")

    assert "topology.yaml:4:1: " in error.detail
    assert "that begins on line 3, column 9" in error.detail
