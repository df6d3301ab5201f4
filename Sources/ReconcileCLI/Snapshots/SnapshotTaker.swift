import ArgumentParser
import Foundation
import Reconciler
import Specs
import Storage

/// Makes snapshots of this host: looks at it by a way that can only read, as a dry-run does, beside a daemon or without one.
struct SnapshotTaker: Sendable {
    let settings: EffectiveSettings

    /// - Throws: `SnapshotProblem` where a part of the host cannot be seen; half a snapshot would be a wrong plan.
    func snapshot() async throws -> PublishedSnapshot {
        let file = StateDirectory.database(in: settings.stateDirectory)
        if access(file, R_OK) != 0, errno == EACCES {
            throw SnapshotProblem(
                "'\(file)' may not be read by this user: without it nobody knows what is in force, claimed and paused")
        }
        let memory = try SQLiteStateStore.storedState(readingFrom: file)
        let host = settings.host
        let known = memory.readableRevisions(on: host)
        let nothing = DesiredState(
            specs: SpecSet(), revision: memory.accepted?.revision ?? Revision(id: "", reference: ""), host: host)
        let inForce = known.first { $0.revision == memory.accepted?.revision } ?? nothing
        let images = known.reduce(into: Set<String>()) { $0.formUnion($1.images) }
        let (observed, tags) = try await settings.observeAll(inForce, images: images)
        guard observed.isComplete else { throw SnapshotProblem("a part of the host could not be read: try again") }
        var random = SystemRandomNumberGenerator()
        return PublishedSnapshot(
            of: observed, remembering: memory, on: host, images: tags,
            at: Instant(secondsSince1970: Int64(Date.now.timeIntervalSince1970)),
            by: ReconcileCommand.configuration.version,
            salt: (0..<16).map { _ in UInt8.random(in: 0...255, using: &random) })
    }

    /// As it is published.
    func sealed(by signer: SnapshotSigner?) async throws -> SealedSnapshot {
        try SealedSnapshot(try await snapshot(), signedBy: signer)
    }
}

/// Where a snapshot is published as a file.
enum SnapshotFile {
    /// Whoever reads it meanwhile, or after the power failed, sees the one before or this one, whole. Everybody may read it.
    ///
    /// The folder may be somebody else's, such as that of a web server: no link that they put there is followed.
    static func write(_ bytes: Data, to path: String) throws(SnapshotProblem) {
        let temporary = "\(path).\(String(UInt64.random(in: .min...(.max)), radix: 36)).new"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw problem(path, errno) }
        do {
            let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
            try file.write(contentsOf: bytes)
            guard fchmod(descriptor, 0o644) == 0 else { throw problem(path, errno) }
            try file.synchronize()
            guard rename(temporary, path) == 0 else { throw problem(path, errno) }
        } catch let problem as SnapshotProblem {
            // It is of no use to anybody.
            unlink(temporary)
            throw problem
        } catch {
            unlink(temporary)
            throw SnapshotProblem("'\(path)' cannot be written: \(error.fileReason)")
        }
    }

    private static func problem(_ path: String, _ number: Int32) -> SnapshotProblem {
        SnapshotProblem("'\(path)' cannot be written: \(String(cString: strerror(number)).lowercased())")
    }
}
