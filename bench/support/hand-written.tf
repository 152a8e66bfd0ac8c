# A lab's containers as somebody would write them by hand: what `npm run bench -- synth` plans.
terraform {
  required_providers {
    docker = {
      source = "kreuzwerker/docker"
    }
  }
}

provider "docker" {}

locals {
  name = "lab-hand-written"
  services = {
    zookeeper = { memory = 192, data = ["/data/zookeeper"], port = null }
    kafka     = { memory = 512, data = ["/data/kafka"], port = null }
    cloudera  = { memory = 1536, data = ["/data/hdfs", "/data/metastore"], port = null }
    spark     = { memory = 2048, data = [], port = 8888 }
    presto    = { memory = 1024, data = [], port = null }
    mids      = { memory = 512, data = [], port = 5000 }
  }
  volumes = merge([for name, service in local.services : { for path in service.data : "${name}${replace(path, "/", "-")}" => path }]...)
}

resource "docker_network" "lab" {
  name = local.name
}

resource "docker_volume" "data" {
  for_each = local.volumes
  name     = "${local.name}-${each.key}"
}

resource "docker_container" "service" {
  for_each = local.services
  name     = "${local.name}-${each.key}"
  image    = "fullstack-lab/${each.key}:latest"
  memory   = each.value.memory
  restart  = "unless-stopped"

  networks_advanced {
    name    = docker_network.lab.name
    aliases = [each.key]
  }

  dynamic "volumes" {
    for_each = each.value.data
    content {
      volume_name    = docker_volume.data["${each.key}${replace(volumes.value, "/", "-")}"].name
      container_path = volumes.value
    }
  }

  dynamic "ports" {
    for_each = each.value.port == null ? [] : [each.value.port]
    content {
      internal = ports.value
      external = ports.value
      ip       = "127.0.0.1"
    }
  }

  healthcheck {
    test     = ["CMD", "health"]
    interval = "15s"
  }
}
