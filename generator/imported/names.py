"""Names for what has none in the code: accounts by their folders, and where the folders lie."""

import re
from collections.abc import Iterable, Mapping

from generator.model.estate import Estate, Unknown
from generator.model.values import AccountId

_NAME = re.compile(r"[a-z][a-z0-9-]{0,62}")
_NOT_AN_ACCOUNT = frozenset({"modules", "handover", "all", "none"})


def slug(text: str) -> str:
    """A text as a name that the language takes."""
    name = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:50].strip("-")
    return name if _NAME.fullmatch(name) else f"x-{name}".rstrip("-")


def is_name(text: str) -> bool:
    """Whether the language takes a text for a name as it is."""
    return _NAME.fullmatch(text) is not None


def unused(wanted: str, taken: Iterable[str]) -> str:
    """The name, with a number when it is taken."""
    names = set(taken)
    candidate, number = wanted, 2
    while candidate in names:
        candidate, number = f"{wanted}-{number}", number + 1
    return candidate


def account_folders(estate: Estate) -> dict[AccountId, tuple[str, ...]]:
    """The folders of the roots of each account."""
    found: dict[AccountId, list[str]] = {}
    for root in estate.roots:
        if not isinstance(root.account, Unknown):
            found.setdefault(root.account, []).append(root.name)
    return {account: tuple(sorted(names)) for account, names in sorted(found.items())}


def code_folders(
    estate: Estate, layout: str, names: Mapping[AccountId, str]
) -> dict[AccountId, tuple[str, ...]]:
    """The folders of each account that neither say their account themselves nor lie where it tells it."""
    found: dict[AccountId, list[str]] = {}
    for root in estate.roots:
        account = root.account
        if isinstance(account, Unknown) or account not in names or not root.why_account:
            continue
        told = layout.replace("{account}", names[account]).replace("{account_id}", account)
        if (root.name or ".") != told and is_code_folder(root.name or "."):
            found.setdefault(account, []).append(root.name or ".")
    return {account: tuple(sorted(folders)) for account, folders in found.items()}


def is_code_folder(folder: str) -> bool:
    """Whether the topology has words for a folder."""
    return re.fullmatch(r"[A-Za-z0-9_./-]{1,200}", folder) is not None


def layout_of(folders: Mapping[AccountId, tuple[str, ...]]) -> tuple[str | None, int | None]:
    """The layout that the folders follow, and which part of them names the account.

    `None` where they follow none, or where no part is a name.
    """
    if not folders or any(len(names) != 1 for names in folders.values()):
        return None, None
    parts = [names[0].split("/") if names[0] else [] for names in folders.values()]
    if len(parts) == 1 and not parts[0]:
        return ".", None
    if len({len(each) for each in parts}) != 1 or not parts[0]:
        return None, None
    varying = [
        index for index in range(len(parts[0])) if len({each[index] for each in parts}) > 1
    ] or [len(parts[0]) - 1]
    if len(varying) != 1:
        return None, None
    index = varying[0]
    words = [each[index] for each in parts]
    if words == list(folders):
        word, named = "{account_id}", None
    elif all(map(is_account_name, words)) and len(set(words)) == len(words):
        word, named = "{account}", index
    else:
        return None, None
    layout = "/".join([*parts[0][:index], word, *parts[0][index + 1 :]])
    return (layout, named) if re.fullmatch(r"[A-Za-z0-9_./{}-]+", layout) else (None, None)


def account_names(
    accounts: Iterable[AccountId],
    folders: Mapping[AccountId, tuple[str, ...]],
    index: int | None,
    given: Mapping[AccountId, str],
    words: Mapping[AccountId, str],
) -> dict[AccountId, str]:
    """A name for each account: the given one, its folder's, the code's word for it, else its id."""
    every = sorted(accounts)
    names = {account: given[account] for account in every if account in given}
    for account in every:
        if account in names:
            continue
        own = folders.get(account, ())
        wanted = name_by_word(account, words)
        part = -1 if index is None else index
        if len(own) > 1:
            own, part = _own_folder(account, folders), -1
        if len(own) == 1 and own[0]:
            last = own[0].split("/")[part]
            if is_account_name(last):
                wanted = last
        names[account] = unused(wanted, names.values())
    return names


def name_by_word(account: AccountId, words: Mapping[AccountId, str]) -> str:
    """What the code calls an account, where the language takes that, else its id."""
    word = slug(words.get(account, ""))
    return word if account in words and is_account_name(word) else f"account-{account}"


def _own_folder(
    account: AccountId, folders: Mapping[AccountId, tuple[str, ...]]
) -> tuple[str, ...]:
    """The folder that all roots of an account lie in and those of no other do."""
    shared = _shared_folder(folders[account])
    others = (name for other, found in folders.items() if other != account for name in found)
    if not shared or any(f"{name}/".startswith(f"{shared}/") for name in others):
        return ()
    return (shared,)


def _shared_folder(folders: Iterable[str]) -> str:
    """The folder that all of these lie in, `""` where there is none."""
    parts = [folder.split("/")[:-1] for folder in folders]
    shared: list[str] = []
    for level in zip(*parts, strict=False):
        if len(set(level)) > 1:
            break
        shared.append(level[0])
    return "/".join(shared)


def is_account_name(text: str) -> bool:
    """Whether an account can be called so, and nothing else of a topology is."""
    return is_name(text) and text not in _NOT_AN_ACCOUNT
