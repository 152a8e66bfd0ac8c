import { stepOf } from "../../stacks/terraform-progress";

test.each([
  ["docker_image.lab_images_kafka_1F3A3606: Still creating... [1m10s elapsed]", "making image kafka (1m10s)"],
  ["docker_image.lab_images_kafka_1F3A3606: Still creating... [id=ab, 00m10s elapsed]", "making image kafka (00m10s)"],
  ["docker_container.lab_spark_container_89E4313D: Creating...", "making container spark"],
  ["docker_container.lab_spark_container_89E4313D: Destroying... [id=4f5]", "taking away container spark"],
  ["docker_image.lab_images_mids_407CA39A: Destroying... [id=sha256:x]", undefined],
  ["docker_volume.lab_kafka_data-volume_2654BA32: Creating...", "making volume kafka data"],
  ["docker_network.lab_network_E0A4D533: Creating...", "making network"],
  ["digitalocean_droplet.droplet: Still creating... [30s elapsed]", "making droplet (30s)"],
  ["terraform_data.lab_kafka_ready_step_9EA53FFA: Creating...", "making step kafka ready"],
  ["terraform_data.lab_canary_step_4F949B26 (local-exec): canary: green in 21.3 s", "canary: green in 21.3 s"],
  ['terraform_data.lab_canary_step_4F949B26 (local-exec): Executing: ["/bin/sh" "-c" "node"]', undefined],
  ["docker_image.lab_images_maven_E1BB9F6F: Refreshing state... [id=sha256:x]", "looking at what is there"],
  ["Initializing the backend...", "Terraform gets ready"],
  [
    "Apply complete! Resources: 31 added, 0 changed, 0 destroyed.",
    "Apply complete! Resources: 31 added, 0 changed, 0 destroyed.",
  ],
  ["docker_network.lab_network_E0A4D533: Creation complete after 2s [id=9]", undefined],
  ["", undefined],
])("%s", (line, step) => {
  expect(stepOf(line)).toBe(step);
});
