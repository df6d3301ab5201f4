import API
import ArgumentParser
import Foundation
import Glibc
import Reconciler
import Specs

/// Writes down what CI must know of this host.
struct SnapshotCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "snapshot",
        abstract: "Write down what a dry-run elsewhere must know of this host.",
        discussion: """
            A snapshot is what the planner compares: containers, networks, images, what is in force, claimed and paused. No \
            value of a variable is in it, no argument, no label, no digest of one of them, and nobody's name who holds a \
            claim. Elsewhere, with no way to this host: reconcile --dry-run --against FILE --snapshot-key KEY.

            EXAMPLES
              reconcile snapshot keygen /etc/reconcile/snapshot.key
              reconcile snapshot --file host-a.json --key /etc/reconcile/snapshot.key
              reconcile snapshot | head -n 1 | jq .containers

            A daemon that runs on this host is asked for it, since it knows what it was started with: what it signed with its \
            own key stays as it is unless --key says otherwise, and what it says is at most ten seconds old. It writes one \
            every few minutes with snapshot.path and snapshot.interval, and serves one at /v1/snapshot.

            EXIT CODES
              0 written, 1 error, 64 a command line that cannot be understood
            """, subcommands: [SnapshotKeygenCommand.self])

    /// Settings are the program's own options, whichever command they stand behind.
    @ParentCommand var program: ReconcileCommand

    @Option(help: ArgumentHelp("Where to write it; - is standard output.", valueName: "file"))
    var file = "-"

    @Option(
        help: ArgumentHelp(
            "The key to sign it with. (default: snapshot.keyFile of the configuration; without one it is not signed)",
            valueName: "file"))
    var key: String?

    func run() async throws {
        try await answering {
            let settings = try EffectiveSettings(ofHost: program.flags)
            let snapshot = try await sealed(settings)
            let bytes = try snapshot.bytes
            if file == "-" {
                FileHandle.standardOutput.write(bytes)
            } else {
                try SnapshotFile.write(bytes, to: file)
            }
            if snapshot.seal.signature == nil {
                Terminal.complain("note: it is not signed, and a dry-run takes it with --unverified only")
            }
            return .success
        }
    }

    /// Beside a daemon, it is the daemon that looks: its name and labels may stand in its own command line.
    private func sealed(_ settings: EffectiveSettings) async throws -> SealedSnapshot {
        let socket = try EffectiveSettings.socket(program.host)
        let keyFile = key ?? settings.snapshots.keyFile
        func signer() throws -> SnapshotSigner? { try keyFile.map { path in try SnapshotSigner(file: path) } }
        let bytes: Data
        do throws(ClientFailure) {
            bytes = try await DaemonClient(socketPath: socket).snapshot(most: SealedSnapshot.mostBytes)
        } catch {
            guard error.isAbsent else { throw error }
            if access(socket, F_OK) == 0 {
                let host = settings.host
                Terminal.complain(
                    "note: no daemon answers at '\(socket)': that this is host '\(host.identity.name)' of owner '\(host.owner)' "
                        + "is what the configuration and the options say")
            }
            return try await SnapshotTaker(settings: settings).sealed(by: try signer())
        }
        if program.host.saysWhatHostIs {
            Terminal.complain(
                "note: the daemon on this host says its name, labels, owner and engine; the options are not used")
        }
        let published = try SealedSnapshot(bytes)
        // What the daemon has signed with its own key needs no other.
        guard key != nil || published.seal.signature == nil, let signer = try signer() else { return published }
        try published.requireTrust(
            inDaemonAt: socket, now: Instant(secondsSince1970: Int64(Date.now.timeIntervalSince1970)))
        return try published.signed(by: signer)
    }
}

/// Makes the key of a host.
struct SnapshotKeygenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keygen",
        abstract: "Make a key for snapshots, and print what checks its signatures.",
        discussion: """
            The key stays on the host, in a file that only its owner may read. What is printed goes to CI, as a file or as \
            it is, for --snapshot-key. It is no secret, but whoever can change it decides whose word counts: keep it \
            where a proposed change cannot.

            EXAMPLES
              reconcile snapshot keygen /etc/reconcile/snapshot.key

            EXIT CODES
              0 made, 1 there is such a file already, or it cannot be written
            """)

    @Argument(help: ArgumentHelp("Where to write the key.", valueName: "file"))
    var path: String

    @Option(
        help: ArgumentHelp("The only host whose snapshots it is to be trusted for. (default: any)", valueName: "host"))
    var onlyFor: String?

    func run() async throws {
        try await answering {
            let signer = SnapshotSigner()
            try signer.write(to: path)
            let key = signer.publicKey(for: onlyFor)
            Terminal.print(key.description)
            Terminal.complain("note: its id, by which snapshots and refusals name it, is \(key.id)")
            return .success
        }
    }
}
