"""The pages about rules under docs/reference/rules, made from the rules' own manuals; run by `make docs`."""

from pathlib import Path

from generator.rules.manuals import Entry, entries
from generator.topology.mistakes import mistake_rules

FOLDER = Path(__file__).parents[2] / "docs" / "reference" / "rules"


def pages() -> dict[str, str]:
    """Every page by its file name."""
    found = {f"{entry.name}.md": _page(entry) for entry in _shown()}
    return {"README.md": _index(), **found}


def _shown() -> list[Entry]:
    return [entry for entry in entries() if entry.has_page]


def _page(entry: Entry) -> str:
    where = ", ".join(f"`forebay {command}`" for command in entry.commands)
    return (
        f"# {entry.name}\n\nSeverity **{entry.severity.value}**, reported by {where}.\n\n"
        f"{entry.manual.text}\n"
    )


def _index() -> str:
    rows = "\n".join(
        f"| [{entry.name}]({entry.name}.md) | {entry.severity.value} | {_cell(entry)} |"
        for entry in _shown()
    )
    return (
        "# Rules\n\nWhat `validate`, `drift` and `check` report.\n"
        "`forebay rules` lists all, `forebay rules NAME` prints a page in the terminal; `--select` and\n"
        "`--ignore` take the names.\n\nThe examples of "
        "code stand in a root module whose provider is in `eu-west-1` and allows only the account\n"
        "`111122223333`.\n\n| rule | severity | meaning |\n| --- | --- | --- |\n"
        f"{rows}\n\n## Mistakes in a topology\n\n{_mistakes()}\n"
    )


def _mistakes() -> str:
    """What has no page of its own; the other mistakes are in the table of pages."""
    pages = {entry.name for entry in _shown()}
    *others, last = (f"`{rule.name}`" for rule in mistake_rules() if rule.name in pages)
    rows = "\n".join(
        f"| `{rule.name}` | {rule.severity.value} | {rule.title}. |"
        for rule in mistake_rules()
        if rule.name not in pages
    )
    return (
        "What `validate` finds by reading the topology alone, beside "
        f"{', '.join(others)} and {last}, which have a page.\n"
        "Its message says where, why and how to mend it.\n\n"
        f"| rule | severity | meaning |\n| --- | --- | --- |\n{rows}"
    )


def _cell(entry: Entry) -> str:
    return entry.manual.summary.replace("|", "\\|")


def main() -> None:
    """Write every page anew, and remove those of rules that are gone."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    wanted = pages()
    for file in FOLDER.glob("*.md"):
        if file.name not in wanted:
            file.unlink()
    for name, text in wanted.items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
