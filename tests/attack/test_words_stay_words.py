"""Text of strangers in every field of every kind of result, in every format and stream."""

from __future__ import annotations

import contextlib
import io
import json
import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from generator.cli.delivery import complain, deliver
from generator.cli.invocation import Invocation, Terminal
from generator.model.errors import ToolError
from generator.model.finding import Finding, FindingKind, Question, Severity, Witness
from generator.model.span import Span
from generator.model.suppression import Silenced
from generator.report import PICTURES, Format, render
from generator.report.report import Report
from generator.report.table import table

HOSTILE = (
    "\n::stop-commands::x\n::set-output name=a::b",
    "  ::error::x",
    "##[stop-commands]x",
    "a ##[error]b",
    "%0A::warning::x%0D",
    "\r::error::x",
    "\x1b[2J\x1b]0;title\x07",
    "\x00\x08\x7f\x9b",
    "\u202e\u2066txt.exe\u2069",
    "\u200b\u200d\u2060\ufeff\u00ad",
    "\U000e0041\U000e007f\U000e0100",
    "\u2028\u2029\x85\x0b\x0c",
    "\ud800 \udfff",
    "c\udcff.tf",
    "\n\n# Heading\n\n- [x] done\n1. one\n+ two\n\n---\n===\n",
    "~~~~\n```\n````\n~~~~~~",
    "` ![p](https://evil.example/p.png) @org/team <img src=x onerror=y> `",
    "``` `` ` odd",
    "`",
    "[here](javascript:x) <https://a.example> https://b.example www.c.example m@d.example",
    "@someone #123 GH-12 a/b#4",
    "</summary></details></code></b><script>x</script><!--",
    "-->",
    "]]>&amp;&#64;<x a='\"'>",
    "| a | b |\n|---|---|\n| c | d |",
    "    indented\n\tcode",
    "$x$ \\(y\\) ~s~ **b** __u__ *e*",
    "\\\\\\",
    " leading and trailing ",
    "\n\n\n",
    '"},"results":[]',
    "✅ Nothing to report.",
)
PLACE = Path("terraform") / "main.tf"


def finding(kind: FindingKind, text: str, *, file: Path) -> Finding:
    span = Span(file=file, line=1, column=1, end_line=2, end_column=3)
    return Finding(
        kind=kind,
        rule="grant-any-principal",
        severity=Severity.HIGH,
        title=f"It is {text}",
        message=f"The thing `{text}` is {text}\n{text}\n  {text}",
        subject=text,
        address=f"module.{text}",
        location=span,
        topology=Span(file=file, line=2, column=1, end_line=2, end_column=2),
        witness=Witness(
            principal=text,
            action=text,
            resource=text,
            context={text: text, "k": (text, "x")},
            statement=span,
            replay=(text,),
        ),
    )


def report(text: str, folder: Path) -> Report:
    """A report that says the text wherever it can."""
    code = folder / PLACE
    code.parent.mkdir(exist_ok=True)
    code.write_text(f"{text}\nline {text}\n", encoding="utf-8", errors="surrogatepass")
    name = re.sub(r"[/\0]", "", text)[:40]
    results = tuple(
        finding(kind, text, file=file)
        for kind in FindingKind
        for file in (code, folder / f"{name}.tf")
    )
    return Report(
        command="check",
        findings=results,
        base=folder,
        text=f"{text}\n{text}\n{table('t', ('a', 'b'), [(text, text)])}",
        extra={"files": ({"path": text},)},
        questions=(Question(suite=text, name=text, findings=(results[0].fingerprint,)),),
        silenced=(
            Silenced(finding=finding(FindingKind.DRIFT, text + "s", file=code), reason=text),
        ),
    )


def orders(text: str) -> list[str]:
    """The lines that GitHub's runner would take for commands."""
    lines = re.split("\r\n|\r|\n", text)
    return [line for line in lines if line.strip().startswith("::") or "##[" in line]


def hidden(text: str) -> set[str]:
    return {sign for sign in text if not sign.isprintable() and sign not in "\n\t"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("words")


TEXTS = st.one_of(
    st.sampled_from(HOSTILE),
    st.lists(st.sampled_from(HOSTILE), min_size=2, max_size=3).map("".join),
    st.text(max_size=20),
    st.text("`~#*_<>@:[]()!\\|&$-+=. \n1ax", max_size=20),
)


def rendered(text: str, folder: Path, format_: Format) -> str:
    return render(report(text, folder), format_)


@pytest.mark.parametrize("format_", [one for one in Format if one is not Format.GITHUB])
@settings(max_examples=60, deadline=None)
@given(text=TEXTS)
def test_no_line_is_an_order_and_nothing_is_hidden(
    format_: Format, folder: Path, text: str
) -> None:
    shown = rendered(text, folder, format_)

    assert orders(shown) == []
    assert hidden(shown) == set()
    shown.encode()


@settings(max_examples=100, deadline=None)
@given(text=TEXTS)
def test_each_line_for_github_is_the_one_command_that_is_meant(folder: Path, text: str) -> None:
    made = report(text, folder)

    lines = re.split("\r\n|\r|\n", render(made, Format.GITHUB))

    assert lines.pop() == ""
    assert len(lines) == len(made.findings) + 2  # and one each for what was accepted and proved
    for line in lines:
        assert re.fullmatch(r"::(error|warning|notice) [^:\r\n]*::.*", line)
        assert hidden(line) == set()


class Shown(HTMLParser):
    """The tags of a comment, and what people read in it."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.words: list[str] = []
        self.comments: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if attrs:
            self.tags.append(f"{tag} with {attrs}")

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)


OURS = {"details", "summary", "b", "code", "p", "pre", "h3"}


def as_html(text: str) -> str:
    # What GitHub adds to CommonMark: links without markup, tables, strikethrough.
    return MarkdownIt("gfm-like").render(text)


@settings(max_examples=150, deadline=None)
@given(text=TEXTS)
def test_a_comment_holds_no_markup_but_ours(folder: Path, text: str) -> None:
    made = report(text, folder)

    parser = Shown()
    parser.feed(re.sub(r' class="language-\w+"', "", as_html(render(made, Format.MARKDOWN))))
    parser.close()

    assert set(parser.tags) <= OURS
    assert parser.tags.count("details") == len(made.findings)
    assert parser.tags.count("h3") == 1
    assert parser.comments == [" forebay check "]


CALLS = re.compile(r"@\w|(?<!\w)#\d|GH-\d|https?://|www\.", re.IGNORECASE)


@settings(max_examples=150, deadline=None)
@given(text=TEXTS)
def test_a_comment_calls_nobody_and_links_to_nothing(folder: Path, text: str) -> None:
    html = as_html(rendered(text, folder, Format.MARKDOWN))
    # What is code is left alone by GitHub.
    prose = re.sub(r"<pre>.*?</pre>|<code.*?</code>", "", html, flags=re.DOTALL)

    parser = Shown()
    parser.feed(prose)
    parser.close()

    assert CALLS.findall("".join(parser.words)) == []


@pytest.mark.parametrize("text", HOSTILE)
def test_the_words_can_still_be_read_in_a_comment(folder: Path, text: str) -> None:
    parser = Shown()
    parser.feed(as_html(rendered(text, folder, Format.MARKDOWN)))
    said = re.sub("[^a-zA-Z0-9]", "", "".join(parser.words))

    for word in re.findall("[A-Za-z]{4,}", text):
        assert word in said


@settings(max_examples=100, deadline=None)
@given(text=TEXTS)
def test_programs_read_the_same_words(folder: Path, text: str) -> None:
    made = report(text, folder)

    document = json.loads(render(made, Format.JSON))
    json.loads(render(made, Format.SARIF))
    json.loads(render(made, Format.GITLAB))
    ET.fromstring(render(made, Format.JUNIT))  # noqa: S314 - our own

    whole = text.encode("utf-8", "backslashreplace").decode()
    assert document["results"][0]["title"] == f"It is {whole}"
    assert [one["kind"] for one in document["results"]] == [one.kind for one in made.findings]


@settings(max_examples=100, deadline=None)
@given(text=TEXTS)
def test_words_on_stderr_are_no_orders(text: str) -> None:
    with contextlib.redirect_stderr(io.StringIO()) as stream:
        complain(ToolError(text, f"{text}\n{text}", commands=(text,)))

    assert orders(stream.getvalue()) == []
    assert hidden(stream.getvalue()) == set()


# A picture shows no results: what its labels say is held in tests/map.
@pytest.mark.parametrize("format_", [one for one in Format if one not in PICTURES])
@pytest.mark.parametrize("text", HOSTILE)
def test_every_stream_and_file_takes_the_words(
    format_: Format, text: str, folder: Path, tmp_path: Path
) -> None:
    from generator.cli.invocation import ReportFile

    file = tmp_path / "report"
    invocation = Invocation(base=folder, format=format_)
    invocation.reports = (ReportFile(format=format_, file=file),)

    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()) as err:
        deliver(report(text, folder), invocation, Terminal())

    assert err.getvalue() == ""
    assert file.read_text(encoding="utf-8")
