"""Reads the sections of a topology file into declarations."""

from collections.abc import Mapping
from pathlib import Path

from generator.model.quotes import quoted
from generator.model.topology import RegistryPolicyMode
from generator.model.values import AccountId
from generator.topology import fields
from generator.topology.consumers import consumer_entries
from generator.topology.contents import Entries
from generator.topology.declarations import AccountEntry, Declarations
from generator.topology.defaults import defaults_entry
from generator.topology.expectations import expectations_of
from generator.topology.kept_statements import kept_statements
from generator.topology.lists import is_list_whole, regions_of, texts_of, word_of
from generator.topology.mistakes import MISSING_KEY, ONE_FOLDER_TWICE, WITHOUT_EFFECT, Mistakes
from generator.topology.organization import check_unit_name, names_of, organization_entry
from generator.topology.registry_sets import set_entries
from generator.topology.templates import template_entries
from generator.topology.terraform_settings import terraform_settings
from generator.topology.upstreams import upstream_entries


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
        upstreams=upstream_entries(root.entries("upstreams"), names.accounts, mistakes),
        templates=template_entries(root.entries("creation_templates"), project, mistakes),
        default_template=defaults.text("creation_template") if defaults else None,
        consumers=consumer_entries(root.entries("consumers"), names, mistakes),
        expectations=expectations_of(root.entries("expectations"), mistakes),
        sets=set_entries(root.entries("registries"), names, mistakes),
        name_prefix=word_of(iam, "name_prefix", fields.DEFAULT_NAME_PREFIX),
        defaults=defaults_entry(defaults, mistakes),
        settle=word_of(defaults, "settle", fields.DEFAULT_SETTLE),
        terraform=terraform_settings(terraform, mistakes),
        terraform_entries=terraform,
        unknown_sections=root.broken,
    )


def _accounts(root: Entries, project: Path, mistakes: Mistakes) -> dict[str, AccountEntry]:
    entries = root.entries("accounts")
    if entries is None:
        return {}
    defaults = root.entries("defaults")
    default_regions = regions_of(defaults) if defaults is not None else None
    is_default_known = "defaults" not in root.broken and (
        defaults is None or is_list_whole(defaults, "regions")
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
        own = regions_of(account)
        regions = own if own is not None else default_regions
        if regions is None and not account.may_have("regions") and is_default_known:
            mistakes.add(
                MISSING_KEY,
                place.below("regions", place.span, place.use),
                f"`{place.path}`: the account has no regions, and there are no `defaults.regions`. "
                "Write `regions: [eu-west-1]` in either place.",
            )
        is_known = (
            is_list_whole(account, "regions") if account.may_have("regions") else is_default_known
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
            policy_place=policy.place if policy is not None else None,
            is_policy_decided=account.may_have("registry_policy") or not is_managed,
            kept=kept_statements(account, project, mistakes) if is_managed else None,
            unit=account.text("unit"),
            is_managed=is_managed,
            code_folders=texts_of(account.items("code_folders")),
        )
    _refuse_shared_folders(accounts, mistakes)
    return accounts


def _refuse_shared_folders(accounts: Mapping[str, AccountEntry], mistakes: Mistakes) -> None:
    """Note a folder that two accounts name: its code acts in one."""
    first_of: dict[str, str] = {}
    for name, entry in accounts.items():
        for folder in entry.code_folders:
            first = first_of.setdefault(folder.text, name)
            if first != name:
                mistakes.add(
                    ONE_FOLDER_TWICE,
                    folder.place,
                    f"`{folder.place.path}`: {quoted(first)} names the folder {quoted(folder.text)} as "
                    "well, and a root module acts in one account.",
                )


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
