"""python-hcl2's grammar in a parser of our own, with a few repairs.

The package's own parser keeps its table in `site-packages`, which is often not writable, and its
grammar refuses some valid code. So the grammar file is taken as it is installed, repaired by exact
replacements, and built here. A release whose grammar differs is noticed at once.
"""

import importlib.util
import re
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from generator.model.errors import ToolError

if TYPE_CHECKING:
    from lark import Lark

# The scanner has dealt with texts, comments and line breaks; so a line break ends an expression.
_REPAIRS = (
    ("NAME : /[a-zA-Z_][a-zA-Z0-9_-]*/", r"NAME : /[^\W\d][\w-]*/"),
    ("INT_LITERAL: NEGATIVE_DECIMAL? DECIMAL+", "INT_LITERAL: DECIMAL+"),
    (
        'FLOAT_LITERAL: (NEGATIVE_DECIMAL? DECIMAL+ | NEGATIVE_DECIMAL+) "." DECIMAL+ (EXP_MARK)?',
        'FLOAT_LITERAL: DECIMAL+ "." DECIMAL+ (EXP_MARK)?',
    ),
    (
        "| (NEGATIVE_DECIMAL? DECIMAL+ | NEGATIVE_DECIMAL+) (EXP_MARK)",
        "| DECIMAL+ (EXP_MARK)",
    ),
    (
        "function_call : identifier (COLONS identifier COLONS identifier)? LPAR",
        "function_call : identifier (COLONS identifier)* LPAR",
    ),
    (
        "!unary_op : (MINUS | NOT) expr_term",
        "!unary_op : (MINUS | NOT) (expr_term | unary_op)",
    ),
)
_OPERATOR_LINE_BREAK = re.compile(
    r"(?<=_operator) new_line_or_comment\?|(?<=_binary_term) new_line_or_comment\?"
)
_OPERATOR_LINE_BREAKS = 12
_GRAMMAR_FILE = "hcl2.lark"


@cache
def parser(cache_folder: Path | None = None) -> "Lark":
    """The parser; its table is kept in `cache_folder` between runs when one is given.

    Raises `ToolError` where another package has taken the name `hcl2`.
    """
    grammar = repaired_grammar((package_folder() / _GRAMMAR_FILE).read_text("utf-8"))
    from generator.hcl.parser_table import kept_parser

    return kept_parser(grammar, cache_folder)


def package_folder() -> Path:
    """Where python-hcl2 is installed; it is not imported, which would cost a tenth of a second."""
    loaded = sys.modules.get("hcl2")
    try:
        spec = importlib.util.find_spec("hcl2")
    except ValueError:
        spec = None
    folder = Path(spec.origin).parent if spec is not None and spec.origin is not None else None
    own = folder is not None and (loaded is None or hasattr(loaded, "parses_to_tree"))
    if folder is None or not own or not _declares_our_function(folder / "api.py"):
        raise ToolError(
            "Another package has replaced python-hcl2",
            "Terraform code cannot be read: the installed package `hcl2` is not python-hcl2 8.1. "
            "bc-python-hcl2, which checkov needs, installs itself under the same name; keep "
            "checkov in an environment of its own.",
            commands=(
                "pip uninstall --yes bc-python-hcl2",
                "pip install --force-reinstall 'python-hcl2>=8.1.4,<8.2'",
            ),
        )
    return folder


def _declares_our_function(file: Path) -> bool:
    try:
        return "def parses_to_tree(" in file.read_text("utf-8")
    except OSError:
        return False


def repaired_grammar(grammar: str) -> str:
    """The grammar with our repairs; raises `ToolError` when a repaired line is not there."""
    missing = [before for before, _ in _REPAIRS if before not in grammar]
    for before, after in _REPAIRS:
        grammar = grammar.replace(before, after)
    grammar, line_breaks = _OPERATOR_LINE_BREAK.subn("", grammar)
    if missing or line_breaks != _OPERATOR_LINE_BREAKS:
        raise ToolError(
            "The installed python-hcl2 is not supported",
            "Its grammar differs from the one this version was built for.",
            commands=("pip install 'python-hcl2>=8.1.4,<8.2'",),
        )
    return grammar
