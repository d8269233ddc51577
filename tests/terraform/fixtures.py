"""Fixtures that give tests a real Terraform; a pytest plugin that `tests/conftest.py` loads.

FOREBAY_TERRAFORM and FOREBAY_TOFU name the programs to use (a name or a path); FOREBAY_TOFU=none leaves
OpenTofu out. FOREBAY_REAL_PROVIDER=1 leaves the stand-in out: init downloads the real providers, which
still talk to the local AWS only.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from localaws.local import DEFAULT_REGION, LocalAws
from standin.install import Mirror, install
from standin.warm import WarmProviders

from .program import (
    NO_TERRAFORM,
    NO_TOFU,
    TERRAFORM,
    TOFU,
    find_terraform,
    find_tofu,
    is_left_out,
)
from .runner import Terraform, base_environment

DEFAULT_ACCOUNT = "111122223333"
# What a download may need; the stand-in needs none of it.
DOWNLOAD_SETTINGS = ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "SSL_CERT_FILE")
TerraformFactory = Callable[..., Terraform]

# Marks a test that runs once with Terraform and once with OpenTofu.
with_both_programs = pytest.mark.parametrize("terraform_program", [TERRAFORM, TOFU], indirect=True)


def pytest_report_header() -> list[str]:
    """Say at the start of a run which programs it tests with, and which it does not."""
    tofu = find_tofu(os.environ)
    left_out = "left out (FOREBAY_TOFU=none)" if is_left_out(os.environ) else "not found"
    return [
        f"terraform: {' '.join(find_terraform(os.environ) or ['not found'])}",
        f"opentofu: {' '.join(tofu) if tofu else left_out}",
    ]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Take out the tests that want OpenTofu when it is left out on purpose."""
    if not is_left_out(os.environ):
        return
    unwanted = [item for item in items if _wants_tofu(item)]
    config.hook.pytest_deselected(items=unwanted)
    items[:] = [item for item in items if not _wants_tofu(item)]


def _wants_tofu(item: pytest.Item) -> bool:
    callspec = getattr(item, "callspec", None)
    return callspec is not None and callspec.params.get("terraform_program") == TOFU


@pytest.fixture(scope="session")
def terraform_program(request: pytest.FixtureRequest) -> tuple[str, ...]:
    """The command that starts Terraform, or OpenTofu where the test asks for it; else a skip."""
    if getattr(request, "param", TERRAFORM) == TOFU:
        program, missing = find_tofu(os.environ), NO_TOFU
    else:
        program, missing = find_terraform(os.environ), NO_TERRAFORM
    if program is None:
        pytest.skip(missing)
    return program


@pytest.fixture(scope="session")
def provider_mirror(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mirror | None]:
    """The stand-in as `hashicorp/aws` and `hashicorp/time`; None when the real ones are asked for."""
    if os.environ.get("FOREBAY_REAL_PROVIDER") == "1":
        yield None
        return
    # The path of a socket is short by law, so it is not in pytest's folder.
    with tempfile.TemporaryDirectory(prefix="warm-") as folder:
        warm = Path(folder) / "socket"
        mirror = install(tmp_path_factory.mktemp("providers"), warm)
        with WarmProviders(warm):
            yield mirror


@pytest.fixture(scope="session")
def provider_settings(
    provider_mirror: Mirror | None, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    """The environment variables that lead Terraform to its providers."""
    if provider_mirror:
        return {"TF_CLI_CONFIG_FILE": str(provider_mirror.cli_config)}
    settings = {name: os.environ[name] for name in DOWNLOAD_SETTINGS if name in os.environ}
    return {**settings, "TF_PLUGIN_CACHE_DIR": str(tmp_path_factory.mktemp("downloads"))}


@pytest.fixture
def stand_in(provider_mirror: Mirror | None) -> Mirror:
    """The stand-in, for tests of what the real provider does otherwise."""
    if provider_mirror is None:
        pytest.skip("about the stand-in: unset FOREBAY_REAL_PROVIDER to run it")
    return provider_mirror


@pytest.fixture
def terraform_offline(
    terraform_program: tuple[str, ...], provider_settings: dict[str, str], tmp_path: Path
) -> TerraformFactory:
    """Make a `Terraform` for a root that never reaches AWS: init, validate, fmt, tests with mocks."""

    def make(root: Path, environment: Mapping[str, str] | None = None) -> Terraform:
        home = tmp_path / "home"
        home.mkdir(exist_ok=True)
        settings = {**base_environment(home), **provider_settings, **(environment or {})}
        return Terraform(terraform_program, root, settings)

    return make


@pytest.fixture
def terraform_factory(terraform_offline: TerraformFactory, local_aws: LocalAws) -> TerraformFactory:
    """Make a `Terraform` for a root that acts as an account of an empty local AWS.

    `account` is whose keys stand in the environment. A provider block with `assume_role` goes on from
    there to the account of that role.
    """

    def make(
        root: Path,
        environment: Mapping[str, str] | None = None,
        *,
        account: str = DEFAULT_ACCOUNT,
        region: str = DEFAULT_REGION,
    ) -> Terraform:
        acting = local_aws.environment(account, region)
        return terraform_offline(root, {**acting, **(environment or {})})

    return make
