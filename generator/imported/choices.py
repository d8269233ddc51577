"""How the code is put into words, where there is more than one way."""

from collections.abc import Mapping
from dataclasses import field

from generator.frozen_data import frozen
from generator.imported.facts import Registry
from generator.imported.lines import Owner
from generator.model.values import AccountId


@frozen
class Choices:
    """The closest words first; each that turns out not to mean what the code says is taken back.

    `exported`: accounts whose registry policy is left to the code that owns it, with the reason.
    `existing`: secrets that are said to be there, whoever makes them. `named_roles`: accounts whose
    upstream role is said to be there, `named_template_roles` those whose template role is.
    `elsewhere`: managed policies (account and key) that are somebody else's. `dropped`: what the
    language cannot say at all, with the reason.
    """

    role_scope: str = "prefix"
    exported: Mapping[AccountId, str] = field(default_factory=dict)
    existing: frozenset[tuple[Registry, str]] = frozenset()
    named_roles: frozenset[AccountId] = frozenset()
    named_template_roles: frozenset[AccountId] = frozenset()
    elsewhere: frozenset[tuple[AccountId, str]] = frozenset()
    dropped: Mapping[Owner, str] = field(default_factory=dict)
