"""The table of actions: complete as far as the installed service model can tell."""

import json
from pathlib import Path

import botocore.session

import generator
from generator.iam.actions import (
    ASSUME_ACTIONS,
    ActionKind,
    acts_on_a_repository,
    ecr_actions,
    kind_of,
)
from generator.model.levels import (
    AUTHORIZATION_ACTION,
    DOWNSTREAM_ACTIONS,
    HARMLESS_ACTIONS,
    UPSTREAM_ACTIONS,
    Level,
)

# Operations that are authorized as another action.
_WITHOUT_AN_ACTION = {"ListImageReferrers"}


def test_every_operation_of_the_service_model_is_an_action() -> None:
    model = botocore.session.get_session().get_service_model("ecr")

    operations = {f"ecr:{name}" for name in set(model.operation_names) - _WITHOUT_AN_ACTION}

    assert operations <= set(ecr_actions())


def test_every_action_of_a_level_acts_on_repositories() -> None:
    named = {*UPSTREAM_ACTIONS, *DOWNSTREAM_ACTIONS, *HARMLESS_ACTIONS}
    for level in Level:
        named.update(level.actions)

    assert named <= set(ecr_actions())
    assert all(acts_on_a_repository(action) for action in named - {AUTHORIZATION_ACTION})
    assert not acts_on_a_repository(AUTHORIZATION_ACTION)


def test_actions_are_sorted_by_what_they_let_a_caller_do() -> None:
    assert kind_of("ecr:BatchGetImage") is ActionKind.PULL
    assert kind_of("ecr:PutImage") is ActionKind.PUSH
    assert kind_of("ecr:SetRepositoryPolicy") is ActionKind.POLICY
    assert kind_of("ecr:BatchDeleteImage") is ActionKind.DELETE
    assert kind_of("ecr:PutRegistryPolicy") is ActionKind.POLICY
    assert kind_of("ecr:CreatePullThroughCacheRule") is ActionKind.SETTINGS
    assert kind_of("ecr:ListImages") is ActionKind.READ
    assert {kind_of(action) for action in ASSUME_ACTIONS} == {ActionKind.ASSUME}
    assert kind_of("s3:GetObject") is ActionKind.OTHER
    assert not any(kind_of(action).writes for action in Level.FIRST_PULL.actions)


def test_the_table_says_where_it_comes_from_and_under_which_licence() -> None:
    file = Path(generator.__file__).parent / "data" / "iam_actions.json"

    table = json.loads(file.read_text(encoding="utf-8"))

    assert table["source"]
    assert table["version"]
    assert table["licence"].startswith("MIT License")
