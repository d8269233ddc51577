region     = "eu-west-1"
account_id = "111122223333"
caches = {
  quay = {
    host = "quay.io"
  }
  hub = {
    host   = "registry-1.docker.io"
    prefix = "docker-hub"
    secret = "hub"
    keep   = 10
  }
  k8s = { host = "registry.k8s.io", keep = 0 }
}
