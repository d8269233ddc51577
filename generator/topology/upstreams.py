"""Reads the section `upstreams`: registries that caches take their images from."""

from generator.model.quotes import listed, quoted
from generator.model.upstreams import CONSOLE_NAMES, REGISTRIES, Authentication, UpstreamRegistry
from generator.model.values import Region
from generator.topology.contents import Entries, Text
from generator.topology.credentials import credential_not_allowed, credential_of
from generator.topology.declarations import PlacedRegion, UpstreamEntry
from generator.topology.mistakes import (
    BUILT_IN_NAME,
    HOST_DOES_NOT_FIT,
    MISSING_KEY,
    NOT_FOR_THIS_REGISTRY,
    TWO_SCOPES,
    Mistakes,
    Place,
)
from generator.topology.organization import check_account_name
from generator.topology.registries import way_out
from generator.topology.texts import SAME


def upstream_entries(
    entries: Entries | None, accounts: frozenset[str] | None, mistakes: Mistakes
) -> dict[str, UpstreamEntry]:
    """Read the section `upstreams`."""
    if entries is None:
        return {}
    return {
        name: _upstream(name, place, entries.entries(name), accounts, mistakes)
        for name, place in entries.keys.items()
    }


def _upstream(
    name: str,
    place: Place,
    entry: Entries | None,
    accounts: frozenset[str] | None,
    mistakes: Mistakes,
) -> UpstreamEntry:
    meant = REGISTRIES.get(CONSOLE_NAMES.get(name, name))
    if entry is None:
        return UpstreamEntry(
            name=name,
            place=place,
            registry=None,
            host=None,
            account=None,
            region=None,
            credential=None,
            is_credential_known=False,
            is_whole=False,
        )
    registry = _registry(name, place, entry, meant, mistakes)
    credential = credential_of(entry.values.get("credential"), mistakes)
    is_whole = registry is not None and not entry.broken
    if registry is not None:
        is_whole &= _check_upstream_keys(registry, place, entry, accounts, mistakes)
    host, account, region = entry.text("host"), entry.text("account"), entry.text("region")
    account_id, role = entry.text("account_id"), entry.text("role")
    if account is None:
        account = account_id
    return UpstreamEntry(
        name=name,
        place=place,
        registry=registry,
        host=host.text if host is not None else registry.host if registry is not None else None,
        account=account.text if account is not None else None,
        region=(
            PlacedRegion(region=Region.parse(region.text), place=region.place)
            if region is not None and region.text != SAME
            else None
        ),
        role=role.text if role is not None else None,
        account_id_place=account_id.place if account_id is not None else None,
        credential=credential,
        is_credential_known=credential is not None or not entry.may_have("credential"),
        is_whole=is_whole,
    )


def _registry(
    name: str,
    place: Place,
    entry: Entries,
    meant: UpstreamRegistry | None,
    mistakes: Mistakes,
) -> UpstreamRegistry | None:
    """The registry of an upstream, from its key or from the upstream's name."""
    word = entry.text("registry")
    if word is None:
        if meant is None and not entry.may_have("registry"):
            mistakes.add(
                MISSING_KEY,
                place.below("registry", place.span, place.use),
                f"`{place.path}`: the name {quoted(name)} does not say which registry it is. Add "
                f"`registry:` with one of {listed(REGISTRIES)}.",
            )
        return meant if not entry.may_have("registry") else None
    registry = REGISTRIES[word.text]
    if meant is not None and meant is not registry:
        mistakes.add(
            BUILT_IN_NAME,
            word.place,
            f"`{word.place.path}`: the name {quoted(name)} means {meant.title} everywhere in a "
            f"topology, and this makes it {registry.title}. Give the upstream another name.",
        )
        return None
    return registry


def _check_upstream_keys(
    registry: UpstreamRegistry,
    place: Place,
    entry: Entries,
    accounts: frozenset[str] | None,
    mistakes: Mistakes,
) -> bool:
    """Whether all keys are right that only some registries take; notes those that are not."""
    is_right = True
    if registry.authentication is not Authentication.SECRET and entry.has("credential"):
        credential_not_allowed(registry, entry.keys["credential"], mistakes)
        is_right = False
    if (host := entry.text("host")) is not None:
        is_right &= _check_host(registry, host, mistakes)
    elif registry.name == "azure-container-registry" and not entry.may_have("host"):
        is_right = False
        mistakes.add(
            MISSING_KEY,
            place.below("host", place.span, place.use),
            f"`{place.path}`: every Azure Container Registry has a host of its own. Add "
            "`host: NAME.azurecr.io`.",
        )
    if registry.name == "ecr":
        account = entry.text("account")
        if account is not None:
            is_right &= check_account_name(account, accounts, mistakes)
        if entry.has("account") and entry.has("account_id"):
            is_right = False
            mistakes.add(
                TWO_SCOPES,
                entry.keys["account_id"],
                f"`{place.path}`: `account` and `account_id` both say whose registry it is; an "
                "upstream has one. Remove the other.",
            )
        elif not entry.may_have("account") and not entry.may_have("account_id"):
            is_right = False
            mistakes.add(
                MISSING_KEY,
                place.below("account", place.span, place.use),
                f"`{place.path}`: a private ECR registry belongs to an account. Add `account:` "
                "with the name of an account of this topology, or `account_id:` for one outside.",
            )
        return is_right
    for key in ("account", "account_id", "region", "role"):
        if entry.has(key):
            is_right = False
            mistakes.add(
                NOT_FOR_THIS_REGISTRY,
                entry.keys[key],
                f"`{entry.keys[key].path}`: {registry.title} has no `{key}`; only "
                "`registry: ecr` takes one. Remove the key.",
            )
    return is_right


def _check_host(registry: UpstreamRegistry, host: Text, mistakes: Mistakes) -> bool:
    path = host.place.path
    if registry.name == "ecr":
        mistakes.add(
            NOT_FOR_THIS_REGISTRY,
            host.place,
            f"`{path}`: the host of a private ECR registry follows from its `account` and "
            "`region`. Remove the key.",
        )
        return False
    if registry.host is None:
        if host.text.endswith(".azurecr.io"):
            return True
        advice = way_out(host.text)
        mistakes.add(
            HOST_DOES_NOT_FIT,
            host.place,
            f"`{path}`: {quoted(host.text)} is not the host of an Azure Container Registry, which "
            f"is `NAME.azurecr.io`. {advice}".rstrip(),
        )
        return False
    if host.text != registry.host:
        mistakes.add(
            HOST_DOES_NOT_FIT,
            host.place,
            f"`{path}`: {quoted(host.text)} is not the host of {registry.title}. ECR takes only "
            f"`{registry.host}`, which needs not be written. Remove the key.",
        )
        return False
    return True
