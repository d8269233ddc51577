"""The AWS side of one provider configuration: clients that reach loopback and nothing else."""

from __future__ import annotations

import functools
import ipaddress
import os
import threading
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from .problems import Problem
from .values import Values, is_known

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocore.client import BaseClient
    from botocore.loaders import Loader

SESSION_NAME = "stand-in"
Answer = TypeVar("Answer")


@functools.cache
def _loader() -> Loader:
    """Read AWS's service models, each once in a process."""
    from botocore.loaders import create_loader

    return create_loader()


class AwsClients:
    """Clients of one account, made when they are first needed."""

    def __init__(self, arguments: dict[str, str], region: str) -> None:
        import botocore.session

        self.region = region
        self._session = botocore.session.get_session()
        self._session.register_component("data_loader", _loader())
        self._arguments = arguments
        self._clients: dict[tuple[str, str], BaseClient] = {}
        self._lock = threading.Lock()

    def client(self, service: str, region: str | None = None) -> BaseClient:
        """Return the client of a service, in the provider's region unless told otherwise."""
        key = (service, region or self.region)
        with self._lock:
            if key not in self._clients:
                self._clients[key] = self._session.create_client(
                    service, region_name=key[1], **self._arguments
                )
            return self._clients[key]

    def partition(self, region: str | None = None) -> str:
        """Return the partition of a region: aws, aws-cn, …"""
        return self._session.get_partition_for_region(region or self.region)

    def dns_suffix(self) -> str:
        """Return the suffix of AWS host names in the provider's region."""
        resolver = self._session.get_component("endpoint_resolver")
        return resolver.get_partition_dns_suffix(self.partition())


def loopback_endpoint() -> str:
    """Return AWS_ENDPOINT_URL; an error unless it leads to this machine."""
    url = os.environ.get("AWS_ENDPOINT_URL", "")
    if not _is_loopback(url):
        raise Problem(
            "The stand-in provider only talks to an AWS on this machine",
            f"AWS_ENDPOINT_URL is {url!r}. It must name a loopback address. The stand-in is for tests: "
            "it must never reach a real account.",
        )
    return url


def _is_loopback(url: str) -> bool:
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def configure(config: Values) -> tuple[AwsClients, str]:
    """Read a provider block: return its clients and the account that they act in."""
    endpoint = loopback_endpoint()
    for block in config.get("endpoints") or []:
        for service, url in block.items():
            if url is not None and not _is_loopback(str(url)):
                raise Problem(
                    "The stand-in provider only talks to an AWS on this machine",
                    f"The provider block sends {service} to {url}.",
                    ("endpoints",),
                )
    clients = AwsClients(_static_keys(config, endpoint), _region(config))
    for block in config.get("assume_role") or []:
        clients = _assume_role(clients, block, endpoint)
    account: str = call_aws(
        "retrieving account ID", lambda: clients.client("sts").get_caller_identity()["Account"]
    )
    allowed = config.get("allowed_account_ids")
    forbidden = config.get("forbidden_account_ids")
    if isinstance(allowed, list) and is_known(allowed) and account not in allowed:
        raise Problem(f"AWS account ID not allowed: {account}")
    if isinstance(forbidden, list) and account in forbidden:
        raise Problem(f"AWS account ID not allowed: {account}")
    return clients, account


def call_aws(what: str, call: Callable[[], Answer]) -> Answer:
    """Make AWS calls and turn their errors into a problem that starts with `what`."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        return call()
    except (BotoCoreError, ClientError) as error:
        raise Problem(f"{what}: {error}") from error


def _region(config: Values) -> str:
    region = config.get("region")
    if isinstance(region, str) and region:
        return region
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    if not region:
        raise Problem("invalid AWS Region: ", path=("region",))
    return region


def _static_keys(config: Values, endpoint: str) -> dict[str, str]:
    if config.get("access_key"):
        keys = (config["access_key"], config.get("secret_key"), config.get("token"))
    else:
        keys = tuple(
            os.environ.get(name)
            for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
        )
    if not keys[0] or not keys[1]:
        raise Problem(
            "No valid credential sources found",
            "The stand-in reads keys from the provider block or the environment, nowhere else.",
        )
    return _arguments(endpoint, *keys)


def _assume_role(clients: AwsClients, block: Values, endpoint: str) -> AwsClients:
    if not is_known(block.get("role_arn")):
        raise Problem("assume_role.role_arn is not known yet", path=("assume_role",))
    optional = {"ExternalId": block["external_id"]} if block.get("external_id") else {}
    answer = call_aws(
        f"Cannot assume IAM Role: IAM Role ({block['role_arn']}) cannot be assumed",
        lambda: clients.client("sts").assume_role(
            RoleArn=block["role_arn"],
            RoleSessionName=block.get("session_name") or SESSION_NAME,
            **optional,
        ),
    )
    keys = answer["Credentials"]
    return AwsClients(
        _arguments(endpoint, keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"]),
        clients.region,
    )


def _arguments(endpoint: str, key: object, secret: object, token: object) -> dict[str, str]:
    arguments = {
        "endpoint_url": endpoint,
        "aws_access_key_id": str(key),
        "aws_secret_access_key": str(secret),
    }
    if token:
        arguments["aws_session_token"] = str(token)
    return arguments
