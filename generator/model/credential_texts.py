"""Texts that give themselves away as a password or key, whatever file or argument they stand in."""

import re
from collections.abc import Iterator

CREDENTIAL = re.compile(
    r"-----BEGIN[A-Z ]*PRIVATE KEY-----(?:[^-]*-----END[A-Z ]*PRIVATE KEY-----)?"
    # Tokens that carry their sort in front: of GitHub, GitLab, Docker Hub, npm, PyPI, Slack, Quay and AWS.
    r"|\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|gl(?:pat|dt|cbt|ptt|rt)-[\w-]{16,}"
    r"|dckr_(?:pat|oat)_[\w-]{16,}|npm_[A-Za-z0-9]{30,}|pypi-[\w-]{30,}|xox[abeprs]-[\w-]{10,}"
    r"|(?:AKIA|ASIA)[A-Z0-9]{16}\b|hvs\.[\w-]{20,}|sk_live_\w{16,})"
    # Header, claims and signature of a JSON web token.
    r"|\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*"
    r"|(?i:aws_secret_access_key|aws_session_token)\"?[ \t]*[=:][ \t]*\"?[A-Za-z0-9/+=]{16,}"
    # What programs keep in their own files: git and curl, npm, netrc, docker.
    r"|(?<=://)[^/\s:@\"'`$]+:[^/\s@\"'`${}]{4,}(?=@)"
    r"|:_(?:authToken|auth|password)[ \t]*=[ \t]*\S+"
    r"|\bmachine\s+\S+\s+login\s+\S+\s+password\s+\S+"
    r"|\"auth\"\s*:\s*\"[A-Za-z0-9+/=]{12,}\""
)
"""Each stretch of a text that is one."""


def holds_credential(text: str) -> bool:
    """Whether a password or key stands in a text, as far as it can be told from its form."""
    return CREDENTIAL.search(text) is not None


def credentials_in(text: str) -> Iterator[tuple[int, int]]:
    """Where they stand: begin and end of each."""
    return (match.span() for match in CREDENTIAL.finditer(text))
