"""What a topology says about how code is read."""

from collections.abc import Mapping
from dataclasses import field
from pathlib import PurePath

from generator.frozen_data import frozen
from generator.model.topology import Topology
from generator.model.values import AccountId


@frozen
class CodeLayout:
    """Where our own modules are, and in whose account a folder of the code acts.

    `own_modules` is where the topology takes them from, `None` when it does not say.
    """

    own_modules: str | None = None
    accounts: Mapping[str, AccountId] = field(default_factory=dict)

    def account_of(self, root: str) -> AccountId | None:
        """The account in which the root module of that name acts."""
        return self.accounts.get(root or ".")


def code_layout(topology: Topology | None) -> CodeLayout:
    """What the topology says; nothing without one."""
    if topology is None:
        return CodeLayout()
    accounts: dict[str, AccountId] = {}
    for entry in topology.accounts.values():
        for folder in entry.code_folders:
            accounts.setdefault(PurePath(folder).as_posix(), entry.id)
    for account, entry in topology.managed_accounts.items():
        accounts.setdefault(PurePath(topology.folder(account)).as_posix(), entry.id)
    modules = topology.terraform.modules
    return CodeLayout(
        own_modules=None if modules is None else modules.source(""), accounts=accounts
    )
