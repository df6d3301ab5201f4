import Foundation
import ReconcileTesting
import Testing

/// The real daemon on a disk that stops answering, as its supervisor sees it.
@Suite("The watchdog of a daemon")
struct WatchdogTests {
    /// A file system of its own, which can be frozen without harm to any other.
    private struct Disk {
        let path: String

        static func with(in folder: ScratchFolder, _ body: (Disk) async throws -> Void) async throws {
            let (image, path) = (folder.path + "/disk.img", folder.path + "/disk")
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            try await TestCommand.run("truncate", ["--size=64M", image])
            try await TestCommand.run("mkfs.ext4", ["-q", "-F", image])
            try await TestCommand.run("mount", ["-o", "loop", image, path])
            let disk = Disk(path: path)
            let outcome: Result<Void, any Error>
            do { outcome = .success(try await body(disk)) } catch { outcome = .failure(error) }
            // It may be thawed already.
            try? await disk.thaw()
            try await TestCommand.run("umount", [path])
            try outcome.get()
        }

        func freeze() async throws { try await TestCommand.run("fsfreeze", ["--freeze", path]) }

        func thaw() async throws { try await TestCommand.run("fsfreeze", ["--unfreeze", path]) }
    }

    @Test("signs of life end while the disk does not answer, though the process lives, and come back with it")
    func frozenDisk() async throws {
        try await Bed.with { bed in
            let repository = try await ScratchRepository.make(at: bed.folder.path + "/specs.git")
            try await repository.commit(["pool.yaml": .file(bed.pool())], parent: nil)
            let listener = try NotifyListener("@reconcile-test-\(UInt64.random(in: 0...(.max)))")
            let program = Program(environment: ["NOTIFY_SOCKET": listener.address, "WATCHDOG_USEC": "150000"])
            try await Disk.with(in: bed.folder) { disk in
                let state = disk.path + "/state"
                let arguments =
                    bed.arguments(
                        ["--repo", repository.url, "--allow-insecure", "--interval", "1h"], throughProxy: false)
                    + ["--state-dir", state]
                try await program.running(arguments) { process in
                    #expect(await eventually { listener.count("READY=1") == 1 })
                    #expect(await eventually { listener.count("WATCHDOG=1") > 5 })
                    try await disk.freeze()
                    let pausing = Task {
                        try await Program().run(
                            ["pause", "--reason", "test", "--state-dir", state], deadline: .seconds(60))
                    }
                    // The pause waits for the disk in the middle of the control loop, and signs that were due have come.
                    #expect(
                        await eventually {
                            let heard = listener.count("WATCHDOG=1")
                            try? await Task.sleep(for: .milliseconds(600))
                            return listener.count("WATCHDOG=1") == heard
                        }, "four times the time within which a sign is due went by without one")
                    #expect(process.isRunning)
                    let heard = listener.count("WATCHDOG=1")
                    try await disk.thaw()
                    #expect(await eventually { listener.count("WATCHDOG=1") > heard + 3 })
                    #expect(try await pausing.value.exitCode == 0)
                    process.terminate()
                    await process.waitUntilEnded()
                }
            }
        }
    }
}
