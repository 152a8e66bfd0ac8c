import { cgroupFolder, held } from "../../bench/support/cgroup";

test("a process's memory cgroup is found in the trees of both versions", () => {
  const v1 = "12:pids:/docker/abc\n4:memory:/docker/abc\n0::/system.slice/docker.service\n";
  expect(cgroupFolder(v1)).toBe("/sys/fs/cgroup/memory/docker/abc");
  expect(cgroupFolder("7:cpu,memory:/a:b\n")).toBe("/sys/fs/cgroup/memory/a:b");
  expect(cgroupFolder("0::/system.slice/docker-abc.scope\n")).toBe("/sys/fs/cgroup/system.slice/docker-abc.scope");
});

test("what is held is what the kernel can't take back", () => {
  expect(held({ anon: 100, shmem: 10, kernel: 7, slab_reclaimable: 2, file: 5000 })).toBe(115);
  // Before Linux 5.18 there is no sum of the kernel's part.
  expect(held({ anon: 100, shmem: 10, slab: 7, slab_reclaimable: 2 })).toBe(115);
  expect(held({ total_rss: 100, total_shmem: 10, total_cache: 5000 }, 7)).toBe(117);
});
