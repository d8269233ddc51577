region     = "us-east-1"
account_id = 111122223333
readers    = ["222233334444"]
caches = {
  quay = { upstream = "quay.io" }
  hub  = { upstream = "registry-1.docker.io", prefix = "library", token = { secret = "ecr-pullthroughcache/hub" } }
}
