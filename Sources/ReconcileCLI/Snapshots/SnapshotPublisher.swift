import Foundation
import Reconciler

/// Makes the snapshots of the daemon, signed with the key of the configuration. Whoever asks while one is made, or right
/// after, gets the same.
actor SnapshotPublisher {
    /// A look at the host is a question for each of its containers: asked by many, it is not made for each.
    private static let keptFor = Duration.seconds(10)

    private let taker: SnapshotTaker
    private let keyFile: String?
    private var newest: (bytes: Data, made: ContinuousClock.Instant)?
    private var underWay: Task<Data, any Error>?

    /// - Throws: `SnapshotProblem` where the key cannot be used.
    init(_ settings: EffectiveSettings) throws(SnapshotProblem) {
        taker = SnapshotTaker(settings: settings)
        keyFile = settings.snapshots.keyFile
        _ = try Self.signer(keyFile)
    }

    /// The key is read anew each time, so that another needs no restart.
    private static func signer(_ keyFile: String?) throws(SnapshotProblem) -> SnapshotSigner? {
        guard let keyFile else { return nil }
        return try SnapshotSigner(file: keyFile)
    }

    func bytes() async throws -> Data {
        if let newest, newest.made.duration(to: .now) < Self.keptFor { return newest.bytes }
        if let underWay { return try await underWay.value }
        let task = Task { [taker, keyFile] in try await taker.sealed(by: try Self.signer(keyFile)).bytes }
        underWay = task
        defer { underWay = nil }
        let began = ContinuousClock.now
        let bytes = try await task.value
        newest = (bytes, began)
        return bytes
    }
}
