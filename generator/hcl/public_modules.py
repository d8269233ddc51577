"""Modules whose code is not on disk, but whose meaning is known: our own, and a few public ones.

Our own are read from the packaged copy, when the call names exactly the version that runs. Public ones
are read from a stand-in of ours that makes the same records from the same inputs.
"""

import re
from pathlib import Path

from generator.data.other_modules import OTHER_CLOUDS, OTHER_MODULES
from generator.data.resources import module_folder, stand_in_folder
from generator.frozen_data import frozen
from generator.hcl.syntax import Block, Literal
from generator.model.version_constraint import can_meet, is_understood

_META_ARGUMENTS = frozenset({"source", "version", "count", "for_each", "providers", "depends_on"})
_REGISTRY = re.compile(
    r"(?:registry\.(?:terraform\.io|opentofu\.org)/)?"
    r"(?P<place>[\w-]+/[\w-]+/[\w-]+)(?://(?P<folder>[^?]*))?"
)
# The ways to write one repository whose host answers for who wrote in it.
_REPOSITORY = re.compile(
    r"(?:git::https://|git::ssh://git@|git@|)(?P<host>[\w.-]+)[/:](?P<path>[^?]*?)"
    r"(?://(?P<folder>[^?]*))?(?:\?ref=(?P<ref>[^&?#]*))?"
)
_RELEASE = re.compile(r"v?\d+\.\d+\.\d+")


@frozen
class RemoteSource:
    """Where a module call says its code is: a repository or registry entry, a folder, a version.

    In a registry, the version is a constraint, and every version was released.
    """

    place: str
    folder: str
    version: str
    is_registry: bool


@frozen
class _PublicModule:
    """A public module with a stand-in: its registry entry and a folder in it.

    `oldest` is the first version that the stand-in speaks for. `changes` are later ones that mean
    something else by the same inputs, as the stand-in tells by `local.since`. `makes_nothing` is set for
    one that only gives words to others.
    """

    entry: str
    stand_in: str
    oldest: str
    folder: str = ""
    changes: tuple[str, ...] = ()
    makes_nothing: bool = False

    @property
    def repository(self) -> str:
        """Where the registry takes it from."""
        owner, name, provider = self.entry.split("/")
        return f"github.com/{owner}/terraform-{provider}-{name}"


def _of_iam(name: str, oldest: str, *changes: str) -> _PublicModule:
    return _PublicModule(
        entry="terraform-aws-modules/iam/aws",
        folder=f"modules/{name}",
        stand_in=f"terraform-aws-modules-iam-{name.removeprefix('iam-')}",
        oldest=oldest,
        changes=changes,
    )


_PUBLIC = (
    _PublicModule(
        entry="terraform-aws-modules/ecr/aws",
        stand_in="terraform-aws-modules-ecr",
        oldest="1.0.0",
        changes=("2.1.1", "2.4.0", "3.0.0"),
    ),
    _PublicModule(
        entry="terraform-aws-modules/ecr/aws",
        folder="modules/repository-template",
        stand_in="terraform-aws-modules-ecr-template",
        oldest="2.2.0",
    ),
    _PublicModule(
        entry="terraform-aws-modules/secrets-manager/aws",
        stand_in="terraform-aws-modules-secrets-manager",
        oldest="1.1.0",
        changes=("2.0.0",),
    ),
    _of_iam("iam-policy", "5.0.0"),
    _of_iam("iam-role", "6.0.0"),
    _of_iam("iam-role-for-service-accounts", "6.0.0"),
    _of_iam("iam-role-for-service-accounts-eks", "5.0.0"),
    _of_iam("iam-assumable-role", "5.0.0", "5.30.0"),
    _of_iam("iam-assumable-role-with-oidc", "5.0.0"),
    _of_iam("iam-assumable-roles", "5.0.0"),
    _of_iam("iam-eks-role", "5.0.0"),
    _of_iam("iam-github-oidc-role", "5.0.0"),
    _of_iam("iam-group-with-policies", "5.0.0"),
    _PublicModule(
        entry="terraform-aws-modules/kms/aws",
        stand_in="terraform-aws-modules-kms",
        oldest="1.0.0",
    ),
    _PublicModule(
        entry="cloudposse/label/null",
        stand_in="cloudposse-label",
        oldest="0.24.0",
        makes_nothing=True,
    ),
    _PublicModule(entry="cloudposse/ecr/aws", stand_in="cloudposse-ecr", oldest="0.32.0"),
    _PublicModule(entry="cloudposse/iam-role/aws", stand_in="cloudposse-iam-role", oldest="0.16.0"),
    _PublicModule(
        entry="cloudposse/eks-iam-role/aws", stand_in="cloudposse-eks-iam-role", oldest="1.0.0"
    ),
    _PublicModule(entry="lgallard/ecr/aws", stand_in="lgallard-ecr", oldest="1.5.0"),
    _PublicModule(
        entry="lgallard/ecr/aws",
        folder="modules/pull-through-cache",
        stand_in="lgallard-ecr-pull-through-cache",
        oldest="1.5.0",
    ),
    _PublicModule(
        entry="schubergphilis/mcaf-ecr/aws", stand_in="schubergphilis-mcaf-ecr", oldest="1.2.1"
    ),
    _PublicModule(
        entry="schubergphilis/mcaf-ecr/aws",
        folder="modules/pull-through-cache",
        stand_in="schubergphilis-mcaf-ecr-pull-through-cache",
        oldest="1.4.0",
    ),
    _PublicModule(
        entry="tedilabs/container/aws",
        folder="modules/ecr-registry",
        stand_in="tedilabs-ecr-registry",
        oldest="0.30.0",
    ),
    _PublicModule(
        entry="zesty-co/kompass-compute/aws",
        folder="modules/ecr",
        stand_in="zesty-kompass-ecr",
        oldest="1.2.0",
    ),
)


@frozen
class Lent:
    """A folder of ours that is read in place of a module's own code, and what it is.

    `since` are versions of the module, each with whether the one that is taken is as new. What
    `makes_nothing` needs no word.
    """

    folder: Path
    what: str
    since: tuple[tuple[str, bool], ...] = ()
    makes_nothing: bool = False


def remote_source(source: str, version: str = "") -> RemoteSource | None:
    """The parts of a `source` that is no folder beside the call; `None` for an unusual one.

    `git::https://host/owner/name.git//folder?ref=v1` and `owner/name/provider//folder`, in their
    usual spellings. Anything more in the address may lead to other code.
    """
    if match := _REGISTRY.fullmatch(source):
        return RemoteSource(
            place=match["place"].lower(),
            folder=(match["folder"] or "").strip("/"),
            version=version,
            is_registry=True,
        )
    match = _REPOSITORY.fullmatch(source)
    if match is None or not (source.startswith("git") or match["host"] == "github.com"):
        return None
    path = match["path"].removesuffix(".git").strip("/")
    return RemoteSource(
        place=f"{match['host']}/{path}".lower(),
        folder=(match["folder"] or "").strip("/"),
        version=match["ref"] or "",
        is_registry=False,
    )


def lent_module(call: Block, source: str, *, own: RemoteSource | None, running: str) -> Lent | str:
    """What is read in place of a module that is not on disk, or why nothing is.

    `own` is where the topology says that our own modules are, `running` the version that runs.
    """
    written = call.body.attributes.get("version")
    constraint = written.expression if written is not None else None
    version = (
        constraint.value
        if isinstance(constraint, Literal) and isinstance(constraint.value, str)
        else ""
    )
    remote = remote_source(source, version)
    if remote is not None and own is not None and _is_of(remote, own):
        return _own(remote, own, running)
    for module in _PUBLIC:
        place = module.entry if remote is not None and remote.is_registry else module.repository
        if remote is not None and (remote.place, remote.folder) == (place, module.folder):
            return _public(source, remote, module)
    return f"its source `{source}` is not on disk"


def makes_only_roles(call: Block) -> bool:
    """Whether a call is one of a public module that makes no cache, template, registry policy or secret."""
    written = call.body.attributes.get("source")
    source = None if written is None else written.expression
    if not isinstance(source, Literal) or not isinstance(source.value, str):
        return False
    remote = remote_source(source.value)
    if remote is None:
        return False
    if remote.is_registry:
        return remote.place in OTHER_MODULES or remote.place.rpartition("/")[2] in OTHER_CLOUDS
    # `github.com/OWNER/terraform-PROVIDER-NAME` is what the registry lists, at its releases.
    found = re.fullmatch(r"github\.com/([\w-]+)/terraform-([a-z]+)-([\w-]+)", remote.place)
    entry = "" if found is None else f"{found[1]}/{found[3]}/{found[2]}"
    return entry in OTHER_MODULES and _RELEASE.fullmatch(remote.version) is not None


def _is_of(remote: RemoteSource, own: RemoteSource) -> bool:
    return (remote.place, remote.is_registry) == (own.place, own.is_registry)


def _own(remote: RemoteSource, own: RemoteSource, running: str) -> Lent | str:
    inside = not own.folder or remote.folder.startswith(f"{own.folder}/")
    name = remote.folder.removeprefix(own.folder).strip("/") if inside else remote.folder
    folder = module_folder(name)
    where = f"its code at `{remote.place}` is not on disk"
    if folder is None:
        return f"{where}, and forebay {running} has no module `{name}`"
    if remote.version.removeprefix("v") != running:
        named = f"`{remote.version}`" if remote.version else "no version"
        return f"{where}, and the call names {named}, of which forebay {running} has no copy"
    return Lent(folder=folder, what=f"the copy of it that forebay {running} has")


def _public(source: str, remote: RemoteSource, module: _PublicModule) -> Lent | str:
    where = f"its source `{source}` is not on disk"
    if not remote.is_registry and not _RELEASE.fullmatch(remote.version):
        # Whoever forks a repository can put a commit of theirs under its address.
        return f"{where}, and it names no release (`?ref=v1.2.3`), so its code may be anybody's"
    constraint = remote.version.removeprefix("v") if not remote.is_registry else remote.version
    if constraint and not (
        is_understood(constraint) and can_meet(constraint, f">= {module.oldest}")
    ):
        oldest = module.oldest.removesuffix(".0")
        return f"{where}, and its inputs are known from version {oldest} on only"
    # Terraform takes the newest version that a call allows, and locks no version of a module.
    since = tuple(
        (version, not constraint or can_meet(constraint, f">= {version}"))
        for version in module.changes
    )
    before = next((f" before {version}" for version, is_so in since if not is_so), "")
    return Lent(
        folder=stand_in_folder(module.stand_in),
        what=f"what the inputs of `{module.entry}` mean{before}",
        since=since,
        makes_nothing=module.makes_nothing,
    )


def unknown_inputs(call: Block, known: frozenset[str]) -> list[str]:
    """The inputs of a call that a stand-in does not know."""
    return sorted(call.body.attributes.keys() - known - _META_ARGUMENTS)
