"""`forebay doctor IMAGE`: each step of the walk finds its cause in the local AWS, and stops there."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from cli_running import Ran, forebay, write_topology
from live_support import MAIN, OUTSIDER, ROLES, SHOP, WHOLE, act, snapshot

from e2e.deployer import ALWAYS_ALLOWED, allows, resource_of, role_arns
from localaws.faults import Fault
from localaws.seeding import trust_of

if TYPE_CHECKING:
    from pathlib import Path

    from localaws.local import LocalAws

pytestmark = pytest.mark.slow

HOST = f"{MAIN}.dkr.ecr.eu-west-1.amazonaws.com"
IMAGE = f"{HOST}/quay/prometheus/node:v1"
PULLER = f"arn:aws:iam::{SHOP}:role/nodes/eks-node"
NODE = f"arn:aws:iam::{MAIN}:role/node"
PLAIN = {"Version": "2012-10-17", "Statement": []}


@pytest.fixture
def aws(local_aws: LocalAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LocalAws:
    """The local AWS as `WHOLE` leaves it, with one image in the cache that its puller may only read."""
    local_aws.seed(write_topology(tmp_path, WHOLE))
    act(monkeypatch, local_aws)
    ecr = local_aws.client("ecr", account=MAIN)
    iam = local_aws.client("iam", account=MAIN)
    iam.create_role(
        RoleName="node", AssumeRolePolicyDocument=json.dumps(trust_of("ec2.amazonaws.com"))
    )
    everything = {"Effect": "Allow", "Action": "ecr:*", "Resource": "*"}
    iam.put_role_policy(
        RoleName="node",
        PolicyName="pulls",
        PolicyDocument=json.dumps({**PLAIN, "Statement": [everything]}),
    )
    ecr.create_repository(repositoryName="quay/prometheus/node")
    ecr.put_image(
        repositoryName="quay/prometheus/node", imageTag="v1", imageManifest=json.dumps(MANIFEST)
    )
    return local_aws


MANIFEST = {
    "schemaVersion": 2,
    "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
    "config": {
        "mediaType": "application/vnd.docker.container.image.v1+json",
        "size": 1,
        "digest": "sha256:" + "1" * 64,
    },
    "layers": [],
}


def doctor(folder: Path, *options: str) -> Ran:
    return forebay(folder, "doctor", *options, "--assume-role", ROLES, "--format", "json")


def rules(ran: Ran) -> list[str]:
    return [one["rule"] for one in ran.document["results"]]


def steps(ran: Ran) -> list[str]:
    return [step["step"] for step in ran.document["walk"]]


def test_a_cached_image_that_the_caller_may_read_has_nothing_wrong(
    aws: LocalAws, tmp_path: Path
) -> None:
    ran = doctor(tmp_path, IMAGE, "--as", PULLER, "--simulate")

    assert (ran.code, rules(ran)) == (0, ["nothing-found"])
    assert steps(ran) == ["rule", "image", "rights", "organization"]
    assert all(step["known"] for step in ran.document["walk"])


def test_a_consumer_and_the_name_upstream_say_the_same(aws: LocalAws, tmp_path: Path) -> None:
    ran = doctor(
        tmp_path,
        "quay.io/prometheus/node:v1",
        "--registry",
        "main/eu-west-1",
        "--principal",
        "shop-nodes",
        "--simulate",
    )

    assert (ran.code, rules(ran)) == (0, ["nothing-found"])
    assert ran.document["pull"]["image"] == IMAGE


def test_what_was_not_said_or_asked_is_left_open(aws: LocalAws, tmp_path: Path) -> None:
    nobody = doctor(tmp_path, IMAGE)
    unsimulated = doctor(tmp_path, IMAGE, "--as", PULLER)

    assert (nobody.code, rules(nobody)) == (3, ["pull-rights-not-known"])
    assert (unsimulated.code, rules(unsimulated)) == (3, ["pull-organization-not-known"])


def test_a_rule_that_is_not_there_ends_the_walk(aws: LocalAws, tmp_path: Path) -> None:
    aws.client("ecr", account=MAIN).delete_pull_through_cache_rule(ecrRepositoryPrefix="quay")

    ran = doctor(tmp_path, IMAGE, "--as", PULLER)

    assert (ran.code, rules(ran), steps(ran)) == (2, ["pull-rule-not-applied"], ["rule"])


def test_the_rights_are_asked_for_what_the_pull_takes(aws: LocalAws, tmp_path: Path) -> None:
    cached = doctor(tmp_path, IMAGE, "--as", PULLER, "--simulate")
    imported = doctor(tmp_path, IMAGE.replace("v1", "v2"), "--as", PULLER)
    first = doctor(tmp_path, IMAGE.replace("node", "new"), "--as", PULLER)

    assert cached.code == 0
    # The level `pull` imports new tags; a new repository takes `first-pull`.
    assert "pull-not-allowed" not in rules(imported)
    assert (first.code, rules(first)) == (2, ["pull-not-allowed"])
    (told,) = first.document["results"]
    assert "`ecr:CreateRepository`" in told["title"]
    assert "add or raise a grant to `first-pull`" in told["message"]
    assert "forebay replay --live --assume-role" in told["message"]


def test_a_policy_that_is_not_attached_or_applied_is_a_proof(aws: LocalAws, tmp_path: Path) -> None:
    aws.client("iam", account=SHOP).detach_role_policy(
        RoleName="eks-node", PolicyArn=f"arn:aws:iam::{SHOP}:policy/forebay-shop-nodes"
    )
    identity = doctor(tmp_path, IMAGE, "--as", PULLER)
    aws.client("iam", account=SHOP).attach_role_policy(
        RoleName="eks-node", PolicyArn=f"arn:aws:iam::{SHOP}:policy/forebay-shop-nodes"
    )
    aws.client("ecr", account=MAIN).delete_registry_policy()
    resource = doctor(tmp_path, IMAGE, "--as", PULLER)

    assert (identity.code, rules(identity)) == (2, ["pull-not-allowed"])
    assert "no policy of the caller allows it" in identity.document["results"][0]["message"]
    assert (resource.code, rules(resource)) == (2, ["pull-not-allowed"])
    assert "no policy of the registry allows it" in resource.document["results"][0]["message"]
    assert "it is not applied" in resource.document["results"][0]["message"]


def test_a_caller_that_is_not_there_is_a_proof(aws: LocalAws, tmp_path: Path) -> None:
    ran = doctor(tmp_path, IMAGE, "--as", f"arn:aws:iam::{SHOP}:role/nobody")

    assert (ran.code, rules(ran)) == (2, ["pull-caller-missing"])


def test_a_deny_of_the_repository_itself_is_a_proof(aws: LocalAws, tmp_path: Path) -> None:
    deny = {"Effect": "Deny", "Principal": "*", "Action": "ecr:BatchGetImage"}
    aws.client("ecr", account=MAIN).set_repository_policy(
        repositoryName="quay/prometheus/node", policyText=json.dumps({**PLAIN, "Statement": [deny]})
    )

    ran = doctor(tmp_path, IMAGE, "--as", PULLER)

    assert (ran.code, rules(ran)) == (2, ["pull-explicit-deny"])


def test_a_registry_policy_that_was_not_read_proves_nothing(aws: LocalAws, tmp_path: Path) -> None:
    aws.fail(Fault(operation="GetRegistryPolicy", error="AccessDeniedException"))

    ran = doctor(tmp_path, IMAGE, "--as", PULLER)

    assert ran.code == 3
    assert set(rules(ran)) == {"pull-rights-not-known", "pull-organization-not-known"}


def test_what_the_organization_or_a_boundary_denies_is_found_by_simulation(
    aws: LocalAws, tmp_path: Path
) -> None:
    iam = aws.client("iam", account=SHOP)
    iam.tag_role(RoleName="eks-node", Tags=[{"Key": "scp-denies", "Value": "ecr:BatchGetImage"}])

    ran = doctor(tmp_path, IMAGE, "--as", PULLER, "--simulate")

    assert (ran.code, rules(ran)) == (2, ["pull-organization-denies"])


def test_a_boundary_that_does_not_allow_it_is_a_proof(aws: LocalAws, tmp_path: Path) -> None:
    iam = aws.client("iam", account=SHOP)
    document = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}],
    }
    boundary = iam.create_policy(PolicyName="limit", PolicyDocument=json.dumps(document))
    iam.put_role_permissions_boundary(
        RoleName="eks-node", PermissionsBoundary=boundary["Policy"]["Arn"]
    )

    ran = doctor(tmp_path, IMAGE, "--as", PULLER)

    assert (ran.code, rules(ran)) == (2, ["pull-not-allowed"])
    assert "its permissions boundary" in ran.document["results"][0]["message"]


HUB = "ecr-pullthroughcache/docker-hub"
NGINX = f"{HOST}/docker-hub/library/nginx:1"


def test_each_fault_of_the_secret_is_a_proof_where_the_image_is_not_cached(
    aws: LocalAws, tmp_path: Path
) -> None:
    secrets = aws.client("secretsmanager", account=MAIN)
    fine = doctor(tmp_path, NGINX, "--as", NODE, "--simulate")
    secrets.put_secret_value(SecretId=HUB, SecretString='{"username": "u"}')
    refused = doctor(tmp_path, NGINX, "--as", NODE)
    secrets.delete_secret(SecretId=HUB)
    deleted = doctor(tmp_path, NGINX, "--as", NODE)
    secrets.restore_secret(SecretId=HUB)
    secrets.delete_secret(SecretId=HUB, ForceDeleteWithoutRecovery=True)
    secrets.create_secret(Name=HUB, SecretString='{"username": "u", "accessToken": "t"}')
    anew = doctor(tmp_path, NGINX, "--as", NODE)

    # Whether the image exists upstream is all that is left.
    assert (fine.code, rules(fine)) == (3, ["pull-not-upstream"])
    assert steps(fine)[-3:] == ["credential", "creation", "upstream"]
    assert (refused.code, rules(refused)) == (2, ["pull-credential-refused"])
    assert "username and accessToken" in refused.document["results"][0]["message"]
    assert (deleted.code, rules(deleted)) == (2, ["secret-pending-deletion"])
    assert (anew.code, rules(anew)) == (2, ["secret-arn-stale"])


def test_a_template_whose_role_cannot_be_used_is_a_proof_of_a_first_pull(
    aws: LocalAws, tmp_path: Path
) -> None:
    iam = aws.client("iam", account=MAIN)
    first = IMAGE.replace("node", "new")
    fine = doctor(tmp_path, first, "--as", NODE, "--simulate")
    (template,) = aws.client("ecr", account=MAIN).describe_repository_creation_templates()[
        "repositoryCreationTemplates"
    ]
    role = template["customRoleArn"].rsplit("/", 1)[-1]
    trust = iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
    other = json.dumps(trust).replace("ecr.amazonaws.com", "ec2.amazonaws.com")
    iam.update_assume_role_policy(RoleName=role, PolicyDocument=other)
    untrusting = doctor(tmp_path, first, "--as", NODE)
    iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(trust))
    for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
        iam.delete_role_policy(RoleName=role, PolicyName=name)
    powerless = doctor(tmp_path, first, "--as", NODE)
    iam.delete_role(RoleName=role)
    missing = doctor(tmp_path, first, "--as", NODE)

    assert (fine.code, rules(fine)) == (3, ["pull-not-upstream"])
    assert (untrusting.code, rules(untrusting)) == (2, ["pull-role-not-trusting"])
    assert (powerless.code, rules(powerless)) == (2, ["pull-role-not-allowed"])
    assert "`ecr:CreateRepository`" in powerless.document["results"][0]["message"]
    assert (missing.code, rules(missing)) == (2, ["pull-role-missing"])


BASE = f"{SHOP}.dkr.ecr.eu-west-1.amazonaws.com/hub/app:v1"


def test_a_private_upstream_is_followed_into_its_account(aws: LocalAws, tmp_path: Path) -> None:
    ecr, iam = aws.client("ecr", account=MAIN), aws.client("iam", account=SHOP)
    no_image = doctor(tmp_path, BASE)
    ecr.create_repository(repositoryName="base/app")
    ecr.put_image(repositoryName="base/app", imageTag="v1", imageManifest=json.dumps(MANIFEST))
    fine = doctor(tmp_path, BASE)
    policy = ecr.get_registry_policy()["policyText"]
    ecr.delete_registry_policy()
    closed = doctor(tmp_path, BASE)
    ecr.put_registry_policy(policyText=policy)
    (name,) = [
        one["RoleName"]
        for one in iam.list_roles()["Roles"]
        if one["RoleName"].startswith("forebay")
    ]
    for one in iam.list_role_policies(RoleName=name)["PolicyNames"]:
        iam.delete_role_policy(RoleName=name, PolicyName=one)
    powerless = doctor(tmp_path, BASE)

    assert (no_image.code, rules(no_image)) == (2, ["pull-not-upstream"])
    # Who pulls was not said.
    assert (fine.code, rules(fine)) == (3, ["pull-rights-not-known"])
    for ran in (closed, powerless):
        assert (ran.code, rules(ran)) == (2, ["pull-role-not-allowed"])


def test_a_snapshot_alone_tells_what_it_holds(aws: LocalAws, tmp_path: Path) -> None:
    snapshot(tmp_path)
    aws.fail(Fault(error="AccessDenied"))
    aws.forget_calls()

    there = forebay(tmp_path, "doctor", IMAGE, "--as", PULLER, "--live", "live.json")
    aws.fail()
    aws.client("ecr", account=MAIN).delete_registry_policy()
    snapshot(tmp_path)
    gone = forebay(tmp_path, "doctor", IMAGE, "--as", PULLER, "--live", "live.json")

    assert there.code == 3
    assert "pull-image-not-known" in there.out
    assert "is allowed `ecr:CreateRepository`" in " ".join(there.out.split())
    assert gone.code == 2
    assert "pull-not-allowed" in gone.out
    assert "not looked at any more: organization, credential, creation, upstream" in gone.out


def test_a_text_and_aws_together_know_the_image_and_the_caller(
    aws: LocalAws, tmp_path: Path
) -> None:
    text = (
        f"User: {PULLER} is not authorized to perform: ecr:CreateRepository on resource: "
        f"arn:aws:ecr:eu-west-1:{MAIN}:repository/quay/new because no identity-based policy allows it"
    )

    ran = doctor(tmp_path, "--explain", text, "--live")

    assert (ran.code, rules(ran)) == (2, ["pull-not-allowed"])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ((), "Give either an IMAGE or --explain"),
        (("--explain", "x", "--as", PULLER), "go with an IMAGE"),
        ((IMAGE, "--live", "live.json", "--simulate"), "--simulate asks AWS"),
        ((IMAGE, "--as", "nobody"), "neither an ARN nor a consumer"),
        (("gcr.io/a/b:1",), "gcr.io"),
        (("quay.io/prometheus/node:v1",), "Say which one pulls with `--registry`"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    tmp_path: Path, options: tuple[str, ...], words: str
) -> None:
    write_topology(tmp_path, WHOLE)

    ran = forebay(tmp_path, "doctor", *options)

    assert ran.code == 1
    assert words in ran.err


def test_the_calls_of_a_walk_are_allowed_by_the_policy_for_it_and_read_only(
    aws: LocalAws, tmp_path: Path
) -> None:
    ran = forebay(tmp_path, "policies", "live", "--doctor", "--format", "json")
    documents = {one["account_id"]: one["policy"] for one in ran.document["policies"]}
    arns = role_arns(aws, documents)
    aws.forget_calls()

    doctor(tmp_path, NGINX, "--as", NODE, "--simulate")
    doctor(tmp_path, BASE)

    made = [
        (call, resource_of(call, arns))
        for call in aws.calls()
        if (call.service, call.operation) not in ALWAYS_ALLOWED and call.account != OUTSIDER
    ]
    assert {"DescribeImages", "ValidatePullThroughCacheRule", "SimulatePrincipalPolicy"} <= {
        call.operation for call, _ in made
    }
    assert [
        (call, resource)
        for call, resource in made
        if not allows(documents[call.account], call, resource)
    ] == []
