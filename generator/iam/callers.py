"""The callers a question is about: one for each way in which policies tell callers apart.

Callers of named accounts come one by one; everybody else (other accounts, other roles, other
organizations, other services) comes as one representative for each combination of patterns that
could match. What is named nowhere is interchangeable, so this finite set stands for all callers.
"""

from collections.abc import Collection, Hashable, Iterable, Sequence

from generator.iam.access import Access, PrincipalKind
from generator.iam.automaton import Automaton, heads, representatives
from generator.iam.document import PolicyKind, Statement
from generator.iam.globs import (
    ANY,
    ANY_BUT_COLON,
    ARN_COLONS,
    MANY,
    MANY_BUT_COLON,
    Glob,
    arn_glob,
    is_literal,
    literal_glob,
    literal_head,
    matches,
    spelled_out,
)
from generator.iam.key_values import values_of
from generator.iam.language import (
    Language,
    account_number,
    federated_name,
    organization_id,
    organization_path,
    principal_name,
    service_name,
)
from generator.iam.mentions import Mentions, mentions_of
from generator.iam.principals import Principal, Setting
from generator.model.levels import PULL_THROUGH_SERVICE, TEMPLATE_SERVICE
from generator.model.values import AccountId

STRANGERS = ("999999999999", "888888888888", "777777777777", "666666666666")
"""Accounts that stand for those that nobody names, where they fit."""

_OTHER_NAMES = ("role/another-role", "role/team/another-role", "user/somebody", "root")
_OTHER_FEDERATED = ("federated-user/somebody",)
_OTHER_SERVICES = ("lambda.amazonaws.com", "ec2.amazonaws.com", "s3.amazonaws.com")
_OTHER_ORGANIZATIONS = ("o-another0000", "o-different00")


def principals_of(
    statements: Sequence[Statement],
    intended: Sequence[Access],
    setting: Setting,
    *,
    among: Collection[str] | None = None,
) -> tuple[Principal, ...]:
    """Every caller the question is about, or only people of the accounts `among` them.

    Raises `TooComplexError`.
    """
    mentions = mentions_of(statements, intended, setting)
    if setting.kind is PolicyKind.IDENTITY:
        return tuple(_People(mentions, setting).of_account(setting.account))
    people = _People(mentions, setting, among)
    found: list[Principal] = []
    for account in people.accounts:
        found.extend(people.of_account(account))
    if among is not None:
        return tuple(found)
    found.extend(_services(mentions, intended, setting))
    found.extend(
        Principal(kind=PrincipalKind.FEDERATED, name=name, provider=name)
        for name in mentions.federated
    )
    found.append(Principal(kind=PrincipalKind.ANONYMOUS, name="*"))
    return tuple(found)


class _People:
    """Makes the callers of each account, and remembers what accounts have in common."""

    def __init__(
        self, mentions: Mentions, setting: Setting, among: Collection[str] | None = None
    ) -> None:
        self._setting = setting
        self._head = f"arn:{setting.partition}:iam::"
        self._session_head = f"arn:{setting.partition}:sts::"
        self._local: dict[str, list[Glob]] = {}
        self._local_sessions: dict[str, list[Glob]] = {}
        self._sessions: dict[str, list[str]] = {}
        self._names: dict[Hashable, tuple[tuple[str, bool], ...]] = {}
        # Where nothing asks for the caller's ARN, a federated user is like any other.
        self._has_federated = bool(mentions.principal_arns)
        named: dict[str, None] = {setting.account: None}
        floating: list[Glob] = []
        for name in mentions.named:
            self._name(name, named)
        for glob in dict.fromkeys(mentions.principal_arns):
            head = literal_head(glob)
            if head is None:
                floating.append(glob)
            elif len(head) == len(self._head) + 13:
                account = head[-13:-1]
                for start, local in (
                    (self._head, self._local),
                    (self._session_head, self._local_sessions),
                ):
                    if head.startswith(start):
                        named[account] = None
                        local.setdefault(account, []).append(glob[len(head) :])
        for glob in dict.fromkeys(mentions.accounts):
            if is_literal(glob):
                named["".join(glob)] = None
            else:
                floating.append(self._account_shape(self._head, glob))
                floating.append(self._account_shape(self._session_head, glob))
        if setting.organization is not None:
            members = setting.organization.paths
            named.update((one, None) for one in members if one not in setting.known_accounts)
        alphabet = "".join(sorted({*self._head, *self._session_head, *"0123456789:"}))
        self._floating = Automaton(floating, alphabet)
        self._floating_head = self._floating.run(self._head)
        self._floating_session = self._floating.run(self._session_head)
        valid = [account for account in named if account_number().contains(account)]
        self._named = dict.fromkeys(valid)
        self._memberships = _Memberships(mentions, setting)
        self.accounts = (
            self._all_accounts()
            if among is None
            else tuple(account for account in self._named if account in among)
        )

    def _name(self, name: str, named: dict[str, None]) -> None:
        """Note an account id or an ARN from a Principal element (anything else names nobody)."""
        parts = name.split(":", ARN_COLONS)
        if len(parts) == 1:
            named[name] = None
            return
        if len(parts) <= ARN_COLONS or parts[1] != self._setting.partition:
            return
        account, rest = parts[4], parts[5]
        named[account] = None
        if parts[2] == "sts":
            if rest.startswith("assumed-role/") and rest.count("/") == 2:
                role = rest.split("/")[1]
                self._sessions.setdefault(account, []).append(name)
                # The session's ARN leaves out the role's path.
                globs = [literal_glob(f"role/{role}"), (*"role/", MANY, *f"/{role}")]
                self._local.setdefault(account, []).extend(globs)
            elif rest.startswith("federated-user/"):
                self._local_sessions.setdefault(account, []).append(literal_glob(rest))
                self._has_federated = True
        elif rest != "root":
            self._local.setdefault(account, []).append(literal_glob(rest))

    @staticmethod
    def _account_shape(head: str, glob: Glob) -> Glob:
        """A pattern of account ids as a pattern of the ARNs of principals."""
        narrowed = {ANY: ANY_BUT_COLON, MANY: MANY_BUT_COLON}
        return (*head, *(narrowed.get(token, token) for token in glob), ":", MANY)

    def _all_accounts(self) -> tuple[str, ...]:
        """The named accounts, and of all others one for each way that patterns begin to match."""
        accounts = dict(self._named)
        known_unnamed: dict[tuple[Hashable, Hashable], str] = {}
        for account in sorted(self._setting.known_accounts):
            if account not in accounts:
                alike = (self._behind(account), self._memberships.of_account(account))
                known_unnamed.setdefault(alike, account)
        accounts.update(dict.fromkeys(known_unnamed.values()))
        starts = [self._head, *([self._session_head] if self._has_federated else [])]
        strangers = dict.fromkeys(
            account
            for start in starts
            for account in heads(
                self._floating,
                account_number(),
                prefix=start,
                suffix=":",
                without={*accounts, *self._setting.known_accounts},
                preferred=STRANGERS,
            )
        )
        return (*accounts, *(account for account in strangers if account not in accounts))

    def _behind(self, account: str) -> tuple[int, int]:
        """What patterns of ARNs leave open behind the account, of those of IAM and of STS."""
        if self._floating.is_empty:
            return self._floating_head, self._floating_session
        rest = f"{account}:"
        sessions = 0
        if self._has_federated:
            sessions = self._floating.run(rest, self._floating_session)
        return self._floating.run(rest, self._floating_head), sessions

    def _kind(self, account: str, organization: str | None) -> PrincipalKind:
        if account == self._setting.account:
            return PrincipalKind.OWN_ACCOUNT
        if account in self._setting.known_accounts:
            return PrincipalKind.KNOWN_ACCOUNT
        if account in self._named:
            return PrincipalKind.OUTSIDE_ACCOUNT
        if organization is not None and organization in self._memberships.named:
            return PrincipalKind.ORGANIZATION
        return PrincipalKind.ANY_ACCOUNT

    def of_account(self, account: str) -> Iterable[Principal]:
        """The callers of one account, once for each organization it may belong to."""
        head, session_head = f"{self._head}{account}:", f"{self._session_head}{account}:"
        behind, behind_session = self._behind(account)
        names = self._names_behind(
            behind, self._local.get(account, ()), principal_name(), _OTHER_NAMES
        )
        federated: tuple[tuple[str, bool], ...] = ()
        if self._has_federated:
            federated = self._names_behind(
                behind_session,
                self._local_sessions.get(account, ()),
                federated_name(),
                _OTHER_FEDERATED,
            )
            if any(plain for _, plain in names):
                # Whom no pattern matches is told from nobody else whom none matches.
                federated = tuple(each for each in federated if not each[1])
        for organization, path in self._memberships.of_account(account):
            kind = self._kind(account, organization)
            callers = [(f"{head}{name}", f"{head}{name}", "") for name, _ in names]
            callers.extend((session_head + name, session_head + name, "") for name, _ in federated)
            for session in self._sessions.get(account, ()):
                role = session.split("/")[1]
                callers.extend(
                    (session, f"{head}{name}", session)
                    for name, _ in names
                    if name.startswith("role/") and name.rsplit("/", 1)[-1] == role
                )
            for name, arn, session in callers:
                yield Principal(
                    kind=kind,
                    name=name,
                    account=account,
                    arn=arn,
                    session=session,
                    organization=organization,
                    path=path,
                )

    def _names_behind(
        self, state: int, local: Iterable[Glob], language: Language, preferred: Iterable[str]
    ) -> tuple[tuple[str, bool], ...]:
        """The names of an account's callers that patterns tell apart, and whether none matches it.

        Accounts often share them.
        """
        patterns = frozenset((*self._floating.remainders(state), *local))
        names = self._names.get((patterns, language))
        if names is None:
            # Names that none of the patterns is likely to match, then some that they do.
            found = representatives(
                patterns, language, preferred=(*preferred, *spelled_out(patterns))
            )
            names = tuple(
                (name, not any(matches(glob, name) for glob in patterns)) for name in found
            )
            self._names[patterns, language] = names
        return names


class _Memberships:
    """Which organizations and paths an account may have."""

    def __init__(self, mentions: Mentions, setting: Setting) -> None:
        self._organization = setting.organization
        self._matters = bool(mentions.keys & {"aws:principalorgid", "aws:principalorgpaths"})
        patterns = [*mentions.organizations, *mentions.paths]
        named = dict.fromkeys(
            "".join(glob).split("/", 1)[0] for glob in mentions.organizations if is_literal(glob)
        )
        for glob in mentions.paths:
            first = glob[: glob.index("/")] if "/" in glob else glob
            if is_literal(first):
                named["".join(first)] = None
        if setting.organization is not None:
            named[setting.organization.id] = None
        self.named: dict[str, None] = named
        self._paths: dict[str, tuple[str, ...]] = {}
        if not self._matters:
            return
        alphabet = "".join(sorted({*organization_id().alphabet, *organization_path().alphabet}))
        others = heads(
            Automaton(patterns, alphabet),
            organization_id(),
            prefix="",
            suffix="",
            without=named,
            preferred=_OTHER_ORGANIZATIONS,
        )
        for organization in (*named, *others):
            endings = representatives(
                mentions.paths,
                organization_path(),
                prefix=organization,
                preferred=("/r-ab12/ou-ab12-11111111/",),
            )
            self._paths[organization] = tuple(f"{organization}{ending}" for ending in endings)

    def of_account(self, account: str) -> tuple[tuple[str | None, str | None], ...]:
        """Every (organization, path) an account may have; one when it is known or irrelevant."""
        if not self._matters:
            return ((None, None),)
        home = self._organization
        if home is not None and account in home.paths:
            path = home.paths[AccountId(account)]
            paths = (path,) if path is not None else self._paths[home.id]
            return tuple((home.id, one) for one in paths)
        everywhere = [
            (organization, path) for organization, paths in self._paths.items() for path in paths
        ]
        return ((None, None), *everywhere)


def _services(
    mentions: Mentions, intended: Sequence[Access], setting: Setting
) -> Iterable[Principal]:
    """The services that are named and one more, for every account they may act for."""
    named_accounts = {"".join(glob) for glob in mentions.source_accounts if is_literal(glob)}
    named_accounts.update(map(_account_in, mentions.source_arns))
    own = {
        setting.account,
        *(access.account for access in intended if access.account is not None),
        *named_accounts.intersection(setting.known_accounts),
    }
    names = dict.fromkeys((*setting.services, PULL_THROUGH_SERVICE, TEMPLATE_SERVICE))
    names.update(dict.fromkeys("".join(glob) for glob in mentions.services if is_literal(glob)))
    patterns = [*mentions.services, *map(literal_glob, names)]
    for name in representatives(patterns, service_name(), preferred=_OTHER_SERVICES):
        names.setdefault(name)
    accounts: tuple[str | None, ...] = (None,)
    if "aws:sourceaccount" in mentions.keys:
        globs = [*mentions.source_accounts, *map(literal_glob, sorted(own))]
        found = representatives(globs, account_number(), preferred=(*sorted(own), *STRANGERS))
        accounts = (None, *found)
    arns: tuple[str | None, ...] = (None,)
    if "aws:sourcearn" in mentions.keys:
        globs = [
            *mentions.source_arns,
            *(arn_glob(f"arn:*:*:*:{account}:*") for account in sorted(own)),
        ]
        arns = (None, *representatives(globs, values_of("aws:sourcearn", globs)))
    for name in names:
        for source_account in accounts:
            for source_arn in arns:
                customers = {source_account, source_arn.split(":")[4] if source_arn else None}
                customers.discard(None)
                is_known = bool(customers) and customers <= own
                yield Principal(
                    kind=PrincipalKind.SERVICE_OF_KNOWN if is_known else PrincipalKind.SERVICE,
                    name=name,
                    service=name,
                    source_account=source_account,
                    source_arn=source_arn,
                )


def _account_in(glob: Glob) -> str:
    """The account in a pattern of ARNs, as it is written; nothing where wildcards hide it."""
    parts: list[list[str]] = [[]]
    for sign in glob:
        if sign == ":":
            parts.append([])
        elif sign == MANY:
            break
        else:
            parts[-1].append(sign)
    return "".join(parts[4]) if len(parts) > 4 else ""
