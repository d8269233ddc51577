"""Start, use and reset a local AWS from a test."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Self

from .recording import Call

if TYPE_CHECKING:
    from types import TracebackType

    from botocore.client import BaseClient

    from .faults import Fault

TESTS = Path(__file__).parent.parent
ROLE = "local-aws"
DEFAULT_REGION = "eu-west-1"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """Session keys that act in one account of the local AWS."""

    access_key_id: str
    secret_access_key: str = dataclasses.field(repr=False)
    session_token: str | None = dataclasses.field(repr=False, default=None)

    def environment(self) -> dict[str, str]:
        """Return them as the environment variables that every AWS client reads."""
        keys = {
            "AWS_ACCESS_KEY_ID": self.access_key_id,
            "AWS_SECRET_ACCESS_KEY": self.secret_access_key,
        }
        return keys | ({"AWS_SESSION_TOKEN": self.session_token} if self.session_token else {})


# Keys that nobody made; the local AWS takes them for its default account's.
LOCAL = Credentials(access_key_id="local", secret_access_key="local")  # noqa: S106


class LocalAws:
    """One local AWS with any number of accounts; a context manager that starts and ends its server.

    An account needs no making: naming it is enough. `reset` makes every session key worthless, and the
    server refuses such a key instead of serving another account.
    """

    def __init__(self) -> None:
        import botocore.session

        # One session for all clients: it reads each service model once.
        self._session = botocore.session.get_session()
        self.endpoint_url = ""
        self._process: subprocess.Popen[str] | None = None
        self._credentials: dict[tuple[str, str], Credentials] = {}
        self._clients: dict[tuple[str, str, str], BaseClient] = {}

    def __enter__(self) -> Self:
        environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("AWS_", "MOTO_"))
        }
        search = os.pathsep.join(filter(None, [str(TESTS), environment.get("PYTHONPATH", "")]))
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "localaws.server"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**environment, "PYTHONPATH": search},
        )
        assert self._process.stdout is not None
        self.endpoint_url = self._process.stdout.readline().strip()
        if not self.endpoint_url:
            raise RuntimeError("the local AWS did not start; its reason stands on standard error")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._close_clients()
        process = self._process
        if process is None:
            return
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.close()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()
        self._process = None

    def credentials(self, account: str, region: str = DEFAULT_REGION) -> Credentials:
        """Return session keys of `account`, in the partition of `region`."""
        partition = self._session.get_partition_for_region(region)
        key = (account, partition)
        if key not in self._credentials:
            sts = self._create_client("sts", region, LOCAL)
            try:
                keys = sts.assume_role(
                    RoleArn=f"arn:{partition}:iam::{account}:role/{ROLE}", RoleSessionName=ROLE
                )["Credentials"]
            finally:
                sts.close()
            self._credentials[key] = Credentials(
                access_key_id=keys["AccessKeyId"],
                secret_access_key=keys["SecretAccessKey"],
                session_token=keys["SessionToken"],
            )
        return self._credentials[key]

    def client(self, service: str, *, account: str, region: str = DEFAULT_REGION) -> BaseClient:
        """Return a client, as of boto3, that acts in `account` and `region`."""
        key = (service, account, region)
        if key not in self._clients:
            credentials = self.credentials(account, region)
            self._clients[key] = self._create_client(service, region, credentials)
        return self._clients[key]

    def environment(self, account: str, region: str = DEFAULT_REGION) -> dict[str, str]:
        """Return the environment that makes any AWS client act here as `account`, in `region`."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_REGION": region,
            "AWS_DEFAULT_REGION": region,
            "AWS_EC2_METADATA_DISABLED": "true",
            **self.credentials(account, region).environment(),
        }

    def calls(self) -> tuple[Call, ...]:
        """Return every AWS call since the start, the last `reset` or the last `forget_calls`."""
        return tuple(Call(**call) for call in json.loads(self._control("local-aws/calls")))

    def take_of_commands(self) -> tuple[Call, ...]:
        """Return the calls of forebay's commands since the last time it was asked for them."""
        return tuple(
            Call(**call) for call in json.loads(self._control("local-aws/take-of-commands"))
        )

    def writes(self) -> tuple[Call, ...]:
        """Return the calls that changed something or tried to."""
        return tuple(call for call in self.calls() if not call.is_read)

    def forget_calls(self) -> None:
        """Empty the record of calls and leave everything else as it is."""
        self._control("local-aws/forget-calls", {})

    def seed_account_setting(self, *, account: str, region: str, name: str, value: str) -> None:
        """Put an ECR account setting that AWS keeps for old registries but no longer accepts."""
        setting = {"account": account, "region": region, "name": name, "value": value}
        self._control("local-aws/account-setting", setting)

    def seed(self, topology: Path) -> None:
        """Put everything that a topology asks for into its accounts, without any API call."""
        self._control("local-aws/seed", {"topology": str(topology)})

    def fail(self, *faults: Fault) -> None:
        """Have these faults and no others from now on; none ends them all."""
        self._control("local-aws/faults", [dataclasses.asdict(fault) for fault in faults])

    def reset(self) -> None:
        """Empty every account, forget every call and fault, make all session keys worthless."""
        self._close_clients()
        self.fail()
        self._credentials.clear()
        self._control("moto-api/reset", {})
        self.forget_calls()

    def _create_client(self, service: str, region: str, credentials: Credentials) -> BaseClient:
        return self._session.create_client(
            service,
            region_name=region,
            endpoint_url=self.endpoint_url,
            aws_access_key_id=credentials.access_key_id,
            aws_secret_access_key=credentials.secret_access_key,
            aws_session_token=credentials.session_token,
        )

    def _close_clients(self) -> None:
        for client in self._clients.values():
            client.close()
        self._clients.clear()

    def _control(self, route: str, body: object = None) -> bytes:
        request = urllib.request.Request(  # noqa: S310 - the URL is our own server's
            f"{self.endpoint_url}/{route}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            content: bytes = answer.read()
        return content
