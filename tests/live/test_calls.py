"""The table of calls against botocore's own models, and against what IAM says each action is."""

from __future__ import annotations

import json

import pytest

from generator.aws.calls import CALLS, Call, session_policy
from generator.model.snapshot import Fact
from localaws.shapes import operation_model


@pytest.mark.parametrize("call", CALLS.values(), ids=lambda call: call.action)
def test_a_call_is_as_botocore_has_it(call: Call) -> None:
    model = operation_model(call.service, call.operation)

    assert model.output_shape is not None
    if call.answer:
        assert call.answer in model.output_shape.members
    named = {shape.name for shape in model.error_shapes}
    codes = {
        shape.metadata.get("error", {}).get("code", shape.name) for shape in model.error_shapes
    }
    assert not call.absent or call.absent & (named | codes)


@pytest.mark.parametrize("call", CALLS.values(), ids=lambda call: call.action)
def test_a_call_with_pages_is_known_to_have_them(call: Call) -> None:
    import botocore.session

    session = botocore.session.get_session()
    client = session.create_client(
        call.service,
        "eu-west-1",
        aws_access_key_id="x",
        aws_secret_access_key="x",  # noqa: S106
    )
    has_pages = client.can_paginate(botocore.xform_name(call.operation))
    client.close()

    assert has_pages == (call.page is not None)


def test_every_fact_has_a_call() -> None:
    assert set(CALLS) == set(Fact)


def test_the_session_policy_holds_reads_only_and_fits() -> None:
    text = json.dumps(session_policy(), separators=(",", ":"))
    actions = session_policy()["Statement"][0]["Action"]

    assert len(text) <= 2048
    assert "secretsmanager:GetSecretValue" not in actions
    assert all(action.split(":")[1].startswith(("Describe", "Get", "List")) for action in actions)
