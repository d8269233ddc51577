"""What a client, a kubelet, ECR or EventBridge says when a pull fails, read into a `Failure`.

The texts are those of public reports and of the ECR user guide, page error-pullthroughcache; the
names of exceptions and failure codes are those of ECR's own service model.
"""

import json
import re
from dataclasses import replace
from enum import StrEnum

from generator.frozen_data import frozen
from generator.model.errors import ToolError

MAXIMUM = 1_000_000
"""How many characters of text are read; `kubectl describe` of a pod has some ten thousand."""


class Symptom(StrEnum):
    """What was said to have gone wrong."""

    ACCESS_DENIED = "access-denied"
    SECRET_MISSING = "secret-missing"  # noqa: S105 - a symptom's name
    SECRET_UNREADABLE = "secret-unreadable"  # noqa: S105 - a symptom's name
    SECRET_ENCRYPTED = "secret-encrypted"  # noqa: S105 - a symptom's name
    UPSTREAM_UNSUPPORTED = "upstream-unsupported"
    UPSTREAM_LOGIN = "upstream-login"
    UPSTREAM_LIMIT = "upstream-limit"
    UPSTREAM_FAILED = "upstream-failed"
    CREDENTIAL_REMOVED = "credential-removed"
    RULE_MISSING = "rule-missing"
    KEY_FAILED = "key-failed"
    IMAGE_ARCHIVED = "image-archived"
    TAG_IMMUTABLE = "tag-immutable"
    REGION_DISABLED = "region-disabled"
    LAMBDA_SOURCE = "lambda-source"
    NOT_LOGGED_IN = "not-logged-in"
    NETWORK = "network"
    IMAGE_MISSING = "image-missing"
    REPOSITORY_MISSING = "repository-missing"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not-found"


@frozen
class PulledImage:
    """The image that was pulled; what the text does not say is `None`.

    `host` is the registry's host as it was written, `account_id` and `region` what an ECR host says.
    """

    host: str | None = None
    account_id: str | None = None
    region: str | None = None
    repository: str | None = None
    tag: str | None = None
    digest: str | None = None

    @property
    def name(self) -> str:
        """The image as far as the text tells it, the way a client writes it."""
        path = "/".join(part for part in (self.host, self.repository) if part)
        tag = f":{self.tag}" if self.tag else ""
        return f"{path}{tag}{f'@{self.digest}' if self.digest else ''}"


@frozen
class Denial:
    """What an AccessDenied text says: who, which action, on what, and the policy that decided."""

    principal: str
    action: str
    resource: str | None
    layer: str | None
    is_explicit: bool


@frozen
class Failure:
    """A failed pull as a text tells it; `symptom` is `None` for a text that is not known.

    `said` is the piece of the text by which it was recognised, `host` the host that a network error
    names, `reason` the words of an event.
    """

    image: PulledImage
    symptom: Symptom | None
    said: str = ""
    denial: Denial | None = None
    host: str | None = None
    reason: str = ""
    is_event: bool = False
    succeeded: bool = False


_ECR_HOST = (
    r"(?P<account>\d{12})\.dkr[.-]ecr(?:-fips)?\.(?P<region>[a-z]{2,4}(?:-[a-z]+)+-\d+)"
    r"\.(?:amazonaws\.com(?:\.cn)?|amazonaws\.eu|on\.aws|on\.amazonwebservices\.com\.cn|on\.amazonwebservices\.eu)"
)
_PATH = r"[a-z0-9]+(?:[._/-]+[a-z0-9]+)*"
_TAG = r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}"
_DIGEST = r"sha256:[0-9a-f]{64}"
_OF_ECR = re.compile(
    rf"(?P<host>{_ECR_HOST})/(?:v2/(?P<asked>{_PATH})/(?:manifests|blobs|tags)/"
    rf"(?:(?P<asked_digest>{_DIGEST})|(?P<asked_tag>{_TAG}))?"
    rf"|(?P<path>{_PATH})(?::(?P<tag>{_TAG}))?(?:@(?P<digest>{_DIGEST}))?)"
)
_REPOSITORY = re.compile(
    rf"repository with name '(?P<path>{_PATH})'(?:[^']{{0,80}}registry with id '(?P<account>\d{{12}})')?"
)
_REPOSITORY_ARN = re.compile(
    rf"arn:aws[a-z-]*:ecr:(?P<region>[a-z0-9-]+):(?P<account>\d{{12}}):repository/(?P<path>{_PATH})"
)
_OTHER_IMAGE = re.compile(
    rf'image "(?P<quoted>[^"\s]{{1,512}})"|https?://(?P<host>[a-z0-9.-]+)/v2/(?P<path>{_PATH})/manifests/'
)
_DENIED = re.compile(
    r"(?:User: )?(?P<principal>arn:aws[^\s]{0,512}|(?<![a-z-])[a-z-]{1,64}\.amazonaws\.com) is not authorized to perform: "
    r"(?P<action>[a-z0-9-]+:[A-Za-z]+)(?: on resource: (?P<resource>[^\s]{1,512}))?"
    r"(?: because (?P<why>[^\n]{0,200}))?"
)
_LAYER = re.compile(r"(?:in an?|no) (?P<layer>[a-z -]+? polic(?:y|ies)|permissions boundary)")

_TEXTS: tuple[tuple[str, Symptom], ...] = (
    (r"PullThroughCacheRuleNotFoundException", Symptom.RULE_MISSING),
    (r"SecretNotFoundException", Symptom.SECRET_MISSING),
    (r"UnableToDecryptSecretValueException", Symptom.SECRET_ENCRYPTED),
    (r"UnableToAccessSecretException", Symptom.SECRET_UNREADABLE),
    (r"UnsupportedUpstreamRegistryException", Symptom.UPSTREAM_UNSUPPORTED),
    (r"set either credential arn or role arn", Symptom.CREDENTIAL_REMOVED),
    (
        r"authentication to the upstream registry failed|UpstreamAccessDenied",
        Symptom.UPSTREAM_LOGIN,
    ),
    (r"UpstreamTooManyRequests|toomanyrequests|429 Too Many Requests", Symptom.UPSTREAM_LIMIT),
    (
        (
            r"UnableToGetUpstreamImageException|UnableToGetUpstreamLayerException"
            r"|UnableToListUpstreamImageReferrersException|UpstreamUnavailable"
        ),
        Symptom.UPSTREAM_FAILED,
    ),
    (r"KmsError|KmsException", Symptom.KEY_FAILED),
    (
        r"ImageInaccessible|ImageArchivedException|LayerInaccessibleException",
        Symptom.IMAGE_ARCHIVED,
    ),
    (
        r"ImageTagAlreadyExistsException|tag is immutable|tag .{0,140} immutable",
        Symptom.TAG_IMMUTABLE,
    ),
    (r"UnrecognizedClientException|InvalidClientTokenId", Symptom.REGION_DISABLED),
    (
        r"Provide a valid source image|Lambda does not have permission to access the ECR image",
        Symptom.LAMBDA_SOURCE,
    ),
    (
        (
            r"no basic auth credentials|failed to fetch anonymous token|401 Unauthorized"
            r"|authorization token has expired|authentication required|Not Authorized"
        ),
        Symptom.NOT_LOGGED_IN,
    ),
    (
        (
            r"i/o timeout|no such host|connection refused|connection timed out|TLS handshake timeout"
            r"|context deadline exceeded|Client\.Timeout|network is unreachable"
        ),
        Symptom.NETWORK,
    ),
    (r"manifest unknown|Requested image not found|ImageNotFound", Symptom.IMAGE_MISSING),
    (
        r"name unknown|repository with name '[^']{1,256}' does not exist|RepositoryNotFoundException",
        Symptom.REPOSITORY_MISSING,
    ),
    (r"403 Forbidden|unexpected status.{0,80}403", Symptom.FORBIDDEN),
    (r": not found|not found: manifest|code = NotFound", Symptom.NOT_FOUND),
)
_SYMPTOMS = tuple((re.compile(text, re.IGNORECASE), symptom) for text, symptom in _TEXTS)

_NETWORK_HOST = re.compile(
    r"(?:https?://|lookup |dial tcp (?:lookup )?)(?P<host>[a-z0-9-]+(?:\.[a-z0-9-]+)+)"
)
_EVENT = "ECR Pull Through Cache Action"


def read_failure(text: str) -> Failure:
    """Read an error line, the output of `kubectl describe`, or an EventBridge event as JSON.

    Raises `ToolError` for an empty text, and for one of more than a million characters.
    """
    if not text.strip():
        raise ToolError(
            "there is no text to explain",
            "Give the error line as it was printed, or `-` and the text on standard input.",
        )
    if len(text) > MAXIMUM:
        raise ToolError(
            "the text is too long",
            f"It has {len(text)} characters; {MAXIMUM} are read. Give the lines about one image.",
        )
    event = _event(text)
    if event is not None:
        return event
    image, denial = _image(text), _denial(text)
    if denial is not None:
        return Failure(
            image=image, symptom=Symptom.ACCESS_DENIED, said=denial.action, denial=denial
        )
    for pattern, symptom in _SYMPTOMS:
        if found := pattern.search(text):
            host = _network_host(text) if symptom is Symptom.NETWORK else None
            return Failure(image=image, symptom=symptom, said=found.group().strip(": "), host=host)
    return Failure(image=image, symptom=None)


def _event(text: str) -> Failure | None:
    """An event of EventBridge (ECR user guide, page ecr-eventbridge); `None` for any other text."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict) or document.get("detail-type") != _EVENT:
        return None
    detail = document.get("detail")
    words = detail if isinstance(detail, dict) else {}

    def word(key: str) -> str:
        value = words.get(key)
        return value if isinstance(value, str) else ""

    def top(key: str) -> str | None:
        value = document.get(key)
        return value if isinstance(value, str) else None

    image = PulledImage(
        account_id=top("account"),
        region=top("region"),
        repository=word("repository-name") or None,
        tag=word("image-tag") or None,
        digest=word("image-digest") or None,
    )
    code, reason = word("failure-code"), word("failure-reason")
    if word("sync-status").upper() == "SUCCESS":
        return Failure(image=image, symptom=None, is_event=True, succeeded=True)
    inner = next(
        (symptom for pattern, symptom in _SYMPTOMS if pattern.search(f"{code}\n{reason}")), None
    )
    denial = _denial(reason)
    return Failure(
        image=image,
        symptom=Symptom.ACCESS_DENIED if denial is not None else inner,
        said=code,
        denial=denial,
        reason=reason,
        is_event=True,
    )


def _image(text: str) -> PulledImage:
    """The first image of an ECR registry that the text names, with what it says elsewhere of it."""
    best = PulledImage()
    for named in _OF_ECR.finditer(text):
        image = PulledImage(
            host=named["host"],
            account_id=named["account"],
            region=named["region"],
            repository=named["asked"] or named["path"],
            tag=named["asked_tag"] or named["tag"],
            digest=named["asked_digest"] or named["digest"],
        )
        if best.repository is None:
            best = image
        elif best.repository == image.repository and best.host == image.host:
            best = replace(best, tag=best.tag or image.tag, digest=best.digest or image.digest)
    if best.repository is not None:
        return best
    for pattern in (_REPOSITORY_ARN, _REPOSITORY):
        if found := pattern.search(text):
            words = found.groupdict()
            return PulledImage(
                account_id=words["account"], region=words.get("region"), repository=words["path"]
            )
    if found := _OTHER_IMAGE.search(text):
        if found["host"]:
            return PulledImage(host=found["host"], repository=found["path"])
        first, slash, rest = found["quoted"].partition("/")
        has_host = bool(slash) and ("." in first or ":" in first)
        path, _, tag = (rest if has_host else found["quoted"]).partition(":")
        return PulledImage(
            host=first if has_host else "docker.io", repository=path, tag=tag or None
        )
    return best


def _denial(text: str) -> Denial | None:
    found = _DENIED.search(text)
    if found is None:
        return None
    why = found["why"] or ""
    layer = _LAYER.search(why)
    return Denial(
        principal=found["principal"],
        action=found["action"],
        resource=found["resource"],
        layer=None if layer is None else layer["layer"].strip(),
        is_explicit="explicit deny" in why,
    )


def _network_host(text: str) -> str | None:
    """The last host that a network error names: redirects lead from the registry to its storage."""
    hosts = [found["host"] for found in _NETWORK_HOST.finditer(text)]
    named = [host for host in hosts if not re.fullmatch(r"[\d.]+", host)]
    return named[-1] if named else None
