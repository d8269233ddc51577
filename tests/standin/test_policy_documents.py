"""JSON policies: what counts as the same, and what the data source writes."""

from __future__ import annotations

import json

import pytest

from standin.documents import is_same_json, policy_document
from standin.problems import Problem


def statement(**arguments: object) -> dict[str, object]:
    return {"effect": None, "sid": None, **arguments}


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ('{"a": 1, "b": 2}', '{ "b": 2, "a": 1 }', True),
        ('{"Action": ["x"]}', '{"Action": "x"}', True),
        ('{"Action": ["x", "y"]}', '{"Action": ["y", "x"]}', True),
        ('{"Action": ["x", "y"]}', '{"Action": ["x"]}', False),
        ("not JSON", "not JSON", False),
        (None, "{}", False),
    ],
)
def test_policies_are_the_same_when_they_mean_the_same(
    first: object, second: object, same: bool
) -> None:
    assert is_same_json(first, second) is same


def test_a_document_is_written_as_the_provider_writes_it() -> None:
    config = {
        "statement": [
            statement(
                sid="Pull",
                actions=["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
                resources=["arn:aws:ecr:eu-west-1:111122223333:repository/&{aws:username}/*"],
                principals=[
                    {"type": "AWS", "identifiers": ["111122223333"]},
                    {"type": "AWS", "identifiers": ["222233334444"]},
                ],
                condition=[
                    {"test": "StringLike", "variable": "aws:PrincipalArn", "values": ["a", "b"]},
                    {"test": "StringLike", "variable": "aws:PrincipalOrgID", "values": ["o-1"]},
                ],
            ),
            statement(
                effect="Deny",
                not_actions=["ecr:<>&"],
                not_resources=["*"],
                not_principals=[{"type": "*", "identifiers": ["*"]}],
            ),
        ]
    }

    answer = policy_document(config)

    assert "\\u003c\\u003e\\u0026" in str(answer["json"])
    assert json.loads(str(answer["json"])) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Pull",
                "Effect": "Allow",
                "Action": ["ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage"],
                "Resource": "arn:aws:ecr:eu-west-1:111122223333:repository/${aws:username}/*",
                "Principal": {"AWS": ["222233334444", "111122223333"]},
                "Condition": {
                    "StringLike": {"aws:PrincipalArn": ["a", "b"], "aws:PrincipalOrgID": "o-1"}
                },
            },
            {
                "Effect": "Deny",
                "NotAction": "ecr:<>&",
                "NotResource": "*",
                "NotPrincipal": "*",
            },
        ],
    }
    assert json.loads(str(answer["minified_json"])) == json.loads(str(answer["json"]))


def test_source_documents_come_first_and_overrides_replace_by_sid() -> None:
    def document(sid: str, action: str) -> str:
        return json.dumps({"Statement": [{"Sid": sid, "Effect": "Allow", "Action": action}]})

    answer = policy_document(
        {
            "source_policy_documents": [document("A", "s:A"), document("B", "s:B")],
            "statement": [statement(sid="B", actions=["s:Own"])],
            "override_policy_documents": [document("A", "s:Override"), document("C", "s:C")],
            "policy_id": "id",
        }
    )

    written = json.loads(str(answer["json"]))
    assert written["Id"] == "id"
    assert [(one["Sid"], one["Action"]) for one in written["Statement"]] == [
        ("A", "s:Override"),
        ("B", "s:Own"),
        ("C", "s:C"),
    ]


def test_a_sid_twice_in_source_documents_is_an_error() -> None:
    text = json.dumps({"Statement": {"Sid": "A", "Effect": "Allow", "Action": "s:A"}})

    with pytest.raises(Problem, match="duplicate Sid"):
        policy_document({"source_policy_documents": [text, text]})
