"""Lay the stand-in out as a filesystem mirror that `terraform init` and `tofu init` can use."""

from __future__ import annotations

import dataclasses
import datetime
import os
import platform
import sys
from pathlib import Path

from . import schema

HOSTS = ("registry.terraform.io", "registry.opentofu.org")
# Asks for a fork of `warm`, and loads everything itself only where nobody answers.
LAUNCHER = """#!{python} -IS
import array, json, os, socket, sys
arguments = {arguments!r}
connection = socket.socket(socket.AF_UNIX)
try:
    connection.connect({warm!r})
except OSError:
    os.execv({python!r}, [{python!r}, "-I", "-c", "import sys; sys.path[:0] = {path!r}; "
        "from standin.server import main; main(*" + repr(arguments) + ")"])
request = {{"arguments": arguments, "environment": dict(os.environ), "folder": os.getcwd()}}
request = json.dumps(request).encode() + b"\\n"
streams = array.array("i", [0, 1, 2])
sent = connection.sendmsg([request], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, streams)])
connection.sendall(request[sent:])
connection.recv(1)
"""
MACHINES = {"x86_64": "amd64", "AMD64": "amd64", "aarch64": "arm64"}
# A mirror is made for one test run. The certificate must outlive the longest.
CERTIFICATE_DAYS = 2


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Mirror:
    """A mirror that is ready: name `cli_config` in TF_CLI_CONFIG_FILE to use it and nothing else."""

    root: Path
    cli_config: Path


def install(root: Path, warm: Path) -> Mirror:
    """Write the mirror, the providers' start scripts and the CLI configuration below `root`.

    `warm` is the socket at which the scripts look for a process to fork.
    """
    root = root.resolve()
    root.mkdir(parents=True, exist_ok=True)
    certificate = root / "plugin.pem"
    _write_certificate(certificate)
    for provider, version in schema.VERSIONS.items():
        schema_file = root / f"{provider}.schema"
        schema_file.write_bytes(schema.response(provider))
        launcher = LAUNCHER.format(
            python=sys.executable,
            path=[str(Path(__file__).parent.parent)],
            arguments=[provider, str(schema_file), str(certificate)],
            warm=str(warm),
        )
        for host in HOSTS:
            folder = root / "mirror" / host / "hashicorp" / provider / version / _target()
            folder.mkdir(parents=True, exist_ok=True)
            program = folder / f"terraform-provider-{provider}_v{version}_x5"
            program.write_text(launcher, encoding="utf-8")
            program.chmod(0o755)
    cli_config = root / "cli.tfrc"
    # Without `direct`, init asks no registry for anything: a missing provider is an error.
    cli_config.write_text(
        "disable_checkpoint = true\n\n"
        "provider_installation {\n"
        "  filesystem_mirror {\n"
        f'    path = "{root / "mirror"}"\n'
        "  }\n"
        "}\n",
        encoding="utf-8",
    )
    return Mirror(root=root, cli_config=cli_config)


def _target() -> str:
    machine = platform.machine()
    return f"{platform.system().lower()}_{MACHINES.get(machine, machine)}"


def _write_certificate(path: Path) -> None:
    """Make the key and certificate that Terraform's connection to the provider is encrypted with.

    The provider could make them at each start, but Terraform starts it two to five times a command.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=CERTIFICATE_DAYS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ) + certificate.public_bytes(serialization.Encoding.PEM)
    with os.fdopen(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb") as file:
        file.write(pem)
