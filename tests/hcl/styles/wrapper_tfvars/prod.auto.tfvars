registry = {
  defaults = { mutability = "MUTABLE", keep = 30 }
  prefixes = {
    "team/quay" = { host = "quay.io" }
    kubernetes  = { host = "registry.k8s.io", mutability = "IMMUTABLE" }
  }
}
