"""Whether a pulled image has a cache at all: what comes before every other question."""

import shlex
from collections.abc import Iterator

from generator.doctor.cases import Case, Cause
from generator.doctor.messages import Symptom
from generator.model.quotes import did_you_mean


def place(case: Case) -> Iterator[Cause]:
    """The image has no cache that the topology knows."""
    image, topology = case.failure.image, case.topology
    if image.account_id is None:
        if image.host is not None and case.failure.symptom is not Symptom.ACCESS_DENIED:
            yield Cause(
                name="pull-past-the-cache",
                title="The pull did not go through a cache",
                message=f"The text names the registry `{image.host}`, not a private ECR registry, so ECR "
                "had no part in it.\nWrite the cached name into the manifest; this command prints it:\n"
                f"  forebay uri {shlex.quote(image.name)}",
                is_proved=True,
            )
        return
    if case.account is None:
        yield Cause(
            name="pull-other-account",
            title=f"The topology has no account {image.account_id}",
            message="The image lies in a registry that this topology does not describe. Check the "
            "account id in the image's name, or explain the text with the topology that has it.",
        )
        return
    if case.cache is not None or image.repository is None:
        return
    own = [cache for cache in topology.caches if cache.account == case.account]
    elsewhere = sorted(
        {
            str(cache.region)
            for cache in own
            if cache.prefix.is_root or image.repository.startswith(f"{cache.prefix}/")
        }
    )
    if elsewhere and image.region is not None:
        regions = ", ".join(f"`{region}`" for region in elsewhere)
        yield Cause(
            name="pull-other-region",
            title=f"Account {case.account} has no such cache in {image.region}",
            message=f"A cache rule belongs to one region. `{image.repository}` is cached in {regions} "
            "only. Pull from there, or add the region to the set of registries.",
            is_proved=True,
        )
        return
    prefixes = sorted({str(cache.prefix) for cache in own if image.region in {None, cache.region}})
    first = image.repository.split("/")[0]
    held = ", ".join(f"`{prefix}`" for prefix in prefixes) or "none"
    yield Cause(
        name="pull-no-cache",
        title=f"No cache of account {case.account} has the prefix of `{image.repository}`",
        message=f"ECR looks for a cache rule whose prefix the repository begins with.{did_you_mean(first, prefixes)}\n"
        f"The prefixes of this registry are: {held}. If the repository is one of your own, the cache "
        "has no part in it: then it does not exist, or the puller may not read it.",
        is_proved=True,
    )
