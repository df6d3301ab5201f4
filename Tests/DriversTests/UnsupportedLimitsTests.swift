import FoundationEssentials
import Testing

@testable import Drivers

struct UnsupportedLimitsTests {
    private func fields(_ json: String) throws -> [String: String] {
        let info: SystemInfo = try DockerJSON.decode(Data(json.utf8), isWrite: false, place: "test")
        return info.unsupportedLimits
    }

    @Test(
        "only some ways to keep layers have a quota",
        arguments: [
            (#"{"Driver": "overlay2", "DriverStatus": [["Backing Filesystem", "extfs"]]}"#, "lies on extfs"),
            (#"{"Driver": "overlay2"}"#, "lies on an unknown one"), (#"{"Driver": "vfs"}"#, "'vfs' has no quota"),
            (#"{"Driver": "overlayfs"}"#, "'overlayfs' has no quota"),
        ])
    func noDisk(json: String, words: String) throws {
        #expect(try fields(json)["resources.disk"]?.contains(words) == true)
    }

    @Test(
        "what may have one is tried, and so is what the engine does not say",
        arguments: [
            #"{"Driver": "overlay2", "DriverStatus": [["Backing Filesystem", "xfs"]]}"#, #"{"Driver": "btrfs"}"#,
            #"{"Driver": "zfs", "Warnings": null}"#, "{}", #"{"CPUSet": true, "PidsLimit": true}"#,
        ])
    func everything(json: String) throws { #expect(try fields(json).isEmpty) }

    @Test("what the kernel lacks is known by switches and by warnings, of both versions")
    func kernel() throws {
        let one = try fields(
            """
            {"CpuCfsQuota": false, "CPUSet": false, "CPUShares": false, "PidsLimit": false, "MemoryLimit": false,
             "Warnings": ["WARNING: No blkio weight support", "WARNING: No blkio throttle.read_bps_device support"]}
            """)
        #expect(
            one.keys.sorted() == [
                "resources.blockIO.devices", "resources.blockIO.weight", "resources.cpuShares", "resources.cpus",
                "resources.cpuset", "resources.memory", "resources.memoryReservation", "resources.pids",
            ])
        let two = try fields(#"{"Warnings": ["WARNING: No io.weight support", "WARNING: No io.max (rbps) support"]}"#)
        #expect(two.keys.sorted() == ["resources.blockIO.devices", "resources.blockIO.weight"])
    }
}
