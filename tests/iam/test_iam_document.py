"""Reading policy documents: what is malformed becomes problems and doubts, never an exception."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.iam import Effect, PolicyKind, ProblemKind, parse_policy
from generator.iam.document import Comparison, Exact, Gap, Quantifier, Statement
from generator.model.estate import Json, Unknown

GOOD: dict[str, Json] = {
    "Sid": "Pull",
    "Effect": "Allow",
    "Principal": {"AWS": "111122223333"},
    "Action": "ecr:BatchGetImage",
    "Resource": "*",
}


def parse_one(**changes: Json) -> tuple[Statement, tuple[ProblemKind, ...]]:
    entry = {name: value for name, value in {**GOOD, **changes}.items() if value != "drop"}
    policy = parse_policy({"Version": "2012-10-17", "Statement": entry}, source="test")
    return policy.statements[0], tuple(problem.kind for problem in policy.problems)


def test_a_good_statement_has_no_problems_and_keeps_its_sid_and_place() -> None:
    policy = parse_policy({"Statement": (GOOD, {**GOOD, "Sid": "Other"})}, source="here")

    assert policy.problems == ()
    assert [(one.source, one.index, one.sid) for one in policy.statements] == [
        ("here", 0, "Pull"),
        ("here", 1, "Other"),
    ]
    assert all(one.effect is Effect.ALLOW and not one.doubts for one in policy.statements)


@pytest.mark.parametrize(
    ("document", "kind"),
    [
        ("text", ProblemKind.SHAPE),
        (None, ProblemKind.SHAPE),
        ((GOOD,), ProblemKind.SHAPE),
        ({}, ProblemKind.SHAPE),
        ({"Statement": ("text",)}, ProblemKind.SHAPE),
        ({"Statement": GOOD, "Statements": GOOD}, ProblemKind.UNKNOWN_ELEMENT),
        ({"Statement": GOOD, "Version": "2020-01-01"}, ProblemKind.BAD_VALUE),
    ],
)
def test_a_document_that_is_no_policy_is_a_problem_and_in_doubt(
    document: Json, kind: ProblemKind
) -> None:
    policy = parse_policy(document, source="test")

    assert [problem.kind for problem in policy.problems] == [kind]
    assert all(statement.doubts for statement in policy.statements)
    assert policy.statements


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"Effect": "allow"}, ProblemKind.BAD_VALUE),
        ({"Effect": "drop"}, ProblemKind.MISSING_ELEMENT),
        ({"Action": "drop"}, ProblemKind.MISSING_ELEMENT),
        ({"Action": ()}, ProblemKind.BAD_VALUE),
        ({"Action": "BatchGetImage"}, ProblemKind.BAD_VALUE),
        ({"Action": 7}, ProblemKind.BAD_VALUE),
        ({"NotAction": "ecr:PutImage"}, ProblemKind.BAD_VALUE),
        ({"Resource": "docker-hub/*"}, ProblemKind.BAD_VALUE),
        ({"Resource": ()}, ProblemKind.BAD_VALUE),
        ({"Resource": (None,)}, ProblemKind.BAD_VALUE),
        ({"Principal": "111122223333"}, ProblemKind.BAD_VALUE),
        ({"Principal": {}}, ProblemKind.BAD_VALUE),
        ({"Principal": {"AWS": "arn:aws:iam::111122223333:role/*"}}, ProblemKind.BAD_VALUE),
        ({"Principal": {"AWS": "11112222333"}}, ProblemKind.BAD_VALUE),
        ({"Principal": {"Service": "*"}}, ProblemKind.BAD_VALUE),
        ({"Principal": {"Everyone": "*"}}, ProblemKind.BAD_VALUE),
        ({"Condition": "aws:PrincipalArn"}, ProblemKind.BAD_VALUE),
        ({"Condition": {"StringEquals": "x"}}, ProblemKind.BAD_VALUE),
        ({"Condition": {"StringEquals": {"aws:PrincipalArn": ()}}}, ProblemKind.BAD_VALUE),
        ({"Condition": {"StringEquals": {"aws:PrincipalArn": None}}}, ProblemKind.BAD_VALUE),
        ({"Condition": {"Bool": {"aws:SecureTransport": "yes"}}}, ProblemKind.BAD_VALUE),
        ({"Conditions": {}}, ProblemKind.UNKNOWN_ELEMENT),
    ],
)
def test_a_malformed_element_is_a_problem_and_puts_the_statement_in_doubt(
    changes: dict[str, Json], kind: ProblemKind
) -> None:
    statement, kinds = parse_one(**changes)

    assert kinds == (kind,)
    assert statement.doubts
    assert not statement.is_complete


def test_two_statements_with_one_sid_are_a_problem_but_not_in_doubt() -> None:
    policy = parse_policy({"Statement": (GOOD, GOOD)}, source="test")

    assert [problem.kind for problem in policy.problems] == [ProblemKind.DUPLICATE_SID]
    assert not any(statement.doubts for statement in policy.statements)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"Principal": {"AWS": "AROAEXAMPLEEXAMPLE12"}}, "unique id"),
        ({"Principal": {"CanonicalUser": "abc"}}, "CanonicalUser"),
        ({"Principal": {"Federated": "*"}}, "not the ARN of an identity provider"),
        ({"Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/99"}}}, "as IP addresses"),
        ({"Condition": {"IpAddress": {"aws:PrincipalArn": "10.0.0.0/8"}}}, "is text"),
        ({"Condition": {"NumericLessThan": {"aws:MultiFactorAuthAge": "x"}}}, "as a number"),
        ({"Condition": {"DateLessThan": {"aws:CurrentTime": "2026-13-01"}}}, "as a date"),
        ({"Condition": {"BinaryEquals": {"aws:PrincipalArn": "QQ=="}}}, "BinaryEquals"),
        ({"Condition": {"StringEquals": {"aws:username": "x"}}}, "aws:username"),
        ({"Condition": {"NullIfExists": {"aws:PrincipalArn": "true"}}}, "NullIfExists"),
        (
            {"Condition": {"StringLike": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/*"}}},
            "ForAnyValue or ForAllValues",
        ),
    ],
)
def test_what_is_not_modelled_is_a_doubt_that_names_it(
    changes: dict[str, Json], words: str
) -> None:
    statement, kinds = parse_one(**changes)

    assert kinds == ()
    assert any(words in doubt for doubt in statement.doubts)


def test_only_a_trust_policy_can_name_an_identity_provider() -> None:
    statement, _ = parse_one(Principal={"Federated": "cognito-identity.amazonaws.com"})

    assert any("Federated" in reason for reason in statement.reasons(PolicyKind.REGISTRY))


def test_unknown_values_become_gaps_that_name_their_reference() -> None:
    value = Unknown(reason="known after apply", reference="aws_iam_role.x.arn")

    statement, _ = parse_one(Principal={"AWS": value}, Action=("ecr:PutImage", value))

    assert statement.principals is not None
    assert statement.principals.aws[0].plain is None
    reasons = statement.reasons(PolicyKind.REGISTRY)
    assert reasons == ("aws_iam_role.x.arn is not known: known after apply",)


def test_known_pieces_of_an_unknown_text_are_kept() -> None:
    value = Unknown(reason="no value", reference="var.x", parts=("arn:aws:ecr:", None, "/*"))

    statement, _ = parse_one(Resource=value)

    assert statement.resources is not None
    first, gap, last = statement.resources.texts[0].pieces
    assert (first, last) == ("arn:aws:ecr:", "/*")
    assert isinstance(gap, Gap)


@pytest.mark.parametrize("where", ["Effect", "Condition", "Principal", "Action", "Resource"])
def test_an_unknown_element_is_never_complete(where: str) -> None:
    statement, kinds = parse_one(**{where: Unknown(reason="no value", reference="var.x")})

    assert kinds == ()
    assert not statement.is_complete
    assert any("var.x" in reason for reason in statement.reasons(PolicyKind.REGISTRY))


def test_an_unknown_policy_and_an_unknown_statement_are_wholly_in_doubt() -> None:
    value = Unknown(reason="no value", reference="var.policy")

    whole = parse_policy(value, source="test").statements
    one = parse_policy({"Statement": (GOOD, value)}, source="test").statements

    assert len(whole) == 1
    assert whole[0].effect is None
    assert "var.policy" in whole[0].doubts[0]
    assert one[0].doubts == ()
    assert "var.policy" in one[1].doubts[0]


def test_policy_variables_are_gaps_in_the_new_version_and_text_in_the_old() -> None:
    entry = {**GOOD, "Resource": "arn:aws:ecr:*:${aws:PrincipalAccount}:repository/${*}"}

    new = parse_policy({"Version": "2012-10-17", "Statement": entry}, source="test")
    old = parse_policy({"Statement": entry}, source="test")

    resources = new.statements[0].resources
    assert resources is not None
    assert [type(piece) for piece in resources.texts[0].pieces] == [str, Gap, str, Exact]
    resources = old.statements[0].resources
    assert resources is not None
    assert resources.texts[0].plain == entry["Resource"]


@pytest.mark.parametrize(
    ("operator", "comparison", "negated", "quantifier", "if_exists"),
    [
        ("StringEquals", Comparison.EQUALS, False, None, False),
        ("stringnotequals", Comparison.EQUALS, True, None, False),
        ("StringLikeIfExists", Comparison.LIKE, False, None, True),
        ("ArnEquals", Comparison.ARN, False, None, False),
        ("ArnNotLike", Comparison.ARN, True, None, False),
        ("ForAnyValue:StringLike", Comparison.LIKE, False, Quantifier.ANY, False),
        ("forallvalues:StringNotLikeIfExists", Comparison.LIKE, True, Quantifier.ALL, True),
        ("BoolIfExists", Comparison.BOOL, False, None, True),
        ("Null", Comparison.NULL, False, None, False),
    ],
)
def test_condition_operators_are_taken_apart(
    operator: str,
    comparison: Comparison,
    negated: bool,
    quantifier: Quantifier | None,
    if_exists: bool,
) -> None:
    statement, _ = parse_one(Condition={operator: {"aws:PrincipalIsAWSService": "true"}})

    (condition,) = statement.conditions
    assert condition.comparison is comparison
    assert condition.negated is negated
    assert condition.quantifier is quantifier
    assert condition.if_exists is if_exists


def test_json_booleans_and_numbers_are_condition_values() -> None:
    statement, kinds = parse_one(
        Condition={
            "Bool": {"aws:SecureTransport": False},
            "StringEquals": {"aws:PrincipalAccount": 111122223333},
        }
    )

    assert kinds == ()
    assert [condition.values[0].plain for condition in statement.conditions] == [
        "false",
        "111122223333",
    ]


@pytest.mark.parametrize(
    ("kind", "changes", "words"),
    [
        (PolicyKind.REGISTRY, {"Resource": "drop"}, "needs a Resource"),
        (PolicyKind.REGISTRY, {"Principal": "drop"}, "needs a Principal"),
        (PolicyKind.REPOSITORY, {}, "takes no Resource"),
        (PolicyKind.IDENTITY, {}, "takes no Principal"),
        (PolicyKind.IDENTITY, {"Principal": "drop", "Resource": "drop"}, "needs a Resource"),
        (PolicyKind.TRUST, {}, "takes no Resource"),
    ],
)
def test_elements_that_do_not_fit_the_kind_of_policy_are_reasons(
    kind: PolicyKind, changes: dict[str, Json], words: str
) -> None:
    statement, _ = parse_one(**changes)

    assert any(words in reason for reason in statement.reasons(kind))


_leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.text(max_size=5),
    st.sampled_from(["*", "Allow", "ecr:*", "StringLike", "${x}"]),
    st.just(Unknown(reason="no value", reference="x")),
)
_names = st.one_of(
    st.text(max_size=4),
    st.sampled_from(
        [
            "Statement",
            "Effect",
            "Action",
            "NotAction",
            "Resource",
            "Principal",
            "NotPrincipal",
            "AWS",
            "Service",
            "Condition",
            "StringLike",
            "aws:PrincipalArn",
        ]
    ),
)
_anything: st.SearchStrategy[Json] = st.recursive(
    _leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(tuple), st.dictionaries(_names, inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(document=_anything, inner=_anything)
def test_no_document_is_an_exception(document: Json, inner: Json) -> None:
    parse_policy(document, source="test")
    parse_policy({"Statement": ({**GOOD, "Condition": inner}, document)}, source="test")
    parse_policy({"Statement": {"Principal": inner, "Action": document}}, source="test")


def test_a_sort_of_principal_without_names_is_accepted_beside_one_with_names() -> None:
    """So the provider writes `principals` with empty `identifiers`, and AWS takes it."""
    beside, none = {"AWS": "111122223333", "Service": ()}, {"AWS": (), "Service": ()}

    assert parse_one(Principal=beside)[1] == ()
    assert set(parse_one(Principal=none)[1]) == {ProblemKind.BAD_VALUE}
