"""How wide a table may be on stdout."""

import os
import shutil
import sys


def table_width() -> int | None:
    """The columns of the terminal, or those that COLUMNS names; `None` for no limit (a pipe)."""
    if not sys.stdout.isatty() and not os.environ.get("COLUMNS", "").isdigit():
        return None
    return max(40, shutil.get_terminal_size((100, 24)).columns)
