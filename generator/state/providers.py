"""Which account and region a plan's provider configurations act on, as far as the plan says."""

from collections.abc import Iterator, Mapping

from generator.frozen_data import frozen
from generator.model.errors import InvalidValueError
from generator.model.estate import Unknown
from generator.model.values import AccountId, Region
from generator.state.document import elements, fields, word

_NO_ACCOUNT = (
    "its provider configuration names no account literally, and nothing that exists shows it; "
    "`allowed_account_ids` with one literal account would tell, or `--code` with the code"
)


@frozen
class Provider:
    """What one provider configuration says about where it acts.

    `is_one` is false for a configuration that has many instances: what one of them shows says
    nothing about another.
    """

    account: AccountId | None
    region: Region | None
    is_one: bool = True


def providers_of(configuration: Mapping[str, object]) -> dict[str, Provider]:
    """The provider configurations of a plan, by the key that resources name."""
    return {
        key: _provider(fields(fields(entry).get("expressions")))
        for key, entry in fields(configuration.get("provider_config")).items()
    }


@frozen
class Block:
    """What a plan's configuration says about a resource block: its provider's key, what is written."""

    provider_key: str = ""
    arguments: frozenset[str] = frozenset()


def blocks_of(configuration: Mapping[str, object]) -> dict[tuple[str, ...], Block]:
    """The resource blocks by the names of the module calls and the block's own address."""
    blocks: dict[tuple[str, ...], Block] = {}
    modules: list[tuple[tuple[str, ...], Mapping[str, object]]] = [
        ((), fields(configuration.get("root_module")))
    ]
    while modules:
        path, module = modules.pop()
        for resource in map(fields, elements(module.get("resources"))):
            blocks[*path, word(resource.get("address"))] = Block(
                provider_key=word(resource.get("provider_config_key")),
                arguments=frozenset(fields(resource.get("expressions"))),
            )
        for name, call in fields(module.get("module_calls")).items():
            modules.append(((*path, name), fields(fields(call).get("module"))))
    return blocks


def account_of_arn(arn: object) -> AccountId | None:
    """The account in an ARN, `None` when there is none."""
    return _account(_arn_word(arn, 4))


def region_of_arn(arn: object) -> Region | None:
    """The region in an ARN, `None` when there is none."""
    return parsed_region(_arn_word(arn, 3))


def parsed_region(text: object) -> Region | None:
    """A region, `None` when the text is none."""
    try:
        return Region.parse(word(text))
    except InvalidValueError:
        return None


def unknown_account(address: str) -> Unknown:
    """The account of a resource when nothing tells it."""
    return Unknown(reason=_NO_ACCOUNT, reference=f"the account of {address}")


def unknown_region(address: str) -> Unknown:
    """The region of a resource when nothing tells it."""
    reason = (
        "neither the resource's values nor its provider configuration say it; version 6 or later of "
        "the AWS provider writes it with each resource"
    )
    return Unknown(reason=reason, reference=f"the region of {address}")


def _provider(expressions: Mapping[str, object]) -> Provider:
    allowed = elements(fields(expressions.get("allowed_account_ids")).get("constant_value"))
    account = _account(allowed[0]) if len(allowed) == 1 else None
    if account is None and "allowed_account_ids" not in expressions:
        roles = elements(expressions.get("assume_role"))
        if roles:
            account = account_of_arn(_constant(fields(roles[-1]), "role_arn"))
    return Provider(
        account=account,
        region=parsed_region(_constant(expressions, "region")),
        is_one=not any(reference.startswith("each.") for reference in _references(expressions)),
    )


def _constant(expressions: Mapping[str, object], name: str) -> object:
    return fields(expressions.get(name)).get("constant_value")


def _references(value: object) -> Iterator[str]:
    """Every name that an expression, or one of the blocks in it, refers to."""
    if isinstance(value, list):
        for item in value:
            yield from _references(item)
    for key, item in fields(value).items():
        if key == "references":
            yield from map(word, elements(item))
        elif key != "constant_value":
            yield from _references(item)


def _account(text: object) -> AccountId | None:
    try:
        return AccountId.parse(word(text))
    except InvalidValueError:
        return None


def _arn_word(arn: object, index: int) -> str:
    words = word(arn).split(":", 5)
    return words[index] if len(words) == 6 and words[0] == "arn" else ""
