"""What every part of an import looks at: the facts, the choices, and the names that go with them."""

import re
from collections.abc import Iterator, Mapping, Sequence

from generator.frozen_data import frozen
from generator.imported.choices import Choices
from generator.imported.facts import Facts, known_text
from generator.imported.names import slug
from generator.imported.pulls import identity_pulls
from generator.intent.records import TEMPLATE_ROLE_POLICY, UPSTREAM_ROLE_POLICY
from generator.model.estate import Kind, Known, Record
from generator.model.values import AccountId

_DEFAULT_PREFIX = "forebay-"


@frozen
class IamNames:
    """How the names of roles and policies begin in the code, their path and their boundary."""

    name_prefix: str = _DEFAULT_PREFIX
    path: str = "/"
    permissions_boundary: str | None = None

    def key(self, name: str) -> str:
        """A role or policy that is named after the prefix, as `path/name`."""
        return f"{self.path}{self.name_prefix}{name}".removeprefix("/")


@frozen
class World:
    """The facts, the choices, the names of accounts and of what IAM holds."""

    facts: Facts
    choices: Choices
    names: Mapping[AccountId, str]
    iam: IamNames

    def account_word(self, account: AccountId) -> str:
        """An account's name, or its id when the topology does not have it."""
        return self.names.get(account, account)

    def makes_upstream_role(self, account: AccountId) -> bool:
        """Whether the role for upstreams is one as `generate` makes it."""
        key = self.iam.key("upstream")
        return (
            account not in self.choices.named_roles
            and self.facts.find(Kind.ROLE, account, None, key) is not None
        )


def iam_names(facts: Facts) -> IamNames:
    """The names that fit the roles and policies of the code, where there are such."""
    for account, key, suffix in _made_roles(facts):
        path, _, name = f"/{key}".rpartition("/")
        role = facts.find(Kind.ROLE, account, None, key)
        boundary = None if role is None else known_text(role.get("permissions_boundary"))
        return IamNames(
            name_prefix=name.removesuffix(suffix),
            path=f"{path}/",
            permissions_boundary=boundary
            if boundary is None
            else boundary.replace(account, "{account_id}"),
        )
    policies = sorted(
        {
            identity.key
            for identity, record in facts.of(Kind.MANAGED_POLICY)
            if _pulls(facts, record)
        }
    )
    paths = {f"/{key}".rpartition("/")[0] + "/" for key in policies}
    if not policies or len(paths) != 1:
        return IamNames()
    names = [key.rsplit("/", 1)[-1] for key in policies]
    path = next(iter(paths))
    if any(name.startswith(_DEFAULT_PREFIX) for name in names):
        return IamNames(path=path)
    # The rest of each name must be the name of a consumer, which begins with a letter.
    head = re.match(r"[A-Za-z0-9_+=,.@-]*[-_.]", _shared_head(names))
    if head is None or (len(names) == 1 and not _names_somebody(facts, names[0], head[0])):
        return IamNames(path=path)
    return IamNames(name_prefix=head[0], path=path)


def _names_somebody(facts: Facts, name: str, head: str) -> bool:
    """Whether what stands behind the head of a policy's name is what the code calls somebody.

    Of one name alone, nothing else says where its head ends.
    """
    words = {slug(identity.key.rsplit("/", 1)[-1]) for identity, _ in facts.of(Kind.ROLE)}
    words |= {slug(part) for root in facts.estate.roots for part in root.name.split("/")}
    words |= {slug(word) for word in (*facts.words.values(), *facts.names.values())}
    return slug(name.removeprefix(head)) in words


def _pulls(facts: Facts, record: Record) -> bool:
    """Whether a managed policy lets somebody pull and does nothing else."""
    document, registry = record.get("policy"), min(facts.registries, default=None)
    if not isinstance(document, Known) or registry is None:
        return False
    held = identity_pulls(document.value, registry.account, registry.region)
    return held.is_all and bool(held.pulls)


def _shared_head(names: Sequence[str]) -> str:
    """What all names begin with."""
    first, last = min(names), max(names)
    count = next(
        (
            index
            for index, (one, other) in enumerate(zip(first, last, strict=False))
            if one != other
        ),
        min(len(first), len(last)),
    )
    return first[:count]


def _made_roles(facts: Facts) -> Iterator[tuple[AccountId, str, str]]:
    """Roles that look as `generate` makes them: account, key, and how the name ends."""
    for suffix, policy in (("upstream", UPSTREAM_ROLE_POLICY), ("template", TEMPLATE_ROLE_POLICY)):
        for identity, _ in facts.of(Kind.ROLE):
            name = identity.key.rsplit("/", 1)[-1]
            held = facts.find(Kind.ROLE_POLICY, identity.account, None, f"{identity.key}:{policy}")
            if held is not None and name.endswith(suffix) and name != suffix:
                yield identity.account, identity.key, suffix
