"""Policies as formulas for an SMT solver, written from AWS's documents and not from the engine.

A request is a handful of unknowns: who (sort, account, organization, name), what, on which repository,
and the context keys. Names are short words of unknown letters, matched with wildcards by unrolling;
addresses are 32 bits, times and ages numbers, sets one truth value for each member.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from ipaddress import ip_network
from typing import TYPE_CHECKING

import z3

from generator.iam.actions import acts_on_a_repository, ecr_actions
from generator.model.levels import AUTHORIZATION_ACTION, HARMLESS_ACTIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from generator.iam import Access

HUB = "111122223333"
ACCOUNTS = ("222233334444", "333344445555")
STRANGERS = ("999988887777", "200000000001", "555566667777")
EVERY_ACCOUNT = (HUB, *ACCOUNTS, *STRANGERS)
ORGANIZATION = "o-a1b2c3d4e5"
ORGANIZATIONS = (ORGANIZATION, "o-zzzzzzzzzz", "o-fresh00000")
UNIT = f"{ORGANIZATION}/r-ab12/ou-ab12-11111111/"
ENDINGS = ("/r-ab12/", "/r-ab12/ou-ab12-11111111/", "/r-ab12/ou-ab12-11111111/ou-ab12-2/", "/r-z/")
SERVICES = ("ecr.amazonaws.com", "pullthroughcache.ecr.amazonaws.com", "x1.amazonaws.com")
ACTIONS = ecr_actions()
ALPHABET = "abpu/-z"
NAME_LENGTH = 7

ANONYMOUS, SERVICE, ROLE, USER, ROOT, FEDERATED = range(6)

# IAM's API reference, type Tag: letters, blanks and digits of any script and `_.:/=+-@`, also nothing.
_TAG_VALUES = ("shop", "SHOP", "x", "", "data science", "DATA SCIENCE", "a b", "é")
# The service authorization reference, ECR: the actions with aws:RequestTag and aws:TagKeys.
_TAGGING = (
    "ecr:CreateRepository",
    "ecr:ListTagsForResource",
    "ecr:TagResource",
    "ecr:UntagResource",
)
TEXT_KEYS: Mapping[str, tuple[str, ...]] = {
    "aws:SourceVpce": ("vpce-1", "vpce-x1", "vpce-2"),
    "aws:SecureTransport": ("true", "false"),
    "aws:PrincipalTag/team": _TAG_VALUES,
    "ecr:ResourceTag/team": _TAG_VALUES,
    "aws:MultiFactorAuthPresent": ("true", "false"),
}
TAGS = ("team", "tx", "x", "other")


@dataclass(frozen=True, slots=True)
class Word:
    """A name of unknown letters and length."""

    letters: tuple[z3.BitVecRef, ...]
    length: z3.ArithRef

    @classmethod
    def named(cls, name: str) -> Word:
        letters = tuple(z3.BitVec(f"{name}{place}", 3) for place in range(NAME_LENGTH))
        return cls(letters, z3.Int(f"{name}_length"))

    def is_one(self, place: int, among: str) -> z3.BoolRef:
        return z3.Or([self.letters[place] == ALPHABET.index(letter) for letter in among])

    def matches(self, pattern: str) -> z3.BoolRef:
        """Whether the word matches a pattern with `*` and `?`, one prefix after the other."""
        row: list[z3.BoolRef] = [z3.BoolVal(place == 0) for place in range(NAME_LENGTH + 1)]
        for sign in pattern:
            if sign == "*":
                after = [row[0]]
                for place in range(1, NAME_LENGTH + 1):
                    after.append(z3.Or(row[place], after[place - 1]))
            else:
                after = [z3.BoolVal(False)]
                for place in range(NAME_LENGTH):
                    fits = z3.BoolVal(True)
                    if sign != "?":
                        known = sign in ALPHABET
                        fits = self.is_one(place, sign) if known else z3.BoolVal(False)
                    after.append(z3.And(row[place], fits))
            row = after
        return z3.Or([z3.And(self.length == place, row[place]) for place in range(NAME_LENGTH + 1)])


SORT = z3.Int("sort")
ACCOUNT = z3.Int("account")
MEMBER = z3.Int("organization")
ENDING = z3.Int("ending")
SERVICE_NAME = z3.Int("service")
SOURCE_ACCOUNT = z3.Int("source_account")
IS_ALICE = z3.Bool("is_alice")
ROLE_NAME = Word.named("role")
ACTION = z3.Int("action")
HAS_REPOSITORY = z3.Bool("has_repository")
REPOSITORY = Word.named("repository")
TEXTS = {key: z3.Int(key) for key in TEXT_KEYS}
TAG_KEYS = {tag: z3.Bool(f"tag_{tag}") for tag in TAGS}
HAS_ADDRESS, IS_SIX = z3.Bool("has_address"), z3.Bool("is_six")
ADDRESS = z3.BitVec("address", 32)
NOW = z3.Int("now")
HAS_AGE, AGE = z3.Bool("has_age"), z3.Int("age")

IS_PERSON = z3.Or(SORT == ROLE, SORT == USER, SORT == ROOT, SORT == FEDERATED)


def world(paths: Mapping[str, str | None], *, is_sent_to_ecr: bool = True) -> list[z3.BoolRef]:
    """What every request that AWS can see has in common; `paths` are the known members.

    A request that is sent to ECR comes over TLS, and carries tags only for some actions.
    """
    rules = [
        z3.And(SORT >= 0, SORT <= FEDERATED),
        # STS's API reference, GetFederationToken: a name of two letters at least, without a path.
        z3.Implies(SORT == FEDERATED, ROLE_NAME.length >= 2),
        *(
            z3.Implies(
                z3.And(SORT == FEDERATED, ROLE_NAME.length > place),
                z3.Not(ROLE_NAME.is_one(place, "/")),
            )
            for place in range(NAME_LENGTH)
        ),
        z3.And(ACCOUNT >= 0, len(EVERY_ACCOUNT) > ACCOUNT),
        z3.And(MEMBER >= -1, len(ORGANIZATIONS) > MEMBER),
        z3.And(ENDING >= 0, len(ENDINGS) > ENDING),
        z3.And(SERVICE_NAME >= 0, len(SERVICES) > SERVICE_NAME),
        z3.And(SOURCE_ACCOUNT >= -1, len(EVERY_ACCOUNT) > SOURCE_ACCOUNT),
        z3.Implies(IS_ALICE, SORT == ROLE),
        z3.And(ACTION >= 0, len(ACTIONS) > ACTION),
        _action_in(acts_on_a_repository) == HAS_REPOSITORY,
        z3.And(ROLE_NAME.length >= 1, ROLE_NAME.length <= NAME_LENGTH),
        z3.And(REPOSITORY.length >= 2, REPOSITORY.length <= NAME_LENGTH),
        z3.Not(ROLE_NAME.is_one(0, "/")),
        AGE >= 0,
        z3.Implies(HAS_AGE, IS_PERSON),
        *(z3.And(value >= -1, value < len(TEXT_KEYS[key])) for key, value in TEXTS.items()),
        *(
            z3.Implies(TEXTS[key] >= 0, IS_PERSON)
            for key in ("aws:PrincipalTag/team", "aws:MultiFactorAuthPresent")
        ),
    ]
    if is_sent_to_ecr:
        rules.append(TEXTS["aws:SecureTransport"] == 0)
        rules.append(z3.Or(_action_in(_TAGGING.__contains__), z3.Not(z3.Or(*TAG_KEYS.values()))))
    for word in (ROLE_NAME, REPOSITORY):
        rules.extend(letter != 7 for letter in word.letters)
    for place in range(NAME_LENGTH):
        ends = ROLE_NAME.length == place + 1
        rules.append(z3.Implies(ends, z3.Not(ROLE_NAME.is_one(place, "/"))))
        last = REPOSITORY.length == place + 1
        sign = REPOSITORY.is_one(place, "/-")
        if place == 0:
            rules.append(z3.Not(sign))
            continue
        rules.append(z3.Implies(last, z3.Not(sign)))
        before = REPOSITORY.is_one(place - 1, "/")
        slash = REPOSITORY.is_one(place, "/")
        inside = REPOSITORY.length > place
        # A slash has a letter or a digit on both sides.
        rules.append(z3.Implies(z3.And(inside, before), z3.Not(sign)))
        rules.append(z3.Implies(z3.And(inside, slash), z3.Not(REPOSITORY.is_one(place - 1, "/-"))))
    for number, account in enumerate(EVERY_ACCOUNT):
        if account in paths:
            path = paths[account]
            here = [MEMBER == 0]
            if path is not None:
                here.append(ENDINGS.index(path.removeprefix(ORGANIZATION)) == ENDING)
            rules.append(z3.Implies(number == ACCOUNT, z3.And(here)))
    return rules


def _action_in(test: Callable[[str], bool]) -> z3.BoolRef:
    return z3.Or([number == ACTION for number, name in enumerate(ACTIONS) if test(name)])


def _account_is(test: Callable[[str], bool]) -> z3.BoolRef:
    return z3.Or([number == ACCOUNT for number, name in enumerate(EVERY_ACCOUNT) if test(name)])


def _listed(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else [value]


def allowed_and_denied(
    document: Mapping[str, object], *, is_trust: bool = False
) -> tuple[z3.BoolRef, z3.BoolRef]:
    """When a registry policy allows a request, its Deny statements left aside, and when it denies.

    A trust policy that names its own account lets in whom that account lets assume the role.
    """
    allows, denies = [z3.BoolVal(False)], [z3.BoolVal(False)]
    for statement in _listed(document["Statement"]):
        assert isinstance(statement, dict)
        direct, through_account = _principal(statement)
        rest = z3.And(_action(statement), _resource(statement), *_conditions(statement))
        if statement["Effect"] == "Deny":
            denies.append(z3.And(z3.Or(direct, through_account), rest))
        else:
            own = z3.BoolVal(False) if is_trust else _own()
            named = z3.Or(direct, z3.And(through_account, z3.Not(own)))
            allows.append(z3.And(named, rest))
    return z3.Or(allows), z3.Or(denies)


def _own() -> z3.BoolRef:
    return z3.And(IS_PERSON, ACCOUNT == 0)


def _principal(statement: Mapping[str, object]) -> tuple[z3.BoolRef, z3.BoolRef]:
    value = statement.get("Principal", statement.get("NotPrincipal"))
    if value in ("*", {"AWS": "*"}):
        direct, account = z3.BoolVal(True), z3.BoolVal(False)
    else:
        assert isinstance(value, dict)
        named = [_named(str(name)) for name in _listed(value.get("AWS", ()))]
        services = [
            z3.And(SORT == SERVICE, SERVICES.index(str(name)) == SERVICE_NAME)
            for name in _listed(value.get("Service", ()))
        ]
        direct = z3.Or([one for one, _ in named] + services + [z3.BoolVal(False)])
        account = z3.Or([other for _, other in named] + [z3.BoolVal(False)])
    if "NotPrincipal" in statement:
        return z3.Not(z3.Or(direct, account)), z3.BoolVal(False)
    return direct, account


def _named(name: str) -> tuple[z3.BoolRef, z3.BoolRef]:
    parts = name.split(":")
    account = name if len(parts) == 1 else parts[4]
    here = z3.And(IS_PERSON, _account_is(account.__eq__))
    if len(parts) == 1 or parts[5] == "root":
        return z3.BoolVal(False), here
    sort, _, rest = parts[5].partition("/")
    if sort == "federated-user":
        return z3.And(here, SORT == FEDERATED, ROLE_NAME.matches(rest)), z3.BoolVal(False)
    if sort == "user":
        return z3.And(here, SORT == USER, _user_is(rest)), z3.BoolVal(False)
    if sort == "assumed-role":
        role = rest.split("/")[0]
        fits = z3.Or(ROLE_NAME.matches(role), ROLE_NAME.matches(f"*/{role}"))
        return z3.And(here, SORT == ROLE, IS_ALICE, fits), z3.BoolVal(False)
    return z3.And(here, SORT == ROLE, ROLE_NAME.matches(rest)), z3.BoolVal(False)


def _user_is(name: str) -> z3.BoolRef:
    return ROLE_NAME.matches(name)


def _action(statement: Mapping[str, object]) -> z3.BoolRef:
    patterns = [
        str(text).lower() for text in _listed(statement.get("Action", statement.get("NotAction")))
    ]
    found = _action_in(lambda name: any(fnmatchcase(name.lower(), one) for one in patterns))
    return z3.Not(found) if "NotAction" in statement else found


def _resource(statement: Mapping[str, object]) -> z3.BoolRef:
    found = []
    for text in _listed(statement.get("Resource", statement.get("NotResource"))):
        if text == "*":
            found.append(z3.BoolVal(True))
            continue
        parts = str(text).split(":", 5)
        head = fnmatchcase("eu-west-1", parts[3]) and fnmatchcase(HUB, parts[4])
        if parts[5] == "*":
            name = z3.BoolVal(True)
        else:
            name = REPOSITORY.matches(parts[5].removeprefix("repository/"))
        found.append(z3.And(HAS_REPOSITORY, z3.BoolVal(head), name))
    either = z3.Or(found)
    return z3.Not(either) if "NotResource" in statement else either


def _conditions(statement: Mapping[str, object]) -> list[z3.BoolRef]:
    block = statement.get("Condition", {})
    assert isinstance(block, dict)
    return [
        _condition(operator, key, [str(value) for value in _listed(values)])
        for operator, keys in block.items()
        for key, values in keys.items()
    ]


def _condition(operator: str, key: str, values: Sequence[str]) -> z3.BoolRef:
    quantifier, _, base = operator.rpartition(":")
    if_exists = base.endswith("IfExists")
    base = base.removesuffix("IfExists")
    elements = _elements(key, base)
    present = z3.Or([there for there, _ in elements])
    if base == "Null":
        return present if values == ["false"] else z3.Not(present)
    negated = "Not" in base
    verdicts = []
    for there, test in elements:
        hit = z3.Or([test(value) for value in values])
        verdicts.append((there, z3.Not(hit) if negated else hit))
    if quantifier == "ForAnyValue":
        return z3.Or([z3.And(there, verdict) for there, verdict in verdicts])
    every = z3.And([z3.Implies(there, verdict) for there, verdict in verdicts])
    missing_is_enough = if_exists or quantifier == "ForAllValues" or negated
    return every if missing_is_enough else z3.And(present, every)


def _elements(key: str, base: str) -> list[tuple[z3.BoolRef, Callable[[str], z3.BoolRef]]]:
    """Each value that a key may hold: when it is there, and when it fits a value of the policy."""
    compare = _text_comparison(base)

    def constant(text: str) -> Callable[[str], z3.BoolRef]:
        return lambda value: z3.BoolVal(compare(text, value))

    def choice(number: z3.ArithRef, texts: Iterable[str]) -> list:
        return [(number == place, constant(text)) for place, text in enumerate(texts)]

    match key:
        case "aws:PrincipalAccount":
            return [
                (z3.And(IS_PERSON, there), test) for there, test in choice(ACCOUNT, EVERY_ACCOUNT)
            ]
        case "aws:PrincipalOrgID":
            return [
                (z3.And(IS_PERSON, there), test) for there, test in choice(MEMBER, ORGANIZATIONS)
            ]
        case "aws:PrincipalOrgPaths":
            return [
                (
                    z3.And(IS_PERSON, member == MEMBER, place == ENDING),
                    constant(organization + ending),
                )
                for member, organization in enumerate(ORGANIZATIONS)
                for place, ending in enumerate(ENDINGS)
            ]
        case "aws:PrincipalArn":
            return [(IS_PERSON, lambda value: _arn_fits(value, base))]
        case "aws:PrincipalServiceName":
            return [
                (z3.And(SORT == SERVICE, there), test)
                for there, test in choice(SERVICE_NAME, SERVICES)
            ]
        case "aws:PrincipalIsAWSService":
            return [(IS_PERSON, constant("false")), (SORT == SERVICE, constant("true"))]
        case "aws:SourceAccount":
            return [
                (z3.And(SORT == SERVICE, there), test)
                for there, test in choice(SOURCE_ACCOUNT, EVERY_ACCOUNT)
            ]
        case "aws:ResourceAccount":
            return [(z3.BoolVal(True), constant(HUB))]
        case "aws:TagKeys":
            return [(TAG_KEYS[tag], constant(tag)) for tag in TAGS]
        case "aws:SourceIp":
            return [(HAS_ADDRESS, _address_fits)]
        case "aws:CurrentTime" | "aws:EpochTime":
            return [(z3.BoolVal(True), lambda value: _number_fits(NOW, base, int(value)))]
        case "aws:MultiFactorAuthAge":
            return [(HAS_AGE, lambda value: _number_fits(AGE, base, int(value)))]
        case _:
            return choice(TEXTS[key], TEXT_KEYS[key])


def _text_comparison(base: str) -> Callable[[str, str], bool]:
    """How an operator compares a text of the request with one of the policy, negation left aside."""
    if base.endswith("IgnoreCase") or base == "Bool":
        return lambda text, value: text.lower() == value.lower()
    if base.endswith("Like"):
        return fnmatchcase
    return str.__eq__


def _arn_fits(value: str, base: str) -> z3.BoolRef:
    """Whether the caller's ARN is like one of the policy; its name is a word of unknown letters."""
    value = value.replace("${aws:PrincipalAccount}", "@")
    parts = value.split(":", 5)
    literal = base in {"StringEquals", "StringNotEquals"}
    if literal and set(value) & set("*?"):
        return z3.BoolVal(False)
    if parts[4] == "@":
        account = z3.BoolVal(True)
    else:
        account = _account_is(lambda name: fnmatchcase(name, parts[4]))
    sort, slash, rest = parts[5].partition("/")
    is_session = z3.BoolVal(fnmatchcase("sts", parts[2]))
    is_identity = z3.BoolVal(fnmatchcase("iam", parts[2]))
    service = z3.If(SORT == FEDERATED, is_session, is_identity)
    if parts[5] == "*":
        name = z3.BoolVal(True)
    elif sort == "root":
        name = SORT == ROOT
    else:
        assert slash
        name = z3.And(
            z3.Or(
                z3.And(SORT == ROLE, z3.BoolVal(fnmatchcase("role", sort))),
                z3.And(SORT == USER, z3.BoolVal(fnmatchcase("user", sort))),
                z3.And(SORT == FEDERATED, z3.BoolVal(fnmatchcase("federated-user", sort))),
            ),
            ROLE_NAME.matches(rest),
        )
    return z3.And(service, account, name)


def _address_fits(value: str) -> z3.BoolRef:
    network = ip_network(value)
    if network.version == 6:
        # The only other network there is holds every address of version 6 in the world.
        return IS_SIX
    mask = z3.BitVecVal(int(network.netmask), 32)
    return z3.And(z3.Not(IS_SIX), ADDRESS & mask == int(network.network_address))


def _number_fits(number: z3.ArithRef, base: str, bound: int) -> z3.BoolRef:
    match base.removeprefix("Numeric").removeprefix("Date"):
        case "LessThan":
            return number < bound
        case "LessThanEquals":
            return number <= bound
        case "GreaterThan":
            return number > bound
        case "GreaterThanEquals":
            return number >= bound
        case _:
            return number == bound


def intended(accesses: Iterable[Access]) -> z3.BoolRef:
    """When a request is one that the topology declares, with the surplus that does no harm."""
    found = [z3.BoolVal(False)]
    for access in accesses:
        if access.account is not None:
            who = z3.And(IS_PERSON, _account_is(str(access.account).__eq__))
        else:
            who = z3.And(IS_PERSON, ORGANIZATIONS.index(str(access.organization)) == MEMBER)
            if access.unit is not None:
                inside = [
                    number
                    for number, ending in enumerate(ENDINGS)
                    if (ORGANIZATION + ending).startswith(access.unit)
                ]
                who = z3.And(who, z3.Or([number == ENDING for number in inside]))
        if access.role is not None:
            who = z3.And(who, SORT == ROLE, ROLE_NAME.matches(access.role))
        on_repository = z3.And(
            HAS_REPOSITORY,
            REPOSITORY.matches(access.repositories),
            _action_in((access.actions | HARMLESS_ACTIONS).__contains__),
        )
        alone = z3.And(
            z3.Not(HAS_REPOSITORY),
            _action_in((access.actions | {AUTHORIZATION_ACTION}).__contains__),
        )
        found.append(z3.And(who, z3.Or(on_repository, alone)))
    return z3.Or(found)
