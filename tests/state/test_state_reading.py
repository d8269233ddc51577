"""What plans and states say: values, what is unknown or secret, and where each resource is."""

from __future__ import annotations

import json

import pytest

from generator.model.estate import Absent, Kind, Known, Unknown
from generator.model.finding import FindingKind, Severity
from generator.model.reading import Source
from state.state_samples import (
    IN_MAIN,
    MAIN,
    ROLE,
    SHOP,
    Sample,
    literal,
    plan,
    provider,
    quay,
    read,
    state,
)

ROLE_ARN = f"arn:aws:iam::{SHOP}:role/ci/builder"


def role(**values: object) -> Sample:
    return Sample(type=ROLE, name="it", values={"name": "builder", "path": "/ci/", **values})


def test_a_resource_of_a_plan_becomes_a_record() -> None:
    (record,) = read(plan([quay()])).estate.records

    assert (record.kind, record.account, record.region, record.key) == (
        Kind.CACHE_RULE,
        MAIN,
        "eu-west-1",
        "quay",
    )
    assert record.get("upstream_registry_url") == Known(value="quay.io")
    assert record.get("credential_arn") == Absent()


def test_a_record_stands_where_its_resource_does_in_the_file() -> None:
    text = json.dumps(plan([quay()]), indent=2)

    (record,) = read(text.encode()).estate.records

    assert record.span is not None
    line = text.split("\n")[record.span.line - 1]
    assert line[record.span.column - 1 : record.span.end_column - 1] == f'"{record.address}"'


def test_what_only_an_apply_tells_is_unknown_and_names_the_address() -> None:
    sample = Sample(
        type=quay().type,
        name="quay",
        values={"ecr_repository_prefix": "quay", "region": "eu-west-1"},
        unknown={"credential_arn": True},
        written=("credential_arn",),
    )

    (record,) = read(plan([sample])).estate.records

    found = record.get("credential_arn")
    assert isinstance(found, Unknown)
    assert found.reference == f"{sample.address}.credential_arn"
    assert "after apply" in found.reason


def test_what_a_provider_fills_in_is_not_unknown_when_the_code_does_not_set_it() -> None:
    sample = Sample(
        type="aws_secretsmanager_secret",
        name="it",
        values={"name": "ecr-pullthroughcache/x", "region": "eu-west-1"},
        unknown={"policy": True, "arn": True},
    )

    (record,) = read(plan([sample])).estate.records

    assert "policy" not in record.attributes


def test_a_sensitive_value_is_not_kept() -> None:
    sample = Sample(
        type=ROLE,
        name="it",
        values={"name": "builder", "assume_role_policy": '{"Statement": "hunter2"}'},
        sensitive={"assume_role_policy": True},
    )

    (record,) = read(state([sample]), source=Source.STATE).estate.records

    assert "hunter2" not in repr(record)
    assert isinstance(record.get("assume_role_policy"), Unknown)


def test_the_values_of_secrets_are_not_kept() -> None:
    sample = Sample(
        type="aws_secretsmanager_secret_version",
        name="it",
        values={
            "secret_id": f"arn:aws:secretsmanager:eu-west-1:{MAIN}:secret:ecr-pullthroughcache/x-aB3dE6",
            "secret_string": "hunter2",
            "secret_binary": "hunter2",
        },
    )

    (record,) = read(state([sample]), source=Source.STATE).estate.records

    assert "hunter2" not in repr(record)
    assert (record.account, record.region, record.key) == (
        MAIN,
        "eu-west-1",
        "ecr-pullthroughcache/x",
    )


def test_a_policy_document_is_parsed() -> None:
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow"}]}
    sample = role(arn=ROLE_ARN, assume_role_policy=json.dumps(document))

    (record,) = read(state([sample]), source=Source.STATE).estate.records

    found = record.get("assume_role_policy")
    assert isinstance(found, Known)
    assert found.value == {"Version": "2012-10-17", "Statement": ({"Effect": "Allow"},)}


def test_a_policy_that_is_no_json_cannot_be_told() -> None:
    sample = role(arn=ROLE_ARN, assume_role_policy="{")

    (record,) = read(state([sample]), source=Source.STATE).estate.records

    assert isinstance(record.get("assume_role_policy"), Unknown)


@pytest.mark.parametrize(
    ("expressions", "account"),
    [
        ({"allowed_account_ids": literal([SHOP])}, SHOP),
        ({"assume_role": [{"role_arn": literal(ROLE_ARN)}]}, SHOP),
        ({"allowed_account_ids": literal([SHOP, MAIN])}, None),
        ({"allowed_account_ids": {"references": ["var.account"]}}, None),
        ({}, None),
    ],
)
def test_the_provider_configuration_tells_the_account(
    expressions: dict[str, object], account: str | None
) -> None:
    document = plan([quay()], providers={"aws": provider(**expressions)})

    (record,) = read(document).estate.records

    assert (None if isinstance(record.account, Unknown) else record.account) == account


def test_what_exists_shows_the_account_of_all_that_its_provider_makes() -> None:
    exists = role(arn=ROLE_ARN)
    elsewhere = Sample(type=ROLE, name="far", values={"name": "far"}, provider="aws.far")
    providers = {"aws": provider(), "aws.far": provider()}

    records = read(plan([quay(), exists, elsewhere], providers=providers)).estate.records

    accounts = {record.address: record.account for record in records}
    assert accounts[quay().address] == SHOP
    assert isinstance(accounts[elsewhere.address], Unknown)


def test_one_of_many_instances_of_a_provider_shows_nothing_about_the_others() -> None:
    providers = {"aws": provider(region={"references": ["each.key"]})}

    records = read(plan([quay(), role(arn=ROLE_ARN)], providers=providers)).estate.records

    accounts = {record.address: record.account for record in records}
    assert isinstance(accounts[quay().address], Unknown)


def test_in_a_state_the_only_account_is_that_of_every_resource() -> None:
    setting = Sample(
        type="aws_ecr_account_setting",
        name="it",
        values={"name": "REGISTRY_POLICY_SCOPE", "value": "V2", "region": "eu-west-1"},
    )
    one = quay(registry_id=MAIN)
    other = role(arn=ROLE_ARN)

    alone = read(state([setting, one]), source=Source.STATE).estate.records
    among_two = read(state([setting, one, other]), source=Source.STATE).estate.records

    assert [record.account for record in alone] == [MAIN, MAIN]
    assert isinstance(among_two[0].account, Unknown)


def test_policies_that_a_role_lists_count_once() -> None:
    policy = '{"Statement": []}'
    listed = role(
        arn=ROLE_ARN,
        inline_policy=[{"name": "own", "policy": policy}, {"name": "more", "policy": policy}],
        managed_policy_arns=["arn:aws:iam::aws:policy/ReadOnlyAccess"],
    )
    own = Sample(
        type="aws_iam_role_policy",
        name="own",
        values={"name": "own", "role": "builder", "policy": policy},
    )

    records = read(state([listed, own]), source=Source.STATE).estate.records

    assert sorted((record.kind.value, str(record.key)) for record in records) == [
        ("policy attachment", "builder:arn:aws:iam::aws:policy/ReadOnlyAccess"),
        ("role", "ci/builder"),
        ("role policy", "ci/builder:more"),
        ("role policy", "ci/builder:own"),
    ]


def test_a_separate_policy_of_a_secret_is_the_policy_of_the_secret() -> None:
    arn = f"arn:aws:secretsmanager:eu-west-1:{MAIN}:secret:ecr-pullthroughcache/x-aB3dE6"
    secret = Sample(
        type="aws_secretsmanager_secret",
        name="it",
        values={"name": "ecr-pullthroughcache/x", "arn": arn, "policy": ""},
    )
    policy = Sample(
        type="aws_secretsmanager_secret_policy",
        name="it",
        values={"secret_arn": arn, "policy": '{"Statement": []}'},
    )

    records = read(state([secret, policy]), source=Source.STATE).estate.records

    (record,) = [record for record in records if record.kind is Kind.SECRET]
    assert record.get("policy") == Known(value={"Statement": ()})


def test_resources_of_modules_are_read_with_their_provider() -> None:
    document = plan([])
    inside = quay().content | {"address": 'module.a["x.y"].module.b.aws_ecr_x.quay', "index": 0}
    document["planned_values"] = {
        "root_module": {
            "child_modules": [
                {
                    "address": 'module.a["x.y"]',
                    "child_modules": [
                        {"address": 'module.a["x.y"].module.b', "resources": [inside]}
                    ],
                }
            ]
        }
    }
    block = {"address": quay().address, "provider_config_key": "aws"}
    document["configuration"] = {
        "provider_config": IN_MAIN,
        "root_module": {
            "module_calls": {
                "a": {"module": {"module_calls": {"b": {"module": {"resources": [block]}}}}}
            }
        },
    }

    (record,) = read(document).estate.records

    assert record.account == MAIN


def test_what_the_plan_replaces_is_a_warning() -> None:
    sample = Sample(
        type=quay().type, name="quay", values=quay().values, actions=("delete", "create")
    )

    (problem,) = read(plan([sample])).problems

    assert (problem.rule, problem.severity) == ("plan-replaces", Severity.WARNING)
    assert problem.address == sample.address


@pytest.mark.parametrize(
    "more", [{"errored": True}, {"complete": False}, {"deferred_changes": [{}]}]
)
def test_a_plan_that_is_not_whole_leaves_open_what_it_lacks(more: dict[str, object]) -> None:
    reading = read(plan([quay()], **more))

    assert [part.title for part in reading.unread_modules] == ["A plan is not complete"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"PK\x03\x04rest", "terraform show -json 'plan-0.json' > plan.json"),
        (b"\xff\xfe\x00", "not text in UTF-8 or UTF-16"),
        (b"\xc3(", "not text in UTF-8 or UTF-16"),
        (b'{"a": ', "is not JSON (line 1, column"),
        (b"[]", "holds no JSON object"),
        (b'{"a": NaN}', "NaN"),
        (b'{"a": ' + b"9" * 5000 + b"}", "is not JSON"),
        (b'{"format_version": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "deeper"),
        (b'{"format_version": ' + b"[" * 200 + b"]" * 200 + b"}", "deeper"),
        (b'{"@level": "info"}\n{"@level": "info"}\n', "terraform plan -json"),
        (b'{"version": 4, "lineage": "x"}', "as Terraform stores it"),
        (b'{"format_version": "1.0", "values": {}, "values": {"x": 1}}', "the key `values` twice"),
        (b'{"format_version": "1.0", "x": [' + b"{}," * 3_000_001 + b"1]}", "more values than"),
        (b'{"format_version": "1.0", "provider_schemas": {}}', "neither a plan nor a state"),
        (b'{"format_version": "7.0", "planned_values": {}}', "format version 7.0"),
        (b'{"format_version": "1.0", "values": {}}', "give it with `--state`"),
        (
            b'{"format_version": "1.0", "planned_values": {"root_module": {"resources": [{}]}}}',
            "without an address",
        ),
    ],
)
def test_a_file_that_is_no_plan_is_an_error_and_the_rest_is_read(
    content: bytes, words: str
) -> None:
    reading = read(content, plan([quay()]))

    (problem,) = reading.problems
    assert (problem.kind, problem.rule) == (FindingKind.ERROR, "unreadable-file")
    assert words.replace("'", "") in problem.message.replace("'", "")
    assert len(reading.estate.records) == 1


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "utf-16-le"])
def test_what_powershell_writes_is_read(encoding: str) -> None:
    content = json.dumps(plan([quay()])).encode(encoding)

    assert len(read(content).estate.records) == 1


def test_a_policy_with_a_key_twice_is_not_read_one_way_or_the_other() -> None:
    twice = '{"Statement": [], "Statement": [{"Effect": "Allow"}]}'
    policy = Sample(
        type="aws_ecr_registry_policy", name="p", values={"policy": twice, "region": "eu-west-1"}
    )

    (record,) = read(plan([policy])).estate.records

    found = record.get("policy")
    assert isinstance(found, Unknown)
    assert "names the key `Statement` twice" in found.reason


def test_a_type_that_is_no_text_is_passed_over() -> None:
    document = plan([quay()])
    document["resource_changes"] = [
        {"address": "x", "type": ["aws_iam_role"], "change": {"actions": ["create", "delete"]}}
    ]

    assert len(read(document).estate.records) == 1


def test_a_session_policy_of_a_plans_provider_is_named() -> None:
    narrowed = {"policy": literal('{"Statement": [{"Effect": "Allow", "Action": "ecr:Get*"}]}')}
    unknown = {"policy": {"references": ["var.policy"]}}
    listed = {"policy_arns": literal(["arn:aws:iam::aws:policy/ReadOnlyAccess"])}
    providers = {
        f"aws.{number}": {**provider(assume_role=[role]), "name": "aws"}
        for number, role in enumerate((narrowed, unknown, listed, {"role_arn": literal("x")}))
    }

    reading = read(plan([], providers={**IN_MAIN, **providers}))

    found = {one.key: one.get("policy") for one in reading.estate.records}
    assert list(found) == ["aws.0", "aws.1", "aws.2"]
    assert isinstance(found["aws.0"], Known)
    assert isinstance(found["aws.1"], Unknown)
    assert found["aws.1"].reference == "var.policy"
    assert isinstance(found["aws.2"], Unknown)
