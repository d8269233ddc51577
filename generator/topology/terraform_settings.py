"""The `terraform` section as it is declared, and the mistakes that it shows by itself."""

import re
from collections.abc import Iterator, Mapping

from generator.model.quotes import quoted
from generator.model.terraform_settings import (
    Argument,
    Backend,
    GitModules,
    ProviderBlock,
    TerraformSettings,
)
from generator.model.version_constraint import can_meet
from generator.topology import terraform_fields as fields
from generator.topology.contents import Entries, Items, PlacedArgument, Text
from generator.topology.mistakes import (
    SECRET_IN_TOPOLOGY,
    VERSION_IMPOSSIBLE,
    WITHOUT_EFFECT,
    WRONG_TYPE,
    Mistakes,
)

_SECRETS = frozenset(
    {
        "access_key",
        "access_token",
        "certificate_password",
        "client_certificate_password",
        "client_key_data",
        "client_secret",
        "credentials",
        "encryption_key",
        "oidc_request_token",
        "oidc_token",
        "password",
        "private_key",
        "sas_token",
        "secret_access_key",
        "secret_id",
        "secret_key",
        "security_token",
        "sse_customer_key",
        "token",
        "web_identity_token",
    }
)
"""Arguments of backends that hold a secret."""

_BLOCKS = {
    "cos": frozenset({"assume_role"}),
    "kubernetes": frozenset({"exec"}),
    "oss": frozenset({"assume_role"}),
    "remote": frozenset({"workspaces"}),
}
"""What Terraform takes as blocks in backends; all else it takes as arguments."""

_PASSWORD_IN_TEXT = re.compile(r"://[^/@\s]*:[^/@\s]+@|\bpassword\s*=", re.IGNORECASE)


_OF_MODULES = {
    "required_version": fields.DEFAULT_REQUIRED_VERSION,
    "aws_provider": fields.DEFAULT_AWS_PROVIDER,
    "time_provider": fields.DEFAULT_TIME_PROVIDER,
}
"""What the packaged modules themselves want, which is what the topology asks for by default."""


def terraform_settings(entries: Entries | None, mistakes: Mistakes) -> TerraformSettings:
    """The section's settings, with the defaults for what it does not say."""

    def word(key: str, default: str) -> str:
        text = entries.text(key) if entries is not None else None
        return text.text if text is not None else default

    for key, own in _OF_MODULES.items():
        text = entries.text(key) if entries is not None else None
        # Modules from elsewhere may be of another release, with other needs.
        is_own = word("modules", fields.VENDORED) == fields.VENDORED
        if entries is None or text is None or not is_own or can_meet(text.text, own):
            continue
        place = entries.keys[key]
        mistakes.add(
            VERSION_IMPOSSIBLE,
            place,
            f"`{place.path}`: the modules want `{own}`, and no version fits that and "
            f"{quoted(text.text)}: `terraform init` fails. Write a constraint that leaves one, such "
            f"as `{own}`, or leave the key out.",
        )
    provider = ProviderBlock(word("provider", ProviderBlock.GENERATE.value))
    if entries is not None and provider is ProviderBlock.NONE and entries.has("assume_role"):
        place = entries.keys["assume_role"]
        mistakes.add(
            WITHOUT_EFFECT,
            place,
            f"`{place.path}`: with `provider: none` no provider block is written that could assume "
            "a role. Remove the key, and let whoever writes the provider say it.",
        )
    return TerraformSettings(
        required_version=word("required_version", fields.DEFAULT_REQUIRED_VERSION),
        aws_provider=word("aws_provider", fields.DEFAULT_AWS_PROVIDER),
        time_provider=word("time_provider", fields.DEFAULT_TIME_PROVIDER),
        layout=word("layout", fields.DEFAULT_LAYOUT),
        assume_role=_assume_role(entries) if entries is not None else None,
        provider=provider,
        backend=_backend(entries.entries("backend"), mistakes) if entries is not None else None,
        modules=git_modules(word("modules", fields.VENDORED)),
    )


def git_modules(text: str) -> GitModules | None:
    """The source of the modules; `None` for copies beside the roots."""
    if text == fields.VENDORED:
        return None
    address, _, query = text.partition("?")
    # Behind `//` comes the folder inside the repository, which is the module's own at the top.
    has_folder = "//" in address.partition("://")[2]
    return GitModules(folder=address if has_folder else f"{address}/", query=query)


def _assume_role(entries: Entries) -> Mapping[str, Argument] | None:
    match entries.values.get("assume_role"):
        case Text() as arn:
            return {"role_arn": arn.text}
        case Entries() as block:
            return {name: _plain(value) for name, value in sorted(block.values.items())}
        case _:
            return None


def _plain(value: object) -> Argument:
    match value:
        case Text():
            return value.text
        case Items():
            return tuple(item.text for item in value.items if isinstance(item, Text))
        case Entries():
            return {
                name: item.text
                for name, item in sorted(value.values.items())
                if isinstance(item, Text)
            }
        case _:
            raise TypeError(f"{value!r} is no argument of a provider's role")


def _backend(entries: Entries | None, mistakes: Mistakes) -> Backend | None:
    if entries is None:
        return None
    kind = entries.text("type")
    as_blocks = _BLOCKS.get(kind.text, frozenset()) if kind is not None else frozenset()
    arguments: dict[str, Argument] = {}
    blocks: list[tuple[str, Mapping[str, Argument]]] = []
    for name, value in sorted(entries.values.items()):
        if not isinstance(value, PlacedArgument):
            continue
        for problem in _secrets(name, value.value):
            mistakes.add(SECRET_IN_TOPOLOGY, value.place, problem)
        if name not in as_blocks:
            arguments[name] = value.value
            continue
        for item in value.value if isinstance(value.value, tuple) else (value.value,):
            if isinstance(item, Mapping):
                blocks.append((name, item))
            else:
                mistakes.add(
                    WRONG_TYPE,
                    value.place,
                    f"`{value.place.path}`: Terraform takes `{name}` as a block here. Write a "
                    "mapping with its arguments.",
                )
    if kind is None:
        return None
    return Backend(type=kind.text, arguments=arguments, blocks=tuple(blocks))


def _secrets(name: str, value: Argument) -> Iterator[str]:
    """What is wrong with each secret in an argument, however deep."""
    if name in _SECRETS or (isinstance(value, str) and _PASSWORD_IN_TEXT.search(value)):
        yield (
            f"`terraform.backend`: `{name}` holds a secret. A topology, the code made of it and "
            "the plans of that code are read by many. Remove it, and give it to `terraform init` "
            "by the environment or with `-backend-config`."
        )
    elif isinstance(value, Mapping):
        for inner, item in value.items():
            yield from _secrets(inner, item)
