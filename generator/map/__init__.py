"""Pictures of a topology: upstreams, registries and consumers, with what leads from one to the next."""
