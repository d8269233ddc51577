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


def is_understood(constraint: str) -> bool:
    """Whether every part of a constraint is one that `fits` reads."""
    return all(_CONSTRAINT.fullmatch(part) for part in constraint.split(","))


def can_meet(first: str, second: str) -> bool:
    """Whether some version fits both constraints; `True` where one is not understood.

    The lowest version of an intersection is a bound, or stands right behind one, or behind versions that
    are left out.
    """
    parts = [*first.split(","), *second.split(",")]
    found = [_CONSTRAINT.fullmatch(part) for part in parts]
    bounds = {(0, 0, 0)}
    for match in found:
        if match is None:
            return True
        major, minor, patch = (*_numbers(match["version"]), 0, 0)[:3]
        bounds.update((major, minor, patch + more) for more in range(len(parts) + 1))
    both = f"{first},{second}"
    return any(fits(".".join(map(str, bound)), both) for bound in bounds)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part[:9]) for part in version.split("."))
