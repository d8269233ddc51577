"""Why a pull through a cache fails: an error text or event, against what the topology says."""
