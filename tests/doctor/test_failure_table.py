"""Every known text of a failed pull, in the words of each client, and the cause it has."""

from __future__ import annotations

import time
from datetime import date
from typing import TYPE_CHECKING

import botocore.session
import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.doctor.cases import case_of
from generator.doctor.causes import causes_of
from generator.doctor.messages import Symptom, read_failure
from generator.topology import read_topology

if TYPE_CHECKING:
    from pathlib import Path

    from generator.doctor.cases import Cause
    from generator.model.topology import Topology

TODAY = date(2026, 11, 29)
HOST = "111122223333.dkr.ecr.eu-west-1.amazonaws.com"
TOPOLOGY = """\
version: 1
defaults: {regions: [eu-west-1]}
accounts:
  main: {id: "111122223333", registry_policy: create}
  shop: {id: "222233334444"}
upstreams:
  docker-hub: {credential: {secret: ecr-pullthroughcache/docker-hub, value: placeholder}}
  github: {credential: {secret: ecr-pullthroughcache/github, expires: 2026-01-31}}
  base-images: {registry: ecr, account_id: "444455556666", region: eu-west-1, role: base}
creation_templates:
  tagged: {repository_tags: {team: platform}}
consumers:
  shop-nodes: {account: shop, role: "eks-node-*"}
registries:
  main:
    caches:
      docker-hub: {creation_template: tagged}
      quay: {}
      github: {}
      base: {upstream: base-images}
    grants:
      - {to: shop-nodes, allow: first-pull, caches: [docker-hub]}
      - {to: shop-nodes, allow: cached, caches: [quay, base, github]}
"""


@pytest.fixture(scope="module")
def topology(tmp_path_factory: pytest.TempPathFactory) -> Topology:
    file: Path = tmp_path_factory.mktemp("doctor") / "topology.yaml"
    file.write_text(TOPOLOGY, encoding="utf-8")
    read = read_topology(file).topology
    assert read is not None
    return read


def causes(topology: Topology, text: str) -> tuple[Cause, ...]:
    return causes_of(case_of(read_failure(text), topology, today=TODAY))


DOCKER = "Error response from daemon: "
KUBELET = 'Failed to pull image "{image}": rpc error: code = {code} desc = failed to pull and unpack image "{image}": failed to resolve reference "{image}": '
ECS = "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref {image}: "
PODMAN = "Error: initializing source docker://{image}: reading manifest {tag} in {path}: "

REPOSITORY_MISSING = "name unknown: The repository with name '{path}' does not exist in the registry with id '111122223333'"


def wordings(path: str, tag: str, said: str) -> list[str]:
    """What docker, kubelet (containerd), ECS and podman print around the registry's own words."""
    image = f"{HOST}/{path}:{tag}"
    words = {"image": image, "path": f"{HOST}/{path}", "tag": tag, "code": "NotFound"}
    return [
        f"{DOCKER}{said} ({image})" if image not in said else f"{DOCKER}{said}",
        KUBELET.format(**words) + said,
        ECS.format(**words) + said,
        PODMAN.format(**words) + said,
    ]


CASES = [
    # path, tag, what the registry says, the causes in order, whether the first is proved
    ("docker-hub/nginx", "1", REPOSITORY_MISSING, ["pull-without-library"], True),
    (
        "docker-hub/nginx",
        "1",
        "unexpected status from HEAD request: 403 Forbidden",
        ["pull-without-library"],
        True,
    ),
    (
        "docker-hub/library/nginx",
        "1",
        REPOSITORY_MISSING,
        [
            "pull-needs-first-pull",
            "pull-rule-not-applied",
            "pull-template-cannot-create",
            "pull-client-does-not-trigger",
        ],
        False,
    ),
    (
        "quay/prometheus/prometheus",
        "v9",
        "manifest unknown: Requested image not found",
        ["pull-needs-pull", "pull-not-upstream", "pull-client-does-not-trigger"],
        False,
    ),
    (
        "base/app",
        "1",
        REPOSITORY_MISSING,
        [
            "pull-needs-first-pull",
            "pull-rule-not-applied",
            "pull-ecr-upstream",
            "pull-client-does-not-trigger",
        ],
        False,
    ),
    (
        "docker-hub/library/acme-app",
        "1",
        "denied: The authentication to the upstream registry failed. Verify that the credenti",
        [
            "pull-library-too-much",
            "pull-token-placeholder",
            "pull-token-refused",
            "pull-secret-made-anew",
        ],
        False,
    ),
    (
        "github/acme/app",
        "1",
        "denied: The authentication to the upstream registry failed.",
        ["pull-token-expired"],
        True,
    ),
    (
        "quay/a/b",
        "1",
        "pulling from host failed: no basic auth credentials",
        ["pull-not-logged-in"],
        False,
    ),
    (
        "quay/a/b",
        "1",
        "failed to authorize: failed to fetch anonymous token: unexpected status: 401 Unauthorized",
        ["pull-not-logged-in"],
        False,
    ),
    ("quay/a/b", "1", "toomanyrequests: Rate exceeded", ["pull-upstream-limit"], False),
    ("quai/a/b", "1", REPOSITORY_MISSING, ["pull-no-cache"], True),
    (
        "quay/a/b",
        "1",
        'Get "https://prod-eu-west-1-starport-layer-bucket.s3.eu-west-1.amazonaws.com/x": dial tcp 52.1.1.1:443: i/o timeout',
        ["pull-no-s3"],
        True,
    ),
    (
        "docker-hub/library/nginx",
        "1",
        'Get "https://production.cloudflare.docker.com/registry-v2/x": dial tcp 104.1.1.1:443: i/o timeout',
        ["pull-no-way-to-upstream"],
        True,
    ),
    ("quay/a/b", "1", f"dial tcp: lookup {HOST}: no such host", ["pull-no-way-to-ecr"], False),
]


@pytest.mark.parametrize(("path", "tag", "said", "expected", "proved"), CASES)
def test_a_text_has_the_same_causes_in_the_words_of_every_client(
    topology: Topology, path: str, tag: str, said: str, expected: list[str], proved: bool
) -> None:
    for text in wordings(path, tag, said.format(path=path)):
        found = causes(topology, text)

        assert [cause.name for cause in found] == expected, text
        assert found[0].is_proved is proved


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "SecretNotFoundException: The ARN of the secret specified in the pull through cache rule was not found",
            "pull-secret-missing",
        ),
        ("UnableToDecryptSecretValueException: …", "pull-secret-key"),
        ("UnableToAccessSecretException: …", "pull-secret-denied"),
        (
            "UnsupportedUpstreamRegistryException: The specified upstream registry requires authentication",
            "pull-upstream-unsupported",
        ),
        (
            "InvalidParameterException: Invalid input: Please set either credential arn or role arn to update",
            "pull-credential-removed",
        ),
        ("An error occurred (KmsException) when calling", "pull-key-failed"),
        ("ImageArchivedException: image is archived", "pull-image-archived"),
        (
            "ImageTagAlreadyExistsException: The image tag '1' already exists and the tag is immutable",
            "pull-tag-immutable",
        ),
        ("Source image x is not valid. Provide a valid source image.", "pull-lambda"),
        (
            "An error occurred (UnrecognizedClientException) when calling the DescribeRepositories operation",
            "pull-region-disabled",
        ),
        ("UpstreamTooManyRequests", "pull-upstream-limit"),
        ("UnableToGetUpstreamImageException", "pull-upstream-failed"),
    ],
)
def test_an_exception_of_ecr_has_its_cause_without_an_image(
    topology: Topology, text: str, expected: str
) -> None:
    assert [cause.name for cause in causes(topology, text)] == [expected]


def test_the_failure_codes_of_the_upstream_in_ecrs_own_model_are_all_known() -> None:
    model = botocore.session.get_session().get_service_model("ecr")
    codes = [
        code
        for code in model.shape_for("ImageFailureCode").enum
        if code.startswith(("Upstream", "Kms", "ImageInacc"))
    ]
    errors = [
        name
        for name in model.shape_names
        if name.startswith("UnableTo") and name.endswith("Exception")
    ]

    assert len(codes) == 5
    assert len(errors) >= 4
    assert not [code for code in (*codes, *errors) if read_failure(code).symptom is None]


def denied(action: str, resource: str, why: str, principal: str = "") -> str:
    who = principal or "arn:aws:sts::222233334444:assumed-role/eks-node-blue/i-0abc"
    return (
        f"User: {who} is not authorized to perform: {action} on resource: {resource} because {why}"
    )


ARN = "arn:aws:ecr:eu-west-1:111122223333:repository/quay/prometheus/prometheus"


def test_a_denied_request_says_that_the_topology_does_not_give_it(topology: Topology) -> None:
    text = denied(
        "ecr:CreateRepository",
        ARN,
        "no identity-based policy allows the ecr:CreateRepository action",
    )

    (cause,) = causes(topology, text)

    assert cause.name == "pull-not-allowed"
    assert cause.is_proved
    assert "The topology does not give it to this caller either" in cause.message
    assert (
        f"forebay replay --as arn:aws:sts::222233334444:assumed-role/eks-node-blue/i-0abc --action ecr:CreateRepository --resource {ARN}"
        in cause.message
    )


def test_a_denied_request_that_the_topology_gives_points_at_the_code(topology: Topology) -> None:
    text = denied(
        "ecr:BatchGetImage", ARN, "no resource-based policy allows the ecr:BatchGetImage action"
    )

    (cause,) = causes(topology, text)

    assert "so the code is not applied or differs" in cause.message
    assert "scope V1" in cause.message


@pytest.mark.parametrize(
    ("layer", "words"),
    [
        ("a service control policy", "ask whoever manages it"),
        ("an identity-based policy", "narrow it"),
        ("a permissions boundary", "narrow it"),
    ],
)
def test_an_explicit_deny_names_its_layer(topology: Topology, layer: str, words: str) -> None:
    text = denied("ecr:BatchGetImage", ARN, f"with an explicit deny in {layer}").replace(
        "because ", ""
    )

    (cause,) = causes(topology, text.replace("with an", "because with an"))

    assert cause.name == "pull-explicit-deny"
    assert layer.split(" ", 1)[1] in cause.title
    assert words in cause.message


def test_another_account_or_region_and_a_pull_past_the_cache_are_said(topology: Topology) -> None:
    missing = "name unknown: The repository does not exist"

    assert [
        c.name
        for c in causes(
            topology, f"999999999999.dkr.ecr.eu-west-1.amazonaws.com/quay/a:1 {missing}"
        )
    ] == ["pull-other-account"]
    assert [
        c.name
        for c in causes(
            topology, f"111122223333.dkr.ecr.us-east-1.amazonaws.com/quay/a:1 {missing}"
        )
    ] == ["pull-other-region"]
    assert [
        c.name
        for c in causes(
            topology,
            'Failed to pull image "nginx:1.27": toomanyrequests: You have reached your pull rate limit',
        )
    ] == ["pull-past-the-cache"]


EVENT = (
    '{"detail-type": "ECR Pull Through Cache Action", "account": "111122223333", "region": "eu-west-1", "detail": '
    '{"rule-version": "1", "sync-status": "%s", "ecr-repository-prefix": "github", "repository-name": "github/acme/app", '
    '"upstream-registry-url": "ghcr.io", "image-tag": "1", "failure-code": "%s", "failure-reason": "refused"}}'
)


def test_an_event_is_read_by_its_failure_code(topology: Topology) -> None:
    assert [c.name for c in causes(topology, EVENT % ("FAILED", "UpstreamAccessDenied"))] == [
        "pull-token-expired"
    ]


def test_an_event_of_success_has_no_cause(topology: Topology) -> None:
    failure = read_failure(EVENT % ("SUCCESS", ""))

    assert failure.succeeded
    assert causes(topology, EVENT % ("SUCCESS", "")) == ()


def test_the_output_of_kubectl_describe_is_read_whole(topology: Topology) -> None:
    image = f"{HOST}/docker-hub/nginx:1.27"
    text = f"""\
Name:             web-0
Containers:
  web:
    Image:          {image}
    State:          Waiting
      Reason:       ImagePullBackOff
Events:
  Type     Reason     Age    From      Message
  Warning  Failed     2m     kubelet   Failed to pull image "{image}": rpc error: code = NotFound desc = failed to pull and unpack image "{image}": failed to resolve reference "{image}": {image}: not found
"""

    assert [c.name for c in causes(topology, text)] == ["pull-without-library"]


def test_an_unknown_text_has_no_symptom() -> None:
    assert read_failure("everything is fine").symptom is None


@given(st.text(min_size=1).filter(str.strip))
def test_any_text_is_read_or_left_unknown(text: str) -> None:
    failure = read_failure(text)

    assert failure.symptom is None or failure.symptom in Symptom


@pytest.mark.parametrize(
    "piece",
    [
        "a/",
        "a-",
        "https://a/v2/",
        f"{HOST}/",
        "User: arn:aws",
        "repository with name '",
        ": not found",
    ],
)
def test_a_long_text_is_read_in_time_that_grows_with_it(piece: str) -> None:
    begin = time.process_time()
    read_failure(piece * (100_000 // len(piece)))

    assert time.process_time() - begin < 5
