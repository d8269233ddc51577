"""Causes that lie with the client, or between it and ECR."""

import re
from collections.abc import Iterator

from generator.doctor.cases import Case, Cause


def login(case: Case) -> Iterator[Cause]:
    """The client is not logged in."""
    image = case.failure.image
    host = image.host or "the registry"
    region = image.region or "REGION"
    yield Cause(
        name="pull-not-logged-in",
        title="The client is not logged in to ECR",
        message="Nothing in the cache is wrong. A token lasts twelve hours; kubelet needs the ECR credential "
        "provider, a containerd mirror its own login; the role needs `ecr:GetAuthorizationToken` on `*`. "
        "Log in and try again:\n"
        f"  aws ecr get-login-password --region {region} | docker login --username AWS --password-stdin {host}",
    )


def network(case: Case) -> Iterator[Cause]:
    """A host was not reached."""
    host = case.failure.host or ""
    if re.search(r"starport-layer-bucket|\.s3[.-]", host):
        yield Cause(
            name="pull-no-s3",
            title="The node does not reach the S3 bucket in which ECR keeps layers",
            message=f"`{host}` did not answer. A private subnet needs the S3 gateway endpoint, and its policy "
            "must allow reads of that bucket (ECR user guide, vpc-endpoints).",
            is_proved=True,
        )
    elif host and not re.search(r"\.amazonaws\.com(\.cn)?$|\.on\.aws$|\.amazonaws\.eu$", host):
        yield Cause(
            name="pull-no-way-to-upstream",
            title="The node does not reach the upstream, and the layers are not cached yet",
            message=f"`{host}` did not answer. Until an import is complete, ECR sends clients to the "
            "upstream for layers (aws/containers-roadmap#2304). Give the node a way out, or pull the image "
            "once from where there is one.",
            is_proved=True,
        )
    else:
        named = f"`{host}`" if host else "The registry"
        yield Cause(
            name="pull-no-way-to-ecr",
            title="The node does not reach ECR",
            message=f"{named} did not answer. A private subnet needs endpoints for `ecr.api`, `ecr.dkr` and S3, "
            "with private DNS and a security group that lets the nodes in; the first import of an image "
            "may also take longer than the client waits: try again once.",
        )


def lambda_image(case: Case) -> Iterator[Cause]:  # noqa: ARG001 - one signature for all
    """Lambda does not use caches."""
    yield Cause(
        name="pull-lambda",
        title="Lambda cannot use an image of a cache",
        message="Lambda does not trigger the import and is not served from a cached repository that may "
        "expire (ECR user guide, pull-through-cache). Copy the image to a repository of your own.",
        is_proved=True,
    )


def no_import(case: Case) -> Iterator[Cause]:  # noqa: ARG001 - one signature for all
    """The client does not trigger the import."""
    yield Cause(
        name="pull-client-does-not-trigger",
        title="Some clients do not trigger the import",
        message="Kaniko and Flux are reported to fail at the first pull and to work at the second "
        "(GoogleContainerTools/kaniko#2994). Pull the image once with docker or containerd.",
    )
