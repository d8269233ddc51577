"""The rewrites as JSON, for programs that have no format of their own here."""

import json
from collections.abc import Sequence

from generator.data.aws_data import repository_name_pattern
from generator.export.images import DOCKER_HUB_HOST, DOCKER_HUB_HOSTS, OFFICIAL
from generator.export.rewrites import RegistryRewrites

VERSION = 1
"""Raised when a key changes its meaning or goes; `docs/how-to/export.md` says what the keys mean."""


def rewrite_map(registries: Sequence[RegistryRewrites]) -> str:
    """The document, one registry after another."""
    document = {
        "version": VERSION,
        "names": {
            "default_host": DOCKER_HUB_HOST,
            "host_aliases": {
                host: DOCKER_HUB_HOST for host in DOCKER_HUB_HOSTS if host != DOCKER_HUB_HOST
            },
            "official_images": {"host": DOCKER_HUB_HOST, "path": OFFICIAL},
            "max_repository_length": repository_name_pattern().maximum,
        },
        "registries": [
            {
                "account": registry.name.account,
                "account_id": registry.account_id,
                "region": registry.name.region,
                "host": registry.host,
                "rewrites": [
                    {
                        "from": rewrite.source,
                        "to": rewrite.replacement,
                        "reason": rewrite.reason or None,
                    }
                    for rewrite in registry.rewrites
                ],
            }
            for registry in registries
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
