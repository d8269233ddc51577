"""Reads the sections of a topology file into declarations."""

from datetime import date
from pathlib import Path

from generator.model.errors import InvalidValueError
from generator.model.levels import Level
from generator.model.topology import Credential, CredentialValue, RegistryPolicyMode
from generator.model.upstreams import CONSOLE_NAMES, REGISTRIES, Authentication, UpstreamRegistry
from generator.model.values import AccountId, Prefix, Region
from generator.topology import fields
from generator.topology.consumers import consumer_entries, target_of_grant
from generator.topology.declarations import (
    AccountEntry,
    CacheEntry,
    Declarations,
    GrantEntry,
    PlacedRegion,
    SetEntry,
    UpstreamEntry,
)
from generator.topology.defaults import defaults_entry
from generator.topology.kept import kept_statements
from generator.topology.mistakes import (
    BUILT_IN_NAME,
    CREDENTIAL_NOT_ALLOWED,
    HOST_DOES_NOT_FIT,
    INVALID_VALUE,
    MISSING_KEY,
    NOT_FOR_THIS_REGISTRY,
    PREFIX_TWICE,
    TWO_SCOPES,
    WITHOUT_EFFECT,
    Mistakes,
    Place,
    line_of,
    listed,
    quoted,
)
from generator.topology.organization import (
    Names,
    check_account_name,
    check_unit_name,
    names_of,
    organization_entry,
    selected_accounts,
)
from generator.topology.registries import way_out
from generator.topology.structure import Entries, Fitting, Items, Text
from generator.topology.templates import prefix_templates, template_entries
from generator.topology.terraform_settings import terraform_settings
from generator.topology.texts import SAME


def declare(root: Entries, project: Path, mistakes: Mistakes) -> Declarations:
    """Read the declarations out of the checked entries; nothing above `project` is read."""
    defaults = root.entries("defaults")
    iam = defaults.entries("iam") if defaults else None
    terraform = root.entries("terraform")
    organization = organization_entry(root, mistakes)
    accounts = _accounts(root, project, mistakes)
    names = names_of(
        root,
        organization,
        {name: entry.unit.text for name, entry in accounts.items() if entry.unit is not None},
        frozenset(name for name, entry in accounts.items() if not entry.is_managed),
        are_members_known=_are_members_known(root),
    )
    for entry in accounts.values():
        if entry.unit is not None:
            check_unit_name(entry.unit, names, mistakes)
    return Declarations(
        place=root.place,
        organization=organization,
        accounts=accounts,
        upstreams=_upstreams(root.entries("upstreams"), names.accounts, mistakes),
        templates=template_entries(root.entries("creation_templates"), project, mistakes),
        default_template=defaults.text("creation_template") if defaults else None,
        consumers=consumer_entries(root.entries("consumers"), names, mistakes),
        sets=_sets(root.entries("registries"), names, mistakes),
        name_prefix=_word(iam, "name_prefix", fields.DEFAULT_NAME_PREFIX),
        defaults=defaults_entry(defaults, mistakes),
        settle=_word(defaults, "settle", fields.DEFAULT_SETTLE),
        terraform=terraform_settings(terraform, mistakes),
        terraform_entries=terraform,
        unknown_sections=root.broken,
    )


def _word(entries: Entries | None, key: str, default: str) -> str:
    text = entries.text(key) if entries is not None else None
    return text.text if text is not None else default


def _texts(items: Items | None) -> tuple[Text, ...]:
    if items is None:
        return ()
    return tuple(item for item in items.items if isinstance(item, Text))


def _regions(entries: Entries) -> tuple[PlacedRegion, ...] | None:
    items = entries.items("regions")
    if items is None:
        return None
    return tuple(
        PlacedRegion(region=Region.parse(text.text), place=text.place) for text in _texts(items)
    )


def _is_list_whole(entries: Entries, key: str) -> bool:
    """Whether a list is absent or without mistakes."""
    items = entries.items(key)
    return key not in entries.broken and (items is None or items.is_whole)


def _accounts(root: Entries, project: Path, mistakes: Mistakes) -> dict[str, AccountEntry]:
    entries = root.entries("accounts")
    if entries is None:
        return {}
    defaults = root.entries("defaults")
    default_regions = _regions(defaults) if defaults is not None else None
    is_default_known = "defaults" not in root.broken and (
        defaults is None or _is_list_whole(defaults, "regions")
    )
    accounts = {}
    for name, place in entries.keys.items():
        account = entries.entries(name)
        if account is None:
            accounts[name] = AccountEntry(
                name=name,
                place=place,
                id=None,
                regions=None,
                registry_policy=None,
                is_policy_decided=True,
            )
            continue
        own = _regions(account)
        regions = own if own is not None else default_regions
        if regions is None and not account.may_have("regions") and is_default_known:
            mistakes.add(
                MISSING_KEY,
                place.below("regions", place.span, place.use),
                f"`{place.path}`: the account has no regions, and there are no `defaults.regions`. "
                "Write `regions: [eu-west-1]` in either place.",
            )
        is_known = (
            _is_list_whole(account, "regions") if account.may_have("regions") else is_default_known
        )
        id_text = account.text("id")
        policy = account.text("registry_policy")
        is_managed = _is_managed(account, mistakes)
        accounts[name] = AccountEntry(
            name=name,
            place=place,
            id=AccountId.parse(id_text.text) if id_text is not None else None,
            regions=(
                tuple(placed.region for placed in regions)
                if regions is not None and is_known
                else None
            ),
            registry_policy=RegistryPolicyMode(policy.text) if policy is not None else None,
            is_policy_decided=account.may_have("registry_policy") or not is_managed,
            kept=kept_statements(account, project, mistakes) if is_managed else None,
            unit=account.text("unit"),
            is_managed=is_managed,
        )
    return accounts


def _is_managed(account: Entries, mistakes: Mistakes) -> bool:
    """Whether code is written for an account; notes keys that only then have an effect."""
    word = account.text("managed")
    if word is None or word.text == "true":
        return True
    for key in ("registry_policy", "keep_statements"):
        if account.has(key):
            place = account.keys[key]
            mistakes.add(
                WITHOUT_EFFECT,
                place,
                f"`{place.path}`: with `managed: false` no code is written for this account; what "
                "its registry policy must hold is written down for its owner under `handover`. "
                "Remove the key.",
            )
    return False


def _are_members_known(root: Entries) -> bool:
    """Whether no mistake hides which accounts lie in which unit, and which are managed."""
    accounts = root.entries("accounts")
    if accounts is None:
        return False
    entries = [accounts.entries(name) for name in accounts.keys]
    return not any(entry is None or {"unit", "managed"} & entry.broken for entry in entries)


def credential_of(value: Fitting | None, mistakes: Mistakes) -> Credential | None:
    """A credential out of its short or its long form."""
    match value:
        case Text():
            return Credential(
                secret=value.text,
                value=CredentialValue.EXISTING,
                recovery_days=fields.DEFAULT_RECOVERY_DAYS,
                span=value.place.shown,
            )
        case Entries():
            secret, days = value.text("secret"), value.text("recovery_days")
            expires = value.text("expires")
            written = value.entries("value")
            kind, is_right = (
                CredentialValue(_word(value, "value", CredentialValue.EXISTING.value)),
                not value.broken,
            )
            if written is not None:
                kind = CredentialValue.VARIABLE if written.has("variable") else CredentialValue.COPY
                is_right &= _check_written_value(written, mistakes)
            if (
                days is not None
                and kind is CredentialValue.EXISTING
                and "value" not in value.broken
            ):
                mistakes.add(
                    WITHOUT_EFFECT,
                    days.place,
                    f"`{days.place.path}`: `recovery_days` says how long a deleted secret can be "
                    "brought back. This secret exists already and is not managed here. Remove the "
                    "key, or write `value: placeholder` to have the secret made.",
                )
            if secret is None or not is_right:
                return None
            variable = written.text("variable") if written is not None else None
            copy_of = written.text("copy_of") if written is not None else None
            version = written.text("version") if written is not None else None
            return Credential(
                secret=secret.text,
                value=kind,
                recovery_days=int(days.text) if days is not None else fields.DEFAULT_RECOVERY_DAYS,
                variable=variable.text if variable is not None else None,
                copy_of=copy_of.text if copy_of is not None else None,
                version=int(version.text) if version is not None else None,
                expires=date.fromisoformat(expires.text) if expires is not None else None,
                span=value.place.shown,
            )
        case _:
            return None


def _check_written_value(value: Entries, mistakes: Mistakes) -> bool:
    """Check that a value comes from exactly one source; whether it does."""
    path = value.place.path
    if value.has("variable") and value.has("copy_of"):
        mistakes.add(
            TWO_SCOPES,
            value.keys["copy_of"],
            f"`{path}`: the value comes from a variable or from another secret, not from both. "
            "Remove `variable` or `copy_of`.",
        )
        return False
    if not value.may_have("variable") and not value.may_have("copy_of"):
        mistakes.add(
            MISSING_KEY,
            value.place.below("variable", value.place.span, value.place.use),
            f"`{path}`: this does not say where the value comes from. Add `variable:` with the "
            "name of a variable, or `copy_of:` with the ARN of another secret.",
        )
        return False
    return not value.broken


def credential_not_allowed(registry: UpstreamRegistry, place: Place, mistakes: Mistakes) -> None:
    """Note a credential on a registry that takes none."""
    match registry.name:
        case "quay":
            advice = (
                "ECR caches only public repositories of Quay. Private ones have to be pushed or "
                "mirrored into ECR."
            )
        case "ecr":
            advice = "ECR reads another private registry with IAM roles, which are made as needed."
        case _:
            advice = "It is read without signing in."
    mistakes.add(
        CREDENTIAL_NOT_ALLOWED,
        place,
        f"`{place.path}`: {registry.title} takes no credential in a cache. {advice} Remove the "
        "key.",
    )


def _upstreams(
    entries: Entries | None, accounts: frozenset[str] | None, mistakes: Mistakes
) -> dict[str, UpstreamEntry]:
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
    """Check the keys that only some registries take; whether all are right."""
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


def _sets(entries: Entries | None, names: Names, mistakes: Mistakes) -> tuple[SetEntry, ...]:
    if entries is None:
        return ()
    sets = []
    for name, place in entries.keys.items():
        entry = entries.entries(name)
        if entry is not None:
            sets.append(_set(name, place, entry, names, mistakes))
    return tuple(sets)


def _set(name: str, place: Place, entry: Entries, names: Names, mistakes: Mistakes) -> SetEntry:
    caches = entry.entries("caches")
    grants = entry.items("grants")
    selected_from = None
    match entry.values.get("accounts"):
        case Text():
            selected_from = "topology"
        case Entries():
            selected_from = "unit"
        case _:
            pass
    return SetEntry(
        name=name,
        place=place,
        accounts=_accounts_of_set(name, place, entry, names, mistakes),
        selected_from=selected_from,
        regions=_regions(entry),
        are_regions_known=_is_list_whole(entry, "regions"),
        credential=credential_of(entry.values.get("credential"), mistakes),
        credential_place=entry.keys.get("credential"),
        caches=_caches(caches, mistakes) if caches is not None else (),
        cache_keys=frozenset(key.removesuffix("/") for key in caches.keys)
        if caches is not None
        else None,
        templates=prefix_templates(entry.entries("creation_templates"), mistakes),
        grants=(
            tuple(
                _grant(name, grant, names, mistakes)
                for grant in grants.items
                if isinstance(grant, Entries)
            )
            if grants is not None
            else ()
        ),
    )


def _accounts_of_set(
    name: str, place: Place, entry: Entries, names: Names, mistakes: Mistakes
) -> tuple[str, ...] | None:
    accounts = names.accounts
    if entry.has("account") and entry.has("accounts"):
        mistakes.add(
            TWO_SCOPES,
            entry.keys["accounts"],
            f"`{place.path}`: `account` names one account and `accounts` several; a set has one "
            "of the two. Remove the other.",
        )
        return None
    if entry.has("account"):
        account = entry.text("account")
        if account is None or not check_account_name(account, accounts, mistakes):
            return None
        return (account.text,)
    if entry.has("accounts"):
        match entry.values.get("accounts"):
            case Text(place=where):
                return _all_accounts(where, names, mistakes)
            case Entries() as selection:
                return selected_accounts(selection, selection.place, names, mistakes)
            case Items() as items:
                known = [
                    text.text
                    for text in _texts(items)
                    if check_account_name(text, accounts, mistakes)
                ]
                return tuple(known) if items.is_whole and len(known) == len(items.items) else None
            case _:
                return None
    if accounts is None or entry.may_have("account") or entry.may_have("accounts"):
        return None
    if name in accounts:
        return (name,)
    near = mistakes.suggest(name, accounts)
    mistakes.add(
        MISSING_KEY,
        place.below("account", place.span, place.use),
        f"`{place.path}`: the set names no accounts, and {quoted(name)} is not the name of one "
        f"either. Add `account:`, `accounts: […]` or `accounts: all`.{near}",
    )
    return None


def _all_accounts(place: Place, names: Names, mistakes: Mistakes) -> tuple[str, ...] | None:
    """Every managed account; `None` when a mistake keeps them unknown, or there is none."""
    if names.accounts is None or not names.are_members_known:
        return None
    managed = sorted(names.accounts - names.unmanaged)
    if not managed:
        mistakes.add(
            INVALID_VALUE,
            place,
            f"`{place.path}`: `all` are the accounts without `managed: false`, and there is none. "
            "Name the accounts that are meant: what their owners must add is then written down.",
        )
        return None
    return tuple(managed)


def _caches(entries: Entries, mistakes: Mistakes) -> tuple[CacheEntry, ...]:
    caches: dict[Prefix, CacheEntry] = {}
    for key, place in entries.keys.items():
        prefix = _prefix(key)
        entry = entries.entries(key)
        if prefix is None:
            continue
        if prefix in caches:
            first = line_of(caches[prefix].place.shown, place.shown)
            mistakes.add(
                PREFIX_TWICE,
                place,
                f"`{place.path}`: a slash at the end makes no difference, so this is the prefix "
                f"`{prefix}` a second time; the first is on {first}. Remove one of the "
                "two.",
            )
            continue
        upstream = entry.text("upstream") if entry is not None else None
        upstream_prefix = entry.text("upstream_prefix") if entry is not None else None
        credential = entry.values.get("credential") if entry is not None else None
        parsed = credential_of(credential, mistakes)
        caches[prefix] = CacheEntry(
            prefix=prefix,
            place=place,
            upstream=upstream if upstream is not None else Text(text=prefix, place=place),
            upstream_prefix=Prefix.parse(upstream_prefix.text if upstream_prefix else "ROOT"),
            credential=parsed,
            credential_place=(entry.keys.get("credential") if entry is not None else None),
            creation_template=entry.text("creation_template") if entry is not None else None,
            is_template_known=entry is not None and "creation_template" not in entry.broken,
            regions=_regions(entry) if entry is not None else None,
            is_whole=entry is not None
            and not entry.broken
            and _is_list_whole(entry, "regions")
            and (parsed is not None or credential is None),
        )
    return tuple(caches.values())


def _prefix(text: str) -> Prefix | None:
    """A cache's key as a prefix, `None` for one that is noted as a mistake already."""
    try:
        return Prefix.parse(text)
    except InvalidValueError:
        return None


def _grant(set_name: str, entry: Entries, names: Names, mistakes: Mistakes) -> GrantEntry:
    allow = entry.text("allow")
    caches, repositories = entry.items("caches"), entry.items("repositories")
    is_right = True
    if entry.has("caches") and entry.has("repositories"):
        is_right = False
        mistakes.add(
            TWO_SCOPES,
            entry.keys["repositories"],
            f"`{entry.place.path}`: `repositories` names the repositories below the prefixes of "
            "caches, so `caches` has nothing to add. Remove one of the two.",
        )
    to = entry.values.get("to")
    listed_targets = to.items if isinstance(to, Items) else (to,) if to is not None else ()
    targets = tuple(
        target_of_grant(set_name, target, names, mistakes)
        for target in listed_targets
        if isinstance(target, Text | Entries)
    )
    return GrantEntry(
        place=entry.place,
        targets=targets,
        level=Level(allow.text) if allow is not None else None,
        caches=_texts(caches) if caches is not None else None,
        repositories=_texts(repositories) if repositories is not None else None,
        regions=_regions(entry),
        is_whole=is_right
        and not entry.broken
        and _is_list_whole(entry, "caches")
        and _is_list_whole(entry, "repositories")
        and _is_list_whole(entry, "regions")
        and not (isinstance(to, Items) and not to.is_whole),
    )
