"""What results about generated code follow from: files that are older, edited or gone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from generator.intent.records import intended_beside
from generator.model.estate import Unknown
from generator.model.finding import Finding, FindingKind, Severity
from generator.model.generated_code import FileState, GeneratedCode, GeneratedRoot
from generator.model.quotes import listed
from generator.model.reading import Reading
from generator.model.span import Span
from generator.model.topology import Topology

_LACKING = frozenset({"attachment-not-seen", "grant-missing", "missing", "unread-module"})
_OWNERSHIP = frozenset({"two-owners", "two-registry-policies", "unexpected"})
_OF_A_PLACE = (
    _LACKING
    | _OWNERSHIP
    | {
        "outside-topology",
        "registry-resource-elsewhere",
        "secret-elsewhere",
        "template-key-refused",
    }
)
"""What follows from a root or a call that acts somewhere else; too much access never does."""


@dataclass(frozen=True, kw_only=True)
class GeneratedCauses:
    """What became of the files that `generate` wrote, as results about a reading of them."""

    topology: Topology
    reading: Reading
    findings: Sequence[Finding]

    @cached_property
    def _generated(self) -> GeneratedCode | None:
        return None if self.reading.generated is None else self.reading.generated()

    @cached_property
    def _accounts(self) -> Mapping[str, str]:
        """The account in which each root that was read acts, where that is known."""
        return {
            root.name: root.account
            for root in self.reading.estate.roots
            if not isinstance(root.account, Unknown)
        }

    def cause_of(self, finding: Finding) -> Finding | None:
        """The cause among generated files that a result follows from, `None` for no such cause."""
        generated = self._generated
        if generated is None:
            return None
        for name in finding.roots:
            root = generated.roots.get(name)
            if root is not None and (cause := self._of_root(finding, root, generated)):
                return cause
        return None

    def _of_root(
        self, finding: Finding, root: GeneratedRoot, generated: GeneratedCode
    ) -> Finding | None:
        if root.state is FileState.GONE:
            return self._root_not_written(root, generated)
        if finding.rule == "unread-module" and (cause := self._modules_not_written(finding)):
            return cause
        acts_in = self._accounts.get(root.folder)
        if acts_in not in {None, root.account_id} and root.state is FileState.EDITED:
            if finding.rule in _OF_A_PLACE:
                return self._wrong_account(root, str(acts_in), generated)
        elif root.state is FileState.EDITED and finding.rule in _OF_A_PLACE:
            return self._wrong_region(finding, root, generated)
        if root.state is FileState.OLDER and self._is_of(finding, root):
            return self._out_of_date(generated)
        if root.state is FileState.CURRENT:
            return self._of_module(finding, root, generated)
        return None

    def _is_of(self, finding: Finding, root: GeneratedRoot) -> bool:
        """Whether a result is about what `generate` wrote, not about code beside it."""
        call = call_of(finding.address)
        return call in root.calls or (
            finding.location is not None and finding.location.file.name in root.changed
        )

    def _root_not_written(self, root: GeneratedRoot, generated: GeneratedCode) -> Finding:
        folder = self._folder(root)
        was = root.folder in generated.ever_written
        told = "is gone" if was else "was never written"
        return self._cause(
            "root-not-written",
            title=f"The code of account {root.account} {told}",
            message=(
                f"`{folder}` is the root module of account {root.account} ({root.account_id}), and "
                f"none of its files is there. Write it:\n"
                f"  {generated.command} --account {root.account}"
            ),
            subject=root.folder,
            topology=self.topology.accounts[root.account].span,
            roots=(root.folder,),
            # Nothing of it is there to point at: what asks for it is.
            location=self.topology.accounts[root.account].span,
        )

    @cached_property
    def _modules_gone(self) -> tuple[str, ...]:
        generated = self._generated
        if generated is None:
            return ()
        return tuple(
            sorted(name for name, state in generated.modules.items() if state is FileState.GONE)
        )

    def _modules_not_written(self, finding: Finding) -> Finding | None:
        ours = next((name for name in self._modules_gone if f"/{name}`" in finding.message), None)
        if ours is None or self._generated is None:
            return None
        gone = self._modules_gone
        callers = [
            root.folder
            for root in self._generated.roots.values()
            if root.state is not FileState.GONE and set(root.calls.values()) & set(gone)
        ]
        return self._cause(
            "modules-not-written",
            title="The modules that the generated code calls are not there",
            message=(
                f"The roots {listed(callers)} call {listed(gone)}, which `forebay generate` writes "
                "beside them, and none of their files is there. Write them:\n"
                f"  {self._generated.command}"
            ),
            subject=" ".join(gone),
            kind=FindingKind.UNDECIDED,
            severity=Severity.MEDIUM,
            location=finding.location,
            roots=tuple(callers),
        )

    def _wrong_account(
        self, root: GeneratedRoot, acts_in: str, generated: GeneratedCode
    ) -> Finding:
        names = {str(account.id): account for account in self.topology.accounts.values()}
        other = names.get(acts_in)
        who = f"account {acts_in}" if other is None else f"account {other.name} ({acts_in})"
        also = [
            name
            for name, account in self._accounts.items()
            if account == acts_in and name != root.folder
        ]
        claim = (
            f" Two roots now claim account {acts_in}: `{root.folder}` and {listed(also[:1])}."
            if also
            else ""
        )
        place = root.changed.get("providers.tf")
        file = "its provider block" if place is None else f"`{place.file.as_posix()}`"
        return self._cause(
            "wrong-account",
            title=f"The root of account {root.account} acts in another account",
            message=(
                f"`{self._folder(root)}` is the root module of account {root.account} "
                f"({root.account_id}), and {file} lets it act in {who}.{claim} Write "
                f"{root.account_id} there, or let `{generated.command} --force` write the file anew."
            ),
            subject=f"{root.folder} {acts_in}",
            location=place or self._first_file(root),
            topology=self.topology.accounts[root.account].span,
            roots=(root.folder,),
        )

    @cached_property
    def _regions_of_calls(self) -> Mapping[tuple[str, str], Span]:
        """Where each module call says its region, by root and address."""
        return {
            (block.root, block.address): block.names["region"]
            for block in self.reading.named_blocks
            if not block.type and "region" in block.names
        }

    @cached_property
    def _moved_calls(self) -> Mapping[tuple[str, str], tuple[str, str]]:
        """The calls that make what is asked for in another region: which one, and which is asked for."""
        found: dict[tuple[str, str], tuple[str, str]] = {}
        intended = intended_beside(self.topology, self.reading)
        for (root, address), record in intended.by_address.items():
            other = self.reading.estate.by_address.get((root, address))
            call = call_of(address)
            if (
                call is not None
                and other is not None
                and isinstance(other.region, str)
                and isinstance(record.region, str)
                and other.region != record.region
            ):
                found.setdefault((root, call), (str(other.region), str(record.region)))
        return found

    def _wrong_region(
        self, finding: Finding, root: GeneratedRoot, generated: GeneratedCode
    ) -> Finding | None:
        call = call_of(finding.address)
        regions = self._moved_calls.get((root.folder, call or ""))
        if call is None or regions is None:
            return None
        there, asked = regions
        place = self._regions_of_calls.get((root.folder, f"module.{call}"))
        return self._cause(
            "wrong-region",
            title=f"module.{call} acts in another region",
            message=(
                f"`module.{call}` in `{self._folder(root)}` acts in {there}, and the topology asks for "
                f'all that it makes in {asked}. Write `region = "{asked}"` there, or let '
                f"`{generated.command} --force` write the file anew."
            ),
            subject=f"{root.folder} {call}",
            address=f"module.{call}",
            location=place or finding.location,
            topology=self.topology.accounts[root.account].span,
            roots=(root.folder,),
        )

    def _out_of_date(self, generated: GeneratedCode) -> Finding:
        older = [root for root in generated.roots.values() if root.state is FileState.OLDER]
        modules = [name for name, state in generated.modules.items() if state is FileState.OLDER]
        callers = [
            root
            for root in generated.roots.values()
            if not set(modules).isdisjoint(root.calls.values())
        ]
        if older:
            # The modules that they call are written with them.
            what = f"the code of {listed(root.account for root in older)}"
            place = next(iter(older[0].changed.values()), None) or self._first_file(older[0])
        else:
            what = listed(modules)
            changed = (place for name in modules for place in generated.changed_modules[name])
            place = next(changed, None) or self._first_file(callers[0])
        return self._cause(
            "code-out-of-date",
            title="The generated code is older than the topology",
            message=(
                f"The topology, or forebay, has changed since `forebay generate` wrote {what}; nobody "
                f"has edited it. Write it anew:\n  {generated.command}"
            ),
            subject="generated code",
            location=place,
            roots=tuple(dict.fromkeys(root.folder for root in (*older, *callers))),
        )

    def _of_module(
        self, finding: Finding, root: GeneratedRoot, generated: GeneratedCode
    ) -> Finding | None:
        """An older or edited module, for a root whose own files are just as they would be written."""
        folder = root.calls.get(call_of(finding.address) or "", "")
        if generated.modules.get(folder) is FileState.OLDER:
            return self._out_of_date(generated)
        places = generated.changed_modules.get(folder, ())
        if not places:
            return None
        return self._cause(
            "module-edited",
            title="A module that forebay writes was edited",
            message=(
                f"`{places[0].file.as_posix()}` is not what `forebay generate` writes, from line "
                f"{places[0].line} on. All calls of the module give this. Put the edit somewhere else, "
                "and let forebay write the module anew:\n"
                f"  {generated.command} --diff\n"
                f"  {generated.command} --force"
            ),
            subject=folder,
            location=places[0],
            roots=tuple(
                each.folder for each in generated.roots.values() if folder in each.calls.values()
            ),
        )

    def _folder(self, root: GeneratedRoot) -> str:
        """The folder of a root, as places of results name it."""
        known = next(
            (
                each.first_file.file.parent
                for each in self.reading.estate.roots
                if each.name == root.folder
            ),
            None,
        )
        if known is None and (other := next(iter(self.reading.estate.roots), None)) is not None:
            depth = len(Path(other.name).parts)
            known = other.first_file.file.parents[depth] / root.folder
        return (known or Path(root.folder)).as_posix()

    def _first_file(self, root: GeneratedRoot) -> Span | None:
        return next(
            (each.first_file for each in self.reading.estate.roots if each.name == root.folder),
            None,
        )

    def _cause(
        self,
        rule: str,
        *,
        title: str,
        message: str,
        subject: str,
        location: Span | None,
        roots: tuple[str, ...],
        topology: Span | None = None,
        address: str | None = None,
        kind: FindingKind | None = None,
        severity: Severity = Severity.HIGH,
    ) -> Finding:
        is_drift = any(finding.kind is FindingKind.DRIFT for finding in self.findings)
        return Finding(
            kind=kind or (FindingKind.DRIFT if is_drift else FindingKind.FINDING),
            rule=rule,
            severity=severity,
            title=title,
            message=message,
            subject=subject,
            address=address,
            location=location,
            topology=topology,
            roots=roots,
        )


def call_of(address: str | None) -> str | None:
    """The module call of a root in which a resource is made, `None` for one of the root's own."""
    words = (address or "").split(".", 2)
    return words[1].partition("[")[0] if len(words) == 3 and words[0] == "module" else None
