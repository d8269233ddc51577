"""A Kyverno policy that gives Pods the cached names of their images.

It is a `MutatingPolicy` of `policies.kyverno.io/v1`, stable since Kyverno 1.17: the older
`ClusterPolicy` is deprecated since the same version and on its way out. Source: kyverno.io/docs,
pages policy-types/mutating-policy and guides/migration-to-cel.
"""

import json

from generator.data.aws_data import repository_name_pattern
from generator.export.images import DOCKER_HUB_HOST, DOCKER_HUB_HOSTS, OFFICIAL
from generator.export.rewrites import RegistryRewrites

_POLICY = """\
# Pods pull from the caches of {registry} instead of their upstreams.
# Written by `forebay export kyverno`: change the topology, not this file. Kyverno 1.17 or later.
apiVersion: policies.kyverno.io/v1
kind: MutatingPolicy
metadata:
  name: {name}
  annotations:
    policies.kyverno.io/title: Pull through the caches of {registry}
    policies.kyverno.io/subject: Pod
spec:
  # Pods start, too, while Kyverno does not answer: then their images come from the upstreams.
  failurePolicy: Ignore
  matchConstraints:
    resourceRules:
      # Not when a Pod is changed: another image would restart its containers.
      - apiGroups: [""]
        apiVersions: [v1]
        operations: [CREATE]
        resources: [pods]
      - apiGroups: [""]
        apiVersions: [v1]
        operations: [UPDATE]
        resources: [pods/ephemeralcontainers]
  # Deployments and their like keep the names that people wrote; their Pods are changed.
  autogen:
    podControllers:
      controllers: []
  variables:
    # What replaces the beginning of a name; the first that fits holds. Where the second is empty,
    # the image keeps its name.
    - name: rewrites
      expression: |-
        [
{rewrites}
        ]
    # The containers that are new: ephemeral ones that run already cannot be changed.
    - name: containers
      expression: |-
        (request.operation == "CREATE" ?
          object.spec.containers + (has(object.spec.initContainers) ? object.spec.initContainers : []) :
          (has(object.spec.ephemeralContainers) ? object.spec.ephemeralContainers : [])
            .filter(c, !(has(oldObject.spec.ephemeralContainers) &&
              oldObject.spec.ephemeralContainers.exists(o, o.name == c.name))))
          .filter(c, has(c.image))
    # The name of each container with the whole name of its image: `nginx` is
    # `{hub}/{official}nginx`.
    - name: images
      expression: |-
        variables.containers
          .map(c, [string(c.name), string(c.image)])
          .map(i, i[1].contains("/") && (i[1].split("/")[0].contains(".") ||
            i[1].split("/")[0].contains(":") || i[1].startsWith("localhost/")) ?
            [i[0], i[1].split("/")[0].lowerAscii(), i[1].substring(i[1].indexOf("/") + 1)] :
            [i[0], "{hub}", i[1]])
          .map(i, i[1] in {hub_hosts} ?
            [i[0], "{hub}/" + (i[2].contains("/") ? "" : "{official}") + i[2]] :
            [i[0], i[1] + "/" + i[2]])
    # Those that are cached, with their names in the cache, which takes {limit} characters.
    - name: cached
      expression: |-
        variables.images
          .map(i, [i[0]] + variables.rewrites.filter(r, i[1].startsWith(r[0]))
            .map(r, r[1] == "" ? "" : r[1] + i[1].substring(size(r[0]))))
          .filter(i, size(i) > 1 && i[1] != "" &&
            size(i[1].substring(i[1].indexOf("/") + 1).split("@")[0].split(":")[0]) <= {limit})
  mutations:
{mutations}
"""

_MUTATION = """\
    - patchType: ApplyConfiguration
      applyConfiguration:
        expression: |-
          has(object.spec.{kind}) &&
          object.spec.{kind}.exists(c, variables.cached.exists(i, i[0] == c.name)) ?
            Object{{spec: Object.spec{{
              {kind}: object.spec.{kind}
                .filter(c, variables.cached.exists(i, i[0] == c.name))
                .map(c, Object.spec.{kind}{{
                  name: c.name,
                  image: variables.cached.filter(i, i[0] == c.name)[0][1]
                }})
            }}}} : Object{{}}"""

_KINDS = ("containers", "initContainers", "ephemeralContainers")


def kyverno(registry: RegistryRewrites) -> str:
    """The policy for the Pods of a cluster that pulls from one registry."""
    rewrites = ",\n".join(
        f"          [{json.dumps(rewrite.source)}, {json.dumps(rewrite.replacement or '')}]"
        for rewrite in registry.rewrites
    )
    return _POLICY.format(
        registry=registry.name,
        name=f"forebay-{registry.name.account}-{registry.name.region}",
        rewrites=rewrites,
        hub=DOCKER_HUB_HOST,
        hub_hosts=json.dumps(list(DOCKER_HUB_HOSTS)),
        official=OFFICIAL,
        limit=repository_name_pattern().maximum,
        mutations="\n".join(_MUTATION.format(kind=kind) for kind in _KINDS),
    )
