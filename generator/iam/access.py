"""What is intended, what is asked, and what a judgement says: the words of the grant engine."""

from collections.abc import Callable, Mapping
from dataclasses import field
from enum import StrEnum

from generator.frozen_data import frozen
from generator.iam.actions import ActionKind
from generator.iam.document import Policy, Statement
from generator.model.values import AccountId, Region

REPORTED_AT_MOST = 100
"""How many over-grants, under-grants and undecided questions one judgement lists of each."""


@frozen
class Access:
    """One intended access: who may do what on which repositories of one registry.

    Who is a role of an account (`path/name`, `*` and `?` as in ArnLike), every principal of it
    (`role` is `None`), a service that acts for it (`service`), or, with `account` `None`, whoever
    belongs to the `organization` (and to `unit`, the path of one of its units, where given).
    `repositories` is a pattern such as `docker-hub/*`; `region` and `registry_account` are `None`
    for every registry of the partition.
    """

    account: AccountId | None
    role: str | None
    service: str | None = None
    actions: frozenset[str]
    repositories: str
    region: Region | None
    registry_account: AccountId | None
    organization: str | None = None
    unit: str | None = None

    def __post_init__(self) -> None:
        if self.account is None and self.organization is None:
            raise ValueError("an access names an account or an organization")


@frozen
class RepositoryScope:
    """Repositories of one registry, or of every one (`None`), by a pattern such as `docker-hub/*`."""

    region: Region | None
    registry_account: AccountId | None
    repositories: str


@frozen
class Organization:
    """The organization, and the path of each account known to be in it (`None`: path not known).

    Accounts that are not listed may or may not belong to it.
    """

    id: str
    paths: Mapping[AccountId, str | None]


@frozen
class Request:
    """One concrete request.

    `principal` is an ARN, the name of a service principal, or `*` for an anonymous caller;
    `resource` is an ARN, `*` for an action without a resource type, or empty in a trust policy.
    Keys that follow from the principal and the resource need not stand in `context`.
    """

    principal: str
    action: str
    resource: str
    context: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)

    def said(self, key: str) -> str | tuple[str, ...] | None:
        """What the request says of a condition key, however that is spelled."""
        wanted = key.lower()
        return next((said for each, said in self.context.items() if each.lower() == wanted), None)


class PrincipalKind(StrEnum):
    """The sorts of caller that are told apart, most public first."""

    ANONYMOUS = "an anonymous caller"
    ANY_ACCOUNT = "any AWS account"
    ORGANIZATION = "another account of an organization that is named"
    OUTSIDE_ACCOUNT = "an account outside the topology"
    SERVICE = "an AWS service"
    FEDERATED = "a user of an identity provider"
    SERVICE_OF_KNOWN = "an AWS service that acts for an account of the topology"
    KNOWN_ACCOUNT = "an account of the topology"
    OWN_ACCOUNT = "the account itself"

    @property
    def rank(self) -> int:
        """Position in the order from most public (0) to least."""
        return list(PrincipalKind).index(self)


@frozen
class OverGrant:
    """Access that a policy gives and nobody intends, shown by one request.

    `statements` are those that allow the request; `actions` all actions of the same kind that they
    give to the same sort of principal; `principals_affected` counts classes of callers that the
    policies tell apart.
    """

    request: Request
    principal_kind: PrincipalKind
    action_kind: ActionKind
    actions: tuple[str, ...]
    account: AccountId | None
    statements: tuple[Statement, ...]
    principals_affected: int

    @property
    def principal(self) -> str:
        """Who makes the request."""
        return self.request.principal

    @property
    def action(self) -> str:
        """What it does."""
        return self.request.action

    @property
    def resource(self) -> str:
        """On what."""
        return self.request.resource

    @property
    def context(self) -> Mapping[str, str | tuple[str, ...]]:
        """With which context keys."""
        return self.request.context


@frozen
class UnderGrant:
    """Intended access that a policy does not give, shown by one request.

    `actions` are all actions of `access` that are missing somewhere; `access` is `None` for what
    needs no declaration (the authorization token, a service's right to assume its role).
    `statements` are the Deny statements that stand in the way of the request, none if nothing
    allows it. `by_network` when only calls from some networks are refused; `otherwise` is then the
    request from one that gets in, where one is known.
    """

    request: Request
    access: Access | None
    actions: tuple[str, ...]
    statements: tuple[Statement, ...]
    principals_affected: int
    by_network: bool = False
    otherwise: Request | None = None


class Question(StrEnum):
    """What a judgement asks; an undecided answer names its question."""

    OVER_GRANT = "over-grant"
    UNDER_GRANT = "under-grant"
    MEANING = "meaning"


@frozen
class Undecided:
    """A question without an answer: why, because of which statements, and one request in doubt."""

    question: Question
    reason: str
    statements: tuple[Statement, ...]
    request: Request | None = None


@frozen
class Judgement:
    """The answer about one policy; nothing in any of the three means proved right.

    `omitted` is more than 0 when there are more results than one judgement lists: at least so many.
    `again` puts the same question once more, with what another policy allows counted as intended.
    """

    over: tuple[OverGrant, ...] = ()
    under: tuple[UnderGrant, ...] = ()
    undecided: tuple[Undecided, ...] = ()
    omitted: int = 0
    again: "Callable[[Policy], Judgement] | None" = field(default=None, compare=False, repr=False)
