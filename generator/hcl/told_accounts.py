"""Which account a root module acts in, by ARNs in it that can only be of its own account."""

from collections.abc import Iterable, Iterator

from generator.frozen_data import frozen
from generator.model.errors import InvalidValueError
from generator.model.estate import Attribute, Json, Kind, Known, Link, Record, Unknown
from generator.model.values import AccountId

_OWN = {
    Kind.CACHE_RULE: ("credential_arn", "custom_role_arn"),
    Kind.CREATION_TEMPLATE: ("custom_role_arn",),
}


@frozen
class ToldAccount:
    """The account, and what tells it, in words."""

    account: AccountId
    why: str


def account_told(records: Iterable[Record]) -> ToldAccount | None:
    """The one account of which a root's ARNs can only be; `None` where there is none, or several.

    The secret and the role of a cache rule, and the role of a template, are of the registry's own account,
    or AWS refuses them. Where there is none of these, the repositories of registry policies tell it.
    """
    found = tuple(records)
    for told in (_of_rules(found), _of_policies(found)):
        accounts = dict(told)
        if accounts:
            account, why = next(iter(accounts.items()))
            return ToldAccount(account=account, why=why) if len(accounts) == 1 else None
    return None


def _of_rules(records: Iterable[Record]) -> Iterator[tuple[AccountId, str]]:
    for record in records:
        for name in _OWN.get(record.kind, ()):
            account = _account_in(record.get(name))
            if account is not None and isinstance(record.account, Unknown):
                yield account, f"the `{name}` of `{record.address}` is of it"


def _of_policies(records: Iterable[Record]) -> Iterator[tuple[AccountId, str]]:
    for record in records:
        policy = record.get("policy")
        if record.kind is not Kind.REGISTRY_POLICY or not isinstance(policy, Known):
            continue
        for text in _texts(policy.value):
            words = text.split(":", 5)
            is_registry = words[0] == "arn" and words[2:3] == ["ecr"] and len(words) == 6
            if is_registry and isinstance(record.account, Unknown):
                account = _parsed(words[4])
                if account is not None:
                    yield account, f"the repositories in `{record.address}` are of it"


def _account_in(attribute: Attribute) -> AccountId | None:
    """The account in the ARN that an attribute is, as far as its beginning is known."""
    match attribute:
        case Link(target=target):
            return target.account
        case Known(value=str() as text):
            return _of_arn(text)
        case Known(value=Unknown() as unknown) | (Unknown() as unknown):
            return _of_arn(unknown.parts[0] or "")
        case _:
            return None


def _of_arn(text: str) -> AccountId | None:
    words = text.split(":")
    return _parsed(words[4]) if words[0] == "arn" and len(words) >= 6 else None


def _parsed(text: str) -> AccountId | None:
    try:
        return AccountId.parse(text)
    except InvalidValueError:
        return None


def _texts(value: Json) -> Iterator[str]:
    match value:
        case str():
            yield value
        case tuple():
            for item in value:
                yield from _texts(item)
        case dict():
            for item in value.values():
                yield from _texts(item)
        case _:
            pass
