"""The options about asking AWS: how accounts are entered, and how much at once."""

import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import TypeAlias, TypeVar

import click

from generator.frozen_data import frozen
from generator.model.errors import InvalidValueError
from generator.model.values import AccountId, Region

_Command = TypeVar("_Command", bound=Callable[..., object])


@frozen
class AccessOptions:
    """What a person said about entering accounts."""

    assume_role: str | None = None
    profile: str | None = None
    threads: int = 32


def access_options(command: _Command) -> _Command:
    """The options that say how each account is entered; they come as `click`'s meta, see `access`."""
    options = (
        click.option(
            "--assume-role",
            metavar="PATTERN",
            expose_value=False,
            callback=_store("assume_role"),
            help="Enter each account by this role, such as "
            "arn:{partition}:iam::{account_id}:role/forebay-reader; its session may only read.",
        ),
        click.option(
            "--profile",
            metavar="PATTERN",
            expose_value=False,
            callback=_store("profile"),
            help="Enter each account by this profile, such as {account} or read-{account_id}.",
        ),
        click.option(
            "--threads",
            type=click.IntRange(1, 256),
            default=32,
            show_default=True,
            expose_value=False,
            callback=_store("threads"),
            help="How many accounts and regions are read at once.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


@frozen
class LiveInput:
    """What `--live` named: files with snapshots, and whether AWS is asked now."""

    files: tuple[Path, ...]
    asks_now: bool
    max_age: timedelta | None = None


def live_options(command: _Command) -> _Command:
    """`--live`, how old it may be, and how accounts are entered where it asks AWS itself."""
    options = (
        click.option(
            "--live",
            is_flag=False,
            flag_value="",
            multiple=True,
            metavar="[FILE]",
            callback=_live_input,
            help="What AWS has: a file of `forebay snapshot`, or without FILE it is asked now; can "
            "be repeated.",
        ),
        click.option(
            "--max-age",
            metavar="AGE",
            expose_value=False,
            is_eager=True,
            callback=_store_max_age,
            help="How old a part of a snapshot may be to count, such as 90m, 24h or 7d.",
        ),
    )
    command = access_options(command)
    for option in reversed(options):
        command = option(command)
    return command


def _live_input(
    context: click.Context, _parameter: click.Parameter, value: tuple[str, ...]
) -> LiveInput | None:
    if not value:
        return None
    return LiveInput(
        files=tuple(Path(name) for name in value if name),
        asks_now="" in value,
        max_age=context.meta.get("forebay.max_age"),
    )


_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def _store_max_age(context: click.Context, _parameter: click.Parameter, value: str | None) -> None:
    if value is None:
        return
    found = re.fullmatch(r"([0-9]{1,6})([mhd])", value)
    if found is None:
        raise click.BadParameter(f"`{value}` is no age such as 90m, 24h or 7d.")
    context.meta["forebay.max_age"] = timedelta(**{_UNITS[found[2]]: int(found[1])})


def access() -> AccessOptions:
    """What the running command was told; the defaults where it has no such options."""
    meta = click.get_current_context().meta
    found = AccessOptions(
        assume_role=meta.get("forebay.assume_role"),
        profile=meta.get("forebay.profile"),
        threads=meta.get("forebay.threads", 32),
    )
    if found.assume_role is not None and found.profile is not None:
        raise click.UsageError("--assume-role and --profile exclude each other.")
    return found


def _store(name: str) -> Callable[[click.Context, click.Parameter, object], None]:
    def store(context: click.Context, parameter: click.Parameter, value: object) -> None:
        if isinstance(value, str):
            _check_pattern(value, parameter)
        context.meta[f"forebay.{name}"] = value

    return store


def region_option(command: _Command) -> _Command:
    """`--region`: which regions are read where no topology names them."""
    return click.option(
        "--region",
        "regions",
        multiple=True,
        metavar="REGION",
        help="A region to read in each --account NAME=ID; can be repeated.",
    )(command)


Places: TypeAlias = tuple[tuple[str, AccountId, tuple[Region, ...]], ...]
"""Accounts without a topology: the name, the id, the regions to read."""


def places_by_hand(accounts: Sequence[str], regions: Sequence[str]) -> Places:
    """What `--account NAME=ID` and `--region` name; raises `UsageError` where that is not enough."""
    if not regions:
        raise click.UsageError("Name the regions to read: --region eu-west-1, as often as needed.")
    try:
        parsed = tuple(dict.fromkeys(Region.parse(region) for region in regions))
    except InvalidValueError as error:
        raise click.UsageError(f"{error}.") from error
    return tuple((name, account, parsed) for account, name in named_accounts(accounts).items())


def named_accounts(accounts: Sequence[str]) -> dict[AccountId, str]:
    """The names of accounts as `--account NAME=ID` gives them; raises `UsageError`."""
    found: dict[AccountId, str] = {}
    for text in accounts:
        name, _, number = text.partition("=")
        try:
            account = AccountId.parse(number)
        except InvalidValueError as error:
            raise click.UsageError(
                f"`--account {text}`: {error}. It takes NAME=ID, such as `shop=222233334444`."
            ) from error
        if not re.fullmatch(r"[a-z][a-z0-9-]{0,62}", name) or name in found.values():
            raise click.UsageError(
                f"`--account {text}`: each account needs a name of its own, of small letters, digits "
                "and hyphens."
            )
        if account in found:
            raise click.UsageError(f"`--account {text}`: {account} is named twice.")
        found[account] = name
    return found


_WORDS = ("{account}", "{account_id}", "{partition}")


def _check_pattern(text: str, parameter: click.Parameter) -> None:
    """Refuse words in braces that nothing stands for, which would never be an account's."""
    left = text
    for word in _WORDS:
        left = left.replace(word, "")
    if not text or "{" in left or "}" in left:
        raise click.BadParameter(
            f"`{text}` may hold {', '.join(_WORDS)} and nothing else in braces.", param=parameter
        )
