"""Proofs that questions share: a question about other accounts need not be proved again.

Whether a policy gives exactly what is intended does not depend on which twelve digits an account has,
as long as nothing tells accounts apart by their digits. So a question is written with numbers in the
place of accounts, each with all that is known about it; where an equal one was proved, this one is.

Only proofs are shared. Where anything is too much, missing or open, each question is judged by itself,
so that what a result says never comes from another question.
"""

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import TypeAlias

from generator.iam.access import Access, Judgement, Organization, RepositoryScope
from generator.iam.document import (
    Comparison,
    Condition,
    Patterns,
    Policy,
    Principals,
    Statement,
    Text,
)
from generator.iam.judge import (
    judge_identity_policies,
    judge_resource_policy,
    judge_trust_policy,
)
from generator.iam.keys import key_facts
from generator.iam.reach import JudgedScopes
from generator.model.values import AccountId, Region

Form: TypeAlias = str | int | tuple["Form", ...] | None
"""A part of a question, written so that its `repr` tells it from every other."""

_FIELDS = 6
_ACCOUNT = re.compile(r"[0-9]{12}")
# Digits that may be found inside of an account's: nothing beside them says that they lie elsewhere.
_LOOSE_DIGITS = re.compile(r"(?<![^:*?])[0-9]+(?![^:*?])")


ACCOUNT_KEYS = frozenset(
    {
        "aws:principalaccount",
        "aws:principalarn",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:resourceaccount",
    }
)
"""The keys that have accounts, or ARNs with an account, as values that follow from the request."""


class _DigitsMatterError(Exception):
    """A question may depend on the digits of accounts, or on something that is not known."""


class Proofs:
    """Judges policies, and remembers which questions were proved.

    The methods are the functions of `generator.iam.judge` and answer the same.
    """

    def __init__(self, *, lacks_only: bool = False) -> None:
        """With `lacks_only`, what is too much is never asked, and so never proved absent.

        Such questions are about one registry, whose policies are not asked twice.
        """
        self._lacks_only = lacks_only
        self._proved: set[bytes] = set()
        self._surroundings: list[_Surroundings] = []

    def judge_resource_policy(
        self,
        policy: Policy,
        *,
        registry_account: AccountId,
        region: Region,
        intended: Sequence[Access],
        known_accounts: Collection[AccountId],
        organization: Organization | None = None,
        repository: str | None = None,
        without: Sequence[str] = (),
        kept: Policy | None = None,
        base: Policy | None = None,
        now: datetime | None = None,
    ) -> Judgement:
        """Judge the policy of a registry or of repositories."""

        def judge(base: Policy | None) -> Judgement:
            return judge_resource_policy(
                policy,
                registry_account=registry_account,
                region=region,
                intended=intended,
                known_accounts=known_accounts,
                organization=organization,
                repository=repository,
                without=without,
                kept=kept,
                base=base,
                now=now,
                lacks_only=self._lacks_only,
            )

        question = (
            None
            if self._lacks_only
            else self._question(
                "resource",
                registry_account,
                (policy, kept, base),
                intended=intended,
                known=_Surroundings(frozenset(known_accounts), organization, None),
                others=(region, repository, tuple(without), _moment(now)),
            )
        )
        return self._answer(question, judge, base)

    def judge_identity_policies(
        self,
        policies: Sequence[Policy],
        *,
        account: AccountId,
        role: str | None,
        intended: Sequence[Access],
        judged_prefixes: Iterable[RepositoryScope],
        organization: Organization | None = None,
        signs_in: bool = True,
        boundary: Policy | None = None,
        base: Policy | None = None,
        now: datetime | None = None,
    ) -> Judgement:
        """Judge all identity policies of a role together."""
        scopes = JudgedScopes.of(judged_prefixes)

        def judge(base: Policy | None) -> Judgement:
            return judge_identity_policies(
                policies,
                account=account,
                role=role,
                intended=intended,
                judged_prefixes=scopes,
                organization=organization,
                signs_in=signs_in,
                boundary=boundary,
                base=base,
                now=now,
                lacks_only=self._lacks_only,
            )

        question = self._question(
            "identity",
            account,
            (base, boundary, *policies),
            intended=intended,
            known=_Surroundings(frozenset(), organization, scopes),
            others=(role, int(signs_in), _moment(now)),
        )
        return self._answer(question, judge, base)

    def judge_trust_policy(
        self,
        policy: Policy,
        *,
        account: AccountId,
        service: str,
        partition: str = "aws",
        known_accounts: Collection[AccountId] = (),
        regions: Sequence[Region] = (),
        base: Policy | None = None,
        now: datetime | None = None,
    ) -> Judgement:
        """Judge a role's trust policy."""

        def judge(base: Policy | None) -> Judgement:
            return judge_trust_policy(
                policy,
                account=account,
                service=service,
                partition=partition,
                known_accounts=known_accounts,
                regions=regions,
                base=base,
                now=now,
            )

        question = self._question(
            "trust",
            account,
            (policy, base),
            intended=(),
            known=_Surroundings(frozenset(known_accounts), None, None),
            others=(service, partition, tuple(regions), _moment(now)),
        )
        return self._answer(question, judge, base)

    def _answer(
        self,
        question: bytes | None,
        judge: Callable[[Policy | None], Judgement],
        base: Policy | None,
    ) -> Judgement:
        if question is not None and question in self._proved:
            return Judgement(again=judge)
        judgement = judge(base)
        if question is not None and judgement == Judgement():
            self._proved.add(question)
        return judgement

    def _question(
        self,
        kind: str,
        account: AccountId,
        policies: Sequence[Policy | None],
        *,
        intended: Sequence[Access],
        known: "_Surroundings",
        others: tuple[Form, ...],
    ) -> bytes | None:
        """What stands for the question and all that differ in the digits of accounts alone."""
        accounts = _Accounts()
        accounts.number(account)
        try:
            asked = (
                tuple(None if one is None else _policy(one, accounts) for one in policies),
                tuple(_access(access, accounts) for access in intended),
            )
        except _DigitsMatterError:
            return None
        place, known = self._place(known)
        whole = (kind, place, known.of(accounts.numbers), asked, others)
        return sha256(repr(whole).encode()).digest()

    def _place(self, known: "_Surroundings") -> "tuple[int, _Surroundings]":
        """The number of what is known, and its first form."""
        for place, one in enumerate(self._surroundings):
            if one.is_same(known):
                return place, one
        self._surroundings.append(known)
        return len(self._surroundings) - 1, known


class _Accounts:
    """The accounts of a question, numbered in the order in which it names them."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}

    def number(self, account: str) -> int:
        """The number of an account."""
        return self.numbers.setdefault(account, len(self.numbers))

    def text(self, text: Text, *, has_fields: bool) -> Form:
        """A text of a policy, with the number of its account.

        `has_fields` when it is compared with nothing but ARNs that have their account where it has.
        """
        if text.plain is None:
            raise _DigitsMatterError
        before, account, behind = _parts(text.plain, has_fields)
        return before if account is None else (before, self.number(account), behind)

    def resource(self, text: Text) -> Form:
        """A pattern of resources; an ARN of a repository has as many colons as fields, less one."""
        colons = 0 if text.plain is None else text.plain.count(":")
        return self.text(text, has_fields=colons == _FIELDS - 1)


class _Surroundings:
    """What is known about accounts whether a policy names them or not.

    Of two accounts that are alike here, each can stand for the other.
    """

    def __init__(
        self,
        accounts: frozenset[str],
        organization: Organization | None,
        scopes: JudgedScopes | None,
    ) -> None:
        self._accounts = accounts
        self._organization = organization
        self._scopes = scopes
        self._alike: dict[object, int] = {}
        self._numbers: dict[str, int] = {}

    def is_same(self, other: "_Surroundings") -> bool:
        """Whether the same is known about every account."""
        return (
            self._scopes is other._scopes
            and self._accounts == other._accounts
            and self._organization == other._organization
        )

    def of(self, accounts: Iterable[str]) -> tuple[int, ...]:
        """For each account, the number of all that are alike."""
        return tuple(map(self._number, accounts))

    def _number(self, account: str) -> int:
        number = self._numbers.get(account)
        if number is None:
            paths = {} if self._organization is None else self._organization.paths
            about = (
                account in self._accounts,
                account in paths,
                paths.get(AccountId(account)),
                None if self._scopes is None else self._scopes.of_account(account),
            )
            number = self._alike.setdefault(about, len(self._alike))
            self._numbers[account] = number
        return number


def _moment(now: datetime | None) -> str | None:
    return None if now is None else now.isoformat()


def _access(access: Access, accounts: _Accounts) -> Form:
    return (
        None if access.account is None else accounts.number(access.account),
        access.role,
        access.service,
        _sorted(access.actions),
        access.repositories,
        access.region,
        None if access.registry_account is None else accounts.number(access.registry_account),
        access.organization,
        access.unit,
    )


@lru_cache(maxsize=256)
def _sorted(actions: frozenset[str]) -> tuple[str, ...]:
    return tuple(sorted(actions))


def _policy(policy: Policy, accounts: _Accounts) -> Form:
    return tuple(_statement(statement, accounts) for statement in policy.statements)


def _statement(statement: Statement, accounts: _Accounts) -> Form:
    if statement.doubts or not statement.is_complete:
        raise _DigitsMatterError
    return (
        statement.effect,
        _principals(statement.principals, accounts),
        _patterns(statement.actions, _plain),
        _patterns(statement.resources, accounts.resource),
        tuple(_condition(condition, accounts) for condition in statement.conditions),
    )


def _patterns(element: Patterns | None, form: Callable[[Text], Form]) -> Form:
    return None if element is None else (int(element.negated), *map(form, element.texts))


def _principals(principals: Principals | None, accounts: _Accounts) -> Form:
    if principals is None:
        return None
    if principals.federated or principals.unseen:
        raise _DigitsMatterError
    return (
        int(principals.everyone),
        int(principals.negated),
        tuple(accounts.text(text, has_fields=False) for text in principals.aws),
        tuple(_plain(text) for text in principals.services),
    )


def _condition(condition: Condition, accounts: _Accounts) -> Form:
    facts = key_facts(condition.key)
    if condition.doubts or condition.comparison is None or facts is None:
        raise _DigitsMatterError
    values: tuple[Form, ...]
    if facts.name in ACCOUNT_KEYS and condition.comparison is not Comparison.NULL:
        if not condition.comparison.is_of_texts:
            raise _DigitsMatterError
        has_fields = condition.comparison is Comparison.ARN
        values = tuple(accounts.text(text, has_fields=has_fields) for text in condition.values)
    else:
        values = tuple(_plain(text) for text in condition.values)
    return (
        condition.operator,
        condition.key.lower(),
        condition.comparison,
        int(condition.negated),
        condition.quantifier,
        int(condition.if_exists),
        values,
    )


def _plain(text: Text) -> str:
    if text.plain is None:
        raise _DigitsMatterError
    return text.plain


@lru_cache(maxsize=16_384)
def _parts(text: str, has_fields: bool) -> tuple[str, str | None, str]:  # noqa: FBT001
    """What is before an account, the account, and what is behind it.

    Raises `_DigitsMatterError` where a pattern tells accounts apart by some of their digits. Beside
    another sign than a colon, digits are never an account's, which has a colon or nothing on each side.
    """
    if _ACCOUNT.fullmatch(text):
        return "", text, ""
    fields = text.split(":", _FIELDS - 1)
    account: str | None = None
    before, behind = text, ""
    if len(fields) == _FIELDS and _ACCOUNT.fullmatch(fields[4]):
        begins = ":".join(fields[:4])
        if has_fields or not set(begins) & set("*?"):
            before, account, behind = begins, fields[4], fields[5]
    if _LOOSE_DIGITS.search(before) or _LOOSE_DIGITS.search(behind):
        raise _DigitsMatterError
    return before, account, behind
