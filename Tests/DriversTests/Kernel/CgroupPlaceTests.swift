import Testing

@testable import Drivers

struct CgroupPlaceTests {
    private static let id = "0123456789abcdef"
    private static let mounts1 = CgroupMounts(
        """
        25 23 0:22 / /sys/fs/cgroup ro,nosuid - tmpfs tmpfs ro,mode=755
        26 25 0:23 / /sys/fs/cgroup/unified rw,nosuid - cgroup2 cgroup2 rw
        28 25 0:25 / /sys/fs/cgroup/cpu,cpuacct rw,nosuid shared:9 - cgroup cgroup rw,cpu,cpuacct
        29 25 0:26 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
        """)
    private static let mounts2 = CgroupMounts(
        "29 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup rw,nsdelegate")

    @Test("each controller of version 1 has a folder of its own, hybrid or not")
    func one() {
        let groups = "4:memory:/docker/\(Self.id)\n1:cpu,cpuacct:/docker/\(Self.id)\n0::/docker/\(Self.id)\n"
        let place = CgroupPlace(groups: groups, mounts: Self.mounts1, container: Self.id)
        #expect(place?.version == .one)
        #expect(place?.folder(of: "memory") == "/sys/fs/cgroup/memory/docker/\(Self.id)")
        #expect(place?.folder(of: "cpu") == "/sys/fs/cgroup/cpu,cpuacct/docker/\(Self.id)")
        #expect(place?.folder(of: "pids") == nil)
    }

    @Test("version 2 has one folder for all, in a slice of systemd's")
    func two() {
        let group = "/system.slice/docker-\(Self.id).scope"
        let place = CgroupPlace(groups: "0::\(group)\n", mounts: Self.mounts2, container: Self.id)
        #expect(place?.version == .two)
        #expect(place?.folder(of: "memory") == "/sys/fs/cgroup" + group)
    }

    @Test("a part of a hierarchy is mounted in a container")
    func inside() {
        let mounts = CgroupMounts("29 25 0:26 /outer /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory")
        let place = CgroupPlace(groups: "4:memory:/outer/docker/\(Self.id)\n", mounts: mounts, container: Self.id)
        #expect(place?.folder(of: "memory") == "/sys/fs/cgroup/memory/docker/\(Self.id)")
    }

    @Test(
        "a process of somebody else's, and text that is none, have no place",
        arguments: ["4:memory:/docker/ffff\n", "", "0::/\n", "::::\n4", "4:memory"])
    func none(groups: String) {
        #expect(CgroupPlace(groups: groups, mounts: Self.mounts1, container: Self.id) == nil)
        #expect(CgroupPlace(groups: groups, mounts: CgroupMounts("x - y\n- cgroup"), container: Self.id) == nil)
    }
}
