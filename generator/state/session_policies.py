"""Session policies in the provider configurations of a plan: they narrow what Terraform itself may do.

A state does not say how its providers sign in.
"""

from collections.abc import Iterator, Mapping

from generator.model.estate import Attribute, Kind, Record, Unknown
from generator.model.span import Span
from generator.model.values import AccountId
from generator.state.document import Document, elements, fields, word
from generator.state.providers import Provider, providers_of, unknown_account
from generator.state.values import Masked, document

_PROVIDERS = frozenset({"aws", "awscc"})


def session_policies(plan: Document, root: str, span: Span) -> Iterator[Record]:
    """A record for each `assume_role` of a plan's providers that brings a session policy."""
    configuration = fields(plan.content.get("configuration"))
    providers = providers_of(configuration)
    for key, entry in fields(configuration.get("provider_config")).items():
        if word(fields(entry).get("name")) not in _PROVIDERS:
            continue
        written = fields(entry).get("expressions")
        roles = fields(written).get("assume_role")
        for role in elements(roles) or (() if roles is None else (roles,)):
            policy = _policy(fields(role), span)
            if policy is None:
                continue
            yield Record(
                kind=Kind.SESSION_POLICY,
                account=_account(providers.get(key), key),
                region=None,
                key=key,
                attributes={"policy": policy},
                address=f"provider.{key}",
                span=span,
                root=root,
            )


def _policy(arguments: Mapping[str, object], span: Span) -> Attribute | None:
    expression = fields(arguments.get("policy"))
    if "constant_value" in expression:
        masked = Masked(
            value=expression["constant_value"], unknown=None, sensitive=None, reference="policy"
        )
        return document(masked, span)
    if expression:
        references = [word(each) for each in elements(expression.get("references"))]
        return Unknown(
            reason="a plan does not hold the values of provider blocks",
            reference=references[0] if references else "policy",
            span=span,
        )
    if "policy_arns" in arguments:
        return Unknown(reason="it is a list of policies", reference="policy_arns", span=span)
    return None


def _account(provider: Provider | None, key: str) -> AccountId | Unknown:
    account = None if provider is None else provider.account
    return unknown_account(f"provider.{key}") if account is None else account
