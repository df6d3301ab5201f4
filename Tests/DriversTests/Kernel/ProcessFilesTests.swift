import FoundationEssentials
import ReconcileTesting
import Reconciler
import Specs
import Testing

@testable import Drivers

@Suite("What /proc says of a container's first process")
struct ProcessFilesTests {
    private let id = "4f0c8a3fd0c6"

    @Test("a table that is longer than a page of memory is read to its end")
    func table() throws {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 16 << 10, alignment: 16)
        defer { buffer.deallocate() }
        // Of the mappings of this process, which the kernel shows in pages as it does mounts; the stack is among the last.
        let file = try #require(KeptFile("/proc/self/maps"))
        #expect(try #require(file.text(buffer)).utf8.count < buffer.count)
        #expect(try #require(file.table(buffer)).contains("[stack]"))
        #expect(try #require(file.text(buffer)).contains("[stack]") == false, "it is no longer than a page")
    }

    private func status(name: String = "sleep", seccomp: Int = 2) -> String {
        """
        Name:\t\(name)
        Uid:\t101000\t101000\t101000\t101000
        CapInh:\t0000000000000000
        CapPrm:\t0000000000000000
        CapEff:\t0000000000000000
        CapBnd:\t00000000a80425fb
        CapAmb:\t0000000000000000
        NoNewPrivs:\t1
        Seccomp:\t\(seccomp)
        Seccomp_filters:\t1

        """
    }

    private let mounts = """
        29 28 0:25 / / ro,relatime master:1 - overlay overlay rw,lowerdir=/a
        30 29 0:26 / /proc rw,nosuid - proc proc rw

        """

    private func sight(_ change: (inout [String: String]) -> Void) throws -> ConfinementFacts.Sight {
        var files = [
            "cgroup": "1:name=systemd:/docker/\(id)\n", "status": status(), "uid_map": "0 100000 65536\n",
            "mountinfo": mounts,
        ]
        change(&files)
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        for (name, text) in files { try folder.write(text, to: name) }
        return ProcessFiles(folder: folder.path).confinement(ofContainer: id)
    }

    @Test("users are read in the container's own numbers, and everything else as it stands there")
    func reads() throws {
        guard case .process(let process) = try sight({ _ in }) else {
            Issue.record("nothing was read")
            return
        }
        #expect(process.users == [1000] && process.noNewPrivileges && process.seccompMode == 2)
        #expect(process.boundingCapabilities == 0xa804_25fb && process.effectiveCapabilities == 0)
        #expect(process.isRootReadOnly == true && !process.isRuntime && process.appArmor == nil)
    }

    @Test("file systems in memory are read with their sizes, the last one of a path")
    func sizes() {
        let text = """
            31 29 0:27 / /dev/shm rw,nosuid - tmpfs shm rw,size=65536k,inode64
            32 29 0:28 / /scratch rw - tmpfs tmpfs rw,size=4096k,nr_inodes=10
            33 29 0:29 / /run rw,relatime shared:9 - tmpfs tmpfs rw,inode64
            34 29 0:30 / /scratch rw - tmpfs tmpfs rw,size=8192k
            35 29 0:31 / /data rw - ext4 /dev/sda1 rw,size=1k
            36 29 0:32 / /lifted rw - tmpfs tmpfs rw,size=0k
            37 29 0:33
            """
        #expect(
            MountTable.memoryFileSystems(text) == [
                "/dev/shm": 64 << 20, "/scratch": 8 << 20, "/run": .max, "/lifted": .max,
            ])
    }

    @Test("the runtime's own process is told from the program")
    func runtime() throws {
        let sight = try sight { $0["status"] = status(name: "runc:[2:INIT]", seccomp: 0) }
        guard case .process(let process) = sight else {
            Issue.record("\(sight)")
            return
        }
        #expect(process.isRuntime)
    }

    @Test("a process that has gone is told from one that belongs to something else")
    func others() throws {
        #expect(try sight { $0["status"] = nil } == .gone)
        #expect(try sight { $0["cgroup"] = "1:name=systemd:/docker/another\n" } == .hidden)
        #expect(ProcessFiles(folder: "/proc/self").confinement(ofContainer: id) == .hidden)
    }

    @Test("the last mount on '/' counts", arguments: [("ro", true), ("rw", false)])
    func root(option: String, isReadOnly: Bool) {
        let above = "40 29 0:30 / / \(option),relatime - tmpfs tmpfs rw\n"
        #expect(MountTable.isRootReadOnly(mounts + above) == isReadOnly)
        #expect(MountTable.isRootReadOnly("30 29 0:26 / /proc rw - proc proc rw\n") == nil)
    }

    @Test("a user without a number in the namespace keeps ours")
    func unmapped() {
        let map = UserMap("         0     100000      65536\n      70000          5          1\n")
        #expect(map.inside([100_000, 100_005, 5, 7]) == [0, 5, 70_000, 7])
    }

    @Test("security options are read as Docker reads them; the profile itself is kept as a digest")
    func options() {
        let options = SecurityOptions(["no-new-privileges", "seccomp={\"a\":1}", "apparmor:mine"])
        #expect(options.noNewPrivileges && options.appArmor == "mine")
        #expect(options.seccomp == SeccompFilter.digest(of: "{\"a\":1}"))
        #expect(SecurityOptions(["no-new-privileges:false", "seccomp=unconfined"]).seccomp == "unconfined")
        #expect(SecurityOptions(["no-new-privileges=true"]).noNewPrivileges)
    }
}

@Suite("What the kernel writes down of calls")
struct SeccompRecordTests {
    private let line =
        "5,1234,98765432,-;audit: type=1326 audit(1700000000.123:45): auid=4294967295 uid=1000 gid=1000 ses=4294967295 "
        + "subj=unconfined pid=4711 comm=\"sleep\" exe=\"/bin/busybox\" sig=0 arch=c000003e syscall=83 compat=0 "
        + "ip=0x4a1b2c code=0x7ffc0000\n"

    @Test("a record has a process, a call and what the filter said")
    func reads() throws {
        let record = try #require(SeccompRecord(line: line))
        #expect(record.pid == 4711 && record.number == 83 && record.architecture == 0xC000_003E && record.isLogged)
        let killed = try #require(SeccompRecord(line: line.replacing("code=0x7ffc0000", with: "code=0x80000000")))
        #expect(!killed.isLogged)
    }

    @Test(
        "other lines say nothing",
        arguments: [
            "", "6,1,2,-;usb 1-1: new device", "5,1,2,-;audit: type=1326 audit(1:1): pid=x syscall=83 arch=c000003e",
            "5,1,2,-;audit: type=1326 audit(1:1): pid=1 syscall=83 arch=c000003e",
        ])
    func others(line: String) { #expect(SeccompRecord(line: line) == nil) }
}

@Suite("Profiles of AppArmor")
struct AppArmorLoaderTests {
    @Test("what the parser refuses is refused before anything is made, on any kernel")
    func syntax() async throws {
        let right = Confinement.AppArmor(name: "mine", text: "profile mine {\n  file,\n}\n", isRequired: false)
        #expect(try await AppArmorLoader.prepare(right, kernelHas: false) == false)
        let wrong = Confinement.AppArmor(name: "mine", text: "profile mine {\n  fi le,\n}\n", isRequired: false)
        do throws(DriverError) {
            _ = try await AppArmorLoader.prepare(wrong, kernelHas: false)
            Issue.record("it was taken")
        } catch {
            #expect(error.disposition == .terminal && error.message.contains("line 2"), "\(error)")
        }
    }

    @Test("one that is required is refused where the kernel has none")
    func required() async throws {
        let profile = Confinement.AppArmor(name: "docker-default", isRequired: true)
        await #expect(throws: DriverError.self) { try await AppArmorLoader.prepare(profile, kernelHas: false) }
    }
}
