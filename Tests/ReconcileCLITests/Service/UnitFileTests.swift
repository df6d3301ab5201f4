import Foundation
import ReconcileTesting
import Testing

/// `packaging/reconcile.service`, as systemd itself reads it.
@Suite("The unit of systemd")
struct UnitFileTests {
    private static let path = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "packaging/reconcile.service").path()

    /// The unit with the program where it was built.
    private static func unit(in folder: ScratchFolder) throws -> String {
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let built = text.replacing("=/usr/local/bin/reconcile", with: "=" + BuiltProduct.reconcile)
        #expect(text != built)
        return try folder.write("reconcile.service", built)
    }

    @Test("systemd has nothing to say against it")
    func verify() async throws {
        try await ScratchFolder.with { folder in
            // It complains on standard error; what is complained about but no error does not show in the exit code.
            let script = "exec systemd-analyze verify --man=no '\(try Self.unit(in: folder))' 2>&1"
            let said = try await TestCommand.run("sh", ["-c", script])
            #expect(said == "")
        }
    }

    @Test("its exposure is what docs/service.md says")
    func exposure() async throws {
        try await ScratchFolder.with { folder in
            let unit = try Self.unit(in: folder)
            let said = try await TestCommand.run(
                "systemd-analyze", ["security", "--offline=true", "--threshold=38", "--no-pager", unit])
            #expect(said.contains("exposure level for reconcile.service: 3."), "\(said.suffix(200))")
        }
    }

    @Test(
        "it keeps what the program needs",
        arguments: [
            "Type=notify", "Restart=always", "KillMode=mixed", "StateDirectory=reconcile", "ReadWritePaths=/run",
            "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK", "WatchdogSec=60s",
        ])
    func needs(line: String) throws {
        let lines = try String(contentsOfFile: Self.path, encoding: .utf8).split(separator: "\n")
        #expect(lines.contains { $0 == line })
        #expect(!lines.contains { $0.hasPrefix("ProtectControlGroups=") || $0.hasPrefix("ProtectProc=") })
    }
}
