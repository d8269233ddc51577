"""What an unknown value of a plan refers to, as the plan's own configuration tells it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from generator.model.estate import Identity, Kind, Known, Link, Unknown
from generator.model.values import AccountId
from state.state_samples import IN_MAIN, MAIN, read

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from generator.model.estate import Attribute, Record

SECRET, VERSION = "aws_secretsmanager_secret", "aws_secretsmanager_secret_version"
RULE = "aws_ecr_pull_through_cache_rule"


def refers(*references: str) -> dict[str, object]:
    """An expression that is no constant."""
    return {"references": list(references)}


def block(
    address: str, expressions: Mapping[str, object], each: object = None
) -> dict[str, object]:
    """A resource block of the code."""
    found: dict[str, object] = {
        "address": address,
        "provider_config_key": "aws",
        "expressions": dict(expressions),
    }
    return found if each is None else {**found, "for_each_expression": each}


def instance(
    address: str, values: Mapping[str, object], unknown: Sequence[str] = ()
) -> tuple[dict[str, object], dict[str, object]]:
    """A resource that will be created: among the values, and among the changes."""
    own = address.rpartition("module.")[2]
    own = own.partition(".")[2] if address.startswith("module.") else own
    type_, _, name = own.partition("[")[0].rpartition(".")
    value = {
        "address": address,
        "mode": "managed",
        "type": type_,
        "name": name,
        "values": {"region": "eu-west-1", **values},
    }
    change = {
        "address": address,
        "type": type_,
        "mode": "managed",
        "change": {"actions": ["create"], "after_unknown": dict.fromkeys(unknown, True)},
    }
    return value, change


def planned(
    module: Mapping[str, object],
    instances: Sequence[tuple[dict[str, object], dict[str, object]]],
    variables: Mapping[str, object] | None = None,
) -> dict[str, object]:
    """A plan of a root module with this code, and these instances in it and in what it calls."""
    own: list[dict[str, object]] = []
    below: dict[str, list[dict[str, object]]] = {}
    for value, _ in instances:
        address = str(value["address"])
        if address.startswith("module."):
            below.setdefault(".".join(address.split(".")[:2]), []).append(value)
        else:
            own.append(value)
    return {
        "format_version": "1.2",
        "planned_values": {
            "root_module": {
                "resources": own,
                "child_modules": [
                    {"address": name, "resources": found} for name, found in below.items()
                ],
            }
        },
        "resource_changes": [change for _, change in instances],
        "configuration": {"provider_config": dict(IN_MAIN), "root_module": dict(module)},
        "variables": {name: {"value": value} for name, value in (variables or {}).items()},
        "complete": True,
    }


def secret(name: str, address: str) -> tuple[dict[str, object], dict[str, object]]:
    return instance(address, {"name": name}, ["arn", "id"])


def rule(prefix: str, address: str) -> tuple[dict[str, object], dict[str, object]]:
    values = {"ecr_repository_prefix": prefix, "upstream_registry_url": "registry-1.docker.io"}
    return instance(address, values, ["credential_arn"])


def credentials(document: dict[str, object]) -> dict[str, Attribute]:
    """The credential of each rule, by prefix."""
    records = read(document).estate.records
    return {
        str(record.key): record.get("credential_arn")
        for record in records
        if record.kind is Kind.CACHE_RULE
    }


def named(attribute: Attribute) -> str:
    """The secret that an attribute names, or why it names none."""
    match attribute:
        case Link(target=Identity(kind=Kind.SECRET, account=account, key=key)):
            assert account == AccountId.parse(MAIN)
            return key
        case Unknown():
            return "unknown"
        case _:
            return repr(attribute)


@pytest.mark.parametrize(
    ("references", "expected"),
    [
        (("aws_secretsmanager_secret.hub.arn", "aws_secretsmanager_secret.hub"), "hub"),
        (("aws_secretsmanager_secret_version.hub.arn",), "hub"),
        (("aws_secretsmanager_secret.hub.arn", "aws_secretsmanager_secret.other.arn"), "unknown"),
        (("local.secret",), "unknown"),
        (("random_pet.name.id",), "unknown"),
        (("aws_secretsmanager_secret.hub.arn", "local.secret"), "unknown"),
        # A name that the plan knows cannot be what is not known.
        (("aws_secretsmanager_secret.hub.arn", "aws_secretsmanager_secret.other.name"), "hub"),
        # Neither can a role's ARN be a credential.
        (("aws_secretsmanager_secret.hub.arn", "aws_iam_role.fill.arn"), "hub"),
    ],
)
def test_a_credential_is_the_one_secret_that_the_code_refers_to(
    references: tuple[str, ...], expected: str
) -> None:
    module = {
        "resources": [
            block(f"{SECRET}.hub", {"name": {"constant_value": "hub"}}),
            block(f"{SECRET}.other", {"name": {"constant_value": "other"}}),
            block(f"{VERSION}.hub", {"secret_id": refers(f"{SECRET}.hub.id", f"{SECRET}.hub")}),
            block("aws_iam_role.fill", {}),
            block("random_pet.name", {}),
            block(f"{RULE}.hub", {"credential_arn": refers(*references)}),
        ]
    }
    instances = [
        secret("hub", f"{SECRET}.hub"),
        secret("other", f"{SECRET}.other"),
        instance(f"{VERSION}.hub", {}, ["arn", "secret_id"]),
        instance("aws_iam_role.fill", {"name": "fill"}, ["arn"]),
        instance("random_pet.name", {}, ["id"]),
        rule("hub", f"{RULE}.hub"),
    ]

    assert named(credentials(planned(module, instances))["hub"]) == expected


@pytest.mark.parametrize(
    ("index", "expected"),
    [("each.key", {"a": "a", "b": "b"}), ("each.value.secret", {"a": "b", "b": "a"})],
)
def test_an_index_tells_the_instance(index: str, expected: dict[str, str]) -> None:
    each = {"constant_value": {"a": {"secret": "b"}, "b": {"secret": "a"}}}
    module = {
        "resources": [
            block(f"{SECRET}.s", {"name": refers("each.key")}, {"constant_value": ["a", "b"]}),
            block(f"{RULE}.r", {"credential_arn": refers(f"{SECRET}.s", index)}, each),
        ]
    }
    instances = [
        *(secret(key, f'{SECRET}.s["{key}"]') for key in "ab"),
        *(rule(key, f'{RULE}.r["{key}"]') for key in "ab"),
    ]

    found = credentials(planned(module, instances))

    assert {prefix: named(found[prefix]) for prefix in "ab"} == expected


def modules(rules: object) -> dict[str, object]:
    """The code of a root that makes secrets in one module and rules in another, by their names."""
    return {
        "module_calls": {
            "secrets": {
                "expressions": {"names": {"constant_value": ["a", "b"]}},
                "module": {
                    "outputs": {"arns": {"expression": refers("time_sleep.settle")}},
                    "resources": [
                        block(f"{SECRET}.this", {"name": refers("each.key")}, refers("var.names")),
                        block(
                            f"{VERSION}.this",
                            {"secret_id": refers(f"{SECRET}.this", "each.key")},
                            refers("var.names"),
                        ),
                        block(
                            "time_sleep.settle",
                            {"triggers": refers(f"{VERSION}.this", "each.key")},
                            refers("var.names"),
                        ),
                    ],
                },
            },
            "caches": {
                "expressions": {
                    "arns": refers("module.secrets.arns", "module.secrets"),
                    "rules": rules,
                },
                "module": {
                    "resources": [
                        block(
                            f"{RULE}.this",
                            {
                                "credential_arn": refers(
                                    "each.value.arn",
                                    "each.value",
                                    "var.arns",
                                    "each.value.secret",
                                    "each.value",
                                )
                            },
                            refers("var.rules"),
                        )
                    ],
                },
            },
        }
    }


INSTANCES = [
    *(secret(key, f'module.secrets.{SECRET}.this["{key}"]') for key in "ab"),
    *(
        instance(f'module.secrets.{VERSION}.this["{key}"]', {}, ["arn", "secret_id"])
        for key in "ab"
    ),
    *(instance(f'module.secrets.time_sleep.settle["{key}"]', {}, ["triggers"]) for key in "ab"),
    *(rule(key, f'module.caches.{RULE}.this["{key}"]') for key in "xy"),
]


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ({"constant_value": {"x": {"secret": "a"}, "y": {"secret": "b"}}}, {"x": "a", "y": "b"}),
        ({"constant_value": {"x": {"secret": "b"}, "y": {"secret": "a"}}}, {"x": "b", "y": "a"}),
        (refers("var.rules"), {"x": "b", "y": "b"}),
        # Which rule takes which of two secrets is written in an expression that a plan does not have.
        (
            refers('module.secrets.arns["a"]', "module.secrets.arns", 'module.secrets.arns["b"]'),
            {"x": "unknown", "y": "unknown"},
        ),
        (refers('module.secrets.arns["a"]', "module.secrets.arns"), {"x": "unknown"}),
    ],
)
def test_inputs_and_outputs_of_modules_are_followed(
    rules: object, expected: dict[str, str]
) -> None:
    variables = {"rules": {"x": {"secret": "b"}, "y": {"secret": "b"}}}

    found = credentials(planned(modules(rules), INSTANCES, variables))

    assert {prefix: named(found[prefix]) for prefix in expected} == expected


def only(document: dict[str, object], kind: Kind) -> Record:
    (record,) = [one for one in read(document).estate.records if one.kind is kind]
    return record


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (refers("each.value.kms_key", "each.value"), {"encryption_type": "KMS", "kms_key": None}),
        (refers("aws_kms_key.own.arn", "aws_kms_key.own"), "aws_kms_key.own.arn"),
    ],
)
def test_a_key_that_the_provider_fills_in_is_none_of_the_codes(
    expression: object, expected: object
) -> None:
    template = "aws_ecr_repository_creation_template"
    module = {
        "resources": [
            block("aws_kms_key.own", {}),
            block(
                f"{template}.t",
                {"encryption_configuration": [{"encryption_type": {}, "kms_key": expression}]},
                {"constant_value": {"quay": {}}},
            ),
        ]
    }
    value, change = instance(
        f'{template}.t["quay"]',
        {"prefix": "quay", "encryption_configuration": [{"encryption_type": "KMS"}]},
    )
    change["change"] = {
        "actions": ["create"],
        "after_unknown": {"encryption_configuration": [{"kms_key": True}]},
    }

    record = only(
        planned(module, [instance("aws_kms_key.own", {}, ["arn"]), (value, change)]),
        Kind.CREATION_TEMPLATE,
    )

    encryption = record.get("encryption_configuration")
    assert isinstance(encryption, Known)
    assert isinstance(encryption.value, tuple)
    (found,) = encryption.value
    if isinstance(expected, str):
        assert isinstance(found, dict)
        assert isinstance(found["kms_key"], Unknown)
        assert found["kms_key"].origin == expected
    else:
        assert found == expected


def test_a_role_with_a_name_that_terraform_makes_up_is_known_by_its_address() -> None:
    module = {
        "resources": [
            block("aws_iam_role.fill", {"name_prefix": {"constant_value": "fill-"}}),
            block(f"{RULE}.own", {"custom_role_arn": refers("aws_iam_role.fill.arn")}),
        ]
    }
    values = {"ecr_repository_prefix": "own", "upstream_registry_url": "x.dkr.ecr.eu-west-1.x"}
    instances = [
        instance("aws_iam_role.fill", {"name_prefix": "fill-"}, ["arn", "name"]),
        instance(f"{RULE}.own", values, ["custom_role_arn"]),
    ]

    role = only(planned(module, instances), Kind.CACHE_RULE).get("custom_role_arn")

    assert isinstance(role, Link | Unknown)
    if isinstance(role, Unknown):
        assert role.origin == "aws_iam_role.fill.arn"
    else:
        assert role.target.key.startswith("fill-")


def test_references_in_a_circle_end() -> None:
    module = {
        "module_calls": {
            "m": {
                "expressions": {"a": refers("module.m.b", "module.m")},
                "module": {"outputs": {"b": {"expression": refers("var.a")}}},
            }
        },
        "resources": [block(f"{RULE}.r", {"credential_arn": refers("module.m.b", "module.m")})],
    }

    found = credentials(planned(module, [rule("hub", f"{RULE}.r")]))

    assert named(found["hub"]) == "unknown"
