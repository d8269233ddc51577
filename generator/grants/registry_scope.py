"""Whether a registry's policy counts for pulls: what its account says of REGISTRY_POLICY_SCOPE."""

from generator.model.estate import Estate, Kind, Known, Unknown
from generator.model.topology import Topology
from generator.model.values import Region


def registry_scope(
    topology: Topology, estate: Estate, name: str, region: Region
) -> tuple[bool | None, str] | None:
    """`False` for a V1 that refuses every pull, `True` for what leaves it open, `None` for nothing read.

    Each with the words for it; nothing at all where it is certainly V2.
    """
    found = [
        record
        for record in estate.of_account(topology.account_id(name))
        if record.kind is Kind.ACCOUNT_SETTING
        and (record.key == "REGISTRY_POLICY_SCOPE" or isinstance(record.key, Unknown))
        and (record.region == region or isinstance(record.region, Unknown))
    ]
    # A registry has one: what may be of another one is in question where none is known to be its own.
    own = [record for record in found if record.identity is not None]
    settings = own or found
    where = f"REGISTRY_POLICY_SCOPE of account {name} in {region}"
    values = [
        value.value if isinstance(value := record.get("value"), Known) else None
        for record in settings
    ]
    if not values:
        return None, f"{where} is V2"
    if "V1" in values and own:
        return False, f"{where} is V1, under which the registry policy lets nobody pull"
    if "V1" in values:
        address = settings[values.index("V1")].address
        return True, f"`{address}` sets V1 and may be the {where}"
    return None if set(values) == {"V2"} else (True, f"{where} is not known")
