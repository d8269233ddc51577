"""Version constraints as Terraform writes them: `>= 1.11, < 2.0`, `~> 6.50`."""

import re

_CONSTRAINT = re.compile(r"\s*(?P<sign>=|!=|>=|<=|>|<|~>)?\s*v?(?P<version>\d+(?:\.\d+){0,2})\s*")
_VERSION = re.compile(r"\d+\.\d+\.\d+")


def fits(version: str, constraint: str) -> bool:
    """Whether a version fits all parts of a constraint; one that is not understood fits nothing."""
    if not _VERSION.fullmatch(version):
        return version == constraint.strip().removeprefix("=").strip()
    found = _numbers(version)
    for part in constraint.split(","):
        match = _CONSTRAINT.fullmatch(part)
        if match is None:
            return False
        given = match["version"]
        wanted = (*_numbers(given), 0, 0)[:3]
        match match["sign"] or "=":
            case "=":
                is_fit = found == wanted
            case "!=":
                is_fit = found != wanted
            case ">=":
                is_fit = found >= wanted
            case "<=":
                is_fit = found <= wanted
            case ">":
                is_fit = found > wanted
            case "<":
                is_fit = found < wanted
            case _:
                kept = max(len(_numbers(given)) - 1, 1)
                is_fit = found >= wanted and found[:kept] == wanted[:kept]
        if not is_fit:
            return False
    return True


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part[:9]) for part in version.split("."))
