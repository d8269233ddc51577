"""The manuals of what drift and the readers report, which no rule has in a module of its own."""

from generator.model.finding import Severity

OTHER_MANUALS: tuple[tuple[str, Severity, tuple[str, ...], str], ...] = (
    (
        "different",
        Severity.HIGH,
        ("drift",),
        """Something is in the code with another value than the topology asks for.

        Policies are compared by what they mean. Where the code's value is not known before apply, the
        result is an open question.

        To fix it, run `forebay generate`, change the line by hand, or change the topology.
        """,
    ),
    (
        "missing",
        Severity.HIGH,
        ("drift",),
        """Something that the topology asks for is not in the code.

        It points at the block that should hold it. While a module was not read, or something of its
        kind has an unknown name, it is an open question.

        To fix it, run `forebay generate`, or write the resource by hand.
        """,
    ),
    (
        "unexpected",
        Severity.HIGH,
        ("drift",),
        """Something is in the code that the topology does not ask for.

        Only what a topology is about counts: cache rules, creation templates, registry policies and
        their statements, the scope of registry policies, secrets named `ecr-pullthroughcache/*`, roles
        that `pullthroughcache.ecr.amazonaws.com` may assume. Whatever else is in the code is never
        unexpected.

        To fix it, remove it, or declare it in the topology.
        """,
    ),
    (
        "two-owners",
        Severity.HIGH,
        ("drift",),
        """Two resources are the same thing in AWS.

        Each apply of the one changes what the other wants, or fails because it is there already.

        To fix it, keep one of the two.
        """,
    ),
    (
        "changes-ignored",
        Severity.INFO,
        ("drift", "check"),
        """Terraform leaves a cache, a template or a policy as it is in AWS.

        With `lifecycle { ignore_changes = … }`, AWS may hold something else than the code, and no apply
        mends it. `drift` and `check` judge the code; with `--live` they judge AWS.

        To fix it, remove the line, or look at AWS from time to time.
        """,
    ),
    (
        "expectation-failed",
        Severity.HIGH,
        ("check",),
        """Something that the topology expects of pulls is not so.

        `expectations` in the topology say who must be able to pull what, and who must never be able to.
        Each is proved for all who are meant and all images of a pattern. Where it fails, one request shows
        it: one that is refused although they may, or one that is allowed although they may not.

        To fix it, change the policies or the grants, or take the expectation out of the topology.
        """,
    ),
    (
        "baseline-outdated",
        Severity.INFO,
        ("drift", "check"),
        """Results that the baseline holds no longer occur (`--baseline`).

        While they are in it, they could come back unseen.

        To fix it, write the baseline anew with `--write-baseline`.
        """,
    ),
    (
        "code-out-of-date",
        Severity.HIGH,
        ("drift", "check"),
        """The generated code is as an earlier `forebay generate` wrote it, and the topology has changed.

        Nobody has edited it: the manifest beside it tells. What differs because of that follows from this
        result and is counted in it.

        To fix it, run `forebay generate`.
        """,
    ),
    (
        "root-not-written",
        Severity.HIGH,
        ("drift", "check"),
        """None of the files of an account's root module is there.

        The folder was deleted, or the account is new. What is missing because of that follows from this
        result and is counted in it.

        To fix it, run `forebay generate --account NAME`.
        """,
    ),
    (
        "modules-not-written",
        Severity.MEDIUM,
        ("drift", "check"),
        """The generated roots call modules that are not there, so nothing that they make was looked at.

        `forebay generate` writes them beside the roots; some people do not commit them.

        To fix it, run `forebay generate`.
        """,
    ),
    (
        "module-edited",
        Severity.HIGH,
        ("drift", "check"),
        """A module that forebay writes was edited, and its calls were not.

        It points at the first line that was changed. What differs because of that follows from this
        result and is counted in it; it is as bad as the worst of them.

        To fix it, see the edit with `forebay generate --diff`, and write the module anew with `--force`.
        """,
    ),
    (
        "wrong-account",
        Severity.HIGH,
        ("drift", "check"),
        """The provider block of a generated root lets it act in another account than the topology says.

        All that the account asks for is then missing, and made in the other one.

        To fix it, write the account's id into `allowed_account_ids`.
        """,
    ),
    (
        "wrong-region",
        Severity.HIGH,
        ("drift", "check"),
        """A module call of a generated root acts in another region than the topology says.

        All that it makes is then missing in the one region, and made in the other.

        To fix it, write the region into the call.
        """,
    ),
    (
        "code-refused",
        Severity.HIGH,
        ("drift", "check"),
        """Code that Terraform refuses: an element that is not there, or a name that nothing declares.

        No plan can be made of such a root. What can be read of it is judged, and nothing of it is called
        missing. Only the arguments that caches, policies, roles and secrets are made of are looked at.

        To fix it, correct the argument; `terraform validate` in the folder shows Terraform's own message.
        """,
    ),
    (
        "no-code",
        Severity.MEDIUM,
        ("drift", "check"),
        """The code folder holds no root module.

        There is no folder with Terraform files that no other folder calls, so nothing was looked at, and
        the result is open.

        To fix it, name the right folder with `--code`.
        """,
    ),
    (
        "not-compared",
        Severity.INFO,
        ("drift", "check"),
        """No plan or state of an account was given, so nothing is said about it.

        To fix it, give one for each root module, with `--plan` or `--state`.
        """,
    ),
    (
        "not-read",
        Severity.HIGH,
        ("drift", "check"),
        """A part of AWS was not read, so nothing is said about it.

        The message names the accounts and regions, the call, and why AWS did not answer it. Nothing is
        called missing or unexpected because of it.

        To fix it, do what the message says, take a snapshot again, and give both files with `--live`.
        """,
    ),
    (
        "old-reading",
        Severity.INFO,
        ("drift", "check"),
        """A snapshot of AWS is more than a day old, so what changed since is not seen.

        To fix it, take a new one; with `--max-age 24h` older parts are open questions.
        """,
    ),
    (
        "read-twice",
        Severity.INFO,
        ("drift", "check"),
        """Several snapshots tell about the same account and region, of which the last counts.

        To fix it, leave out the older file, unless the newer one is a second try of a part.
        """,
    ),
    (
        "policy-not-judged",
        Severity.INFO,
        ("check",),
        """A policy file that the topology says nothing about (`--policy`).

        Its role is no consumer, its repository is filled by no cache, or what is granted is granted to a
        whole account. Rules that need no topology have looked at it all the same.

        To fix it, correct what stands before the `=`, or leave the file out.
        """,
    ),
    (
        "nothing-compared",
        Severity.HIGH,
        ("drift", "check"),
        """A plan or state is about no account of the topology, or it cannot be told about which.

        To fix it, give the plan of a root module of the topology, and name the account in its provider
        block (`allowed_account_ids`).
        """,
    ),
    (
        "plan-replaces",
        Severity.WARNING,
        ("drift", "check"),
        """A plan destroys a cache rule or template and makes it anew.

        In between, pulls of new images fail.

        To fix it, apply it while nobody pulls, or keep the prefix and the upstream as they are.
        """,
    ),
    (
        "access-added",
        Severity.INFO,
        ("check",),
        """A change adds access that the topology declares (`--since`).

        It is no mistake; it is listed so that a reviewer sees it.
        """,
    ),
    (
        "access-removed",
        Severity.INFO,
        ("check",),
        """A change takes access away (`--since`).

        Where the topology declares the access, `grant-missing` says so too.
        """,
    ),
    (
        "out-of-time",
        Severity.HIGH,
        ("drift", "check"),
        """A run took longer than `--timeout` lets it, so nothing was decided.

        To fix it, allow more time, or read less at once.
        """,
    ),
    (
        "suppression-added",
        Severity.WARNING,
        ("check",),
        """A change accepts results, which may be its own (`--since`).

        A comment or an entry of `forebay-ignore.yaml` is there that the earlier revision does not have.
        Nothing can take this result out of a report, and it stands first. With `--strict` or
        `--fail-on warning` it fails the run.

        To fix it, let somebody review it who may decide that.
        """,
    ),
    (
        "topology-widened",
        Severity.WARNING,
        ("check",),
        """A change widens the topology by which it is judged (`--since`).

        A grant, kept statements, an account or policy that is left to others, or a policy for new
        repositories is in the topology now and was not at the earlier revision. With `--strict` or
        `--fail-on warning` it fails the run.

        To fix it, let somebody review it who may decide that.
        """,
    ),
    (
        "modules-changed",
        Severity.WARNING,
        ("check",),
        """A change takes forebay's modules from another source (`--since`).

        Calls of that source are read as if forebay's own modules were there. With `--strict` or
        `--fail-on warning` it fails the run.

        To fix it, see what that source holds at that revision.
        """,
    ),
    (
        "checkov",
        Severity.MEDIUM,
        ("check",),
        """A check of checkov fails, or checkov cannot read a file (`--checkov`).

        The title begins with the id of the check. One that fails where a finding of forebay says the
        same of the same block is not repeated.

        To fix it, see what checkov says of the check; a skip comment in the code counts.
        """,
    ),
    (
        "since",
        Severity.INFO,
        ("check",),
        """What `--since` leaves out, and what of the earlier code was not read.

        Results that the earlier revision has as well are counted, not shown.

        To see everything, run `forebay check` without `--since`.
        """,
    ),
    (
        "outside-topology",
        Severity.INFO,
        ("drift", "check"),
        """Code of an account or region that the topology does not name.

        It was not compared with the topology, since nothing is declared about it.

        To fix it, declare the account or region, or leave it.
        """,
    ),
    (
        "module-not-on-disk",
        Severity.INFO,
        ("drift", "check"),
        """A module was read without its own code.

        Its code is not on disk. It is one of forebay's own modules, in exactly the version that runs, or
        a public module whose inputs forebay knows; so what it makes was told from the packaged copy, or
        from the inputs.

        To let its own code be read, run `terraform init`, or vendor the module inside the project.
        """,
    ),
    (
        "suppression-expired",
        Severity.MEDIUM,
        ("drift", "check"),
        """A suppression was to last until a day that has passed.

        It no longer accepts anything, so what it accepted is shown again.

        To fix it, mend what it accepted, or set a later day in `until`.
        """,
    ),
    (
        "suppression-invalid",
        Severity.HIGH,
        ("drift", "check"),
        """A suppression cannot be used as it is written.

        It gives no reason, names a rule that there is not, or does not say which access it accepts.
        Until then it accepts nothing.

        To fix it, write `# forebay: ignore[RULE] until=YYYY-MM-DD reason="WHY"`; for access that is too
        wide, add `access="PRINCIPAL ACTIONS RESOURCES"`.
        """,
    ),
    (
        "suppression-unused",
        Severity.LOW,
        ("drift", "check"),
        """A suppression accepts nothing: no result is there for it.

        What it was for may be mended, or it is at another line, or it names other access.

        To fix it, remove or correct it.
        """,
    ),
    (
        "unread-code",
        Severity.MEDIUM,
        ("drift", "check"),
        """Code below the code folder that was not looked at.

        Terraform or OpenTofu can be run in any folder. A folder that modules call and never make, a link
        that leads out of the project, or files that only OpenTofu loads may hold caches, policies and
        roles that nobody has judged. So may what other programs make infrastructure from: Terraform Stacks,
        CDK for Terraform, Pulumi and CloudFormation. A folder of Terragrunt is read where its configuration
        can be evaluated and its code is on disk.

        To fix it, do what the message says: remove the code, have it called, name the program, or read a
        plan, a state or what runs in AWS.
        """,
    ),
    (
        "unread-module",
        Severity.MEDIUM,
        ("drift", "check"),
        """A module call whose code was not looked at.

        Its code is not inside the project, so it may hold caches, policies and roles.

        To fix it, run `terraform init` inside the project root, or vendor the module.
        """,
    ),
    (
        "unreadable-file",
        Severity.HIGH,
        ("drift", "check"),
        """A file that cannot be read or parsed.

        What stands in it was not looked at; the rest was.

        To fix it, correct what the message names.
        """,
    ),
)
"""What drift and the readers report without a rule of their own."""
