import GitSource
import Logging
import ReconcileTesting
import Reconciler
import Specs
import Testing

/// One repository and a mirror of it, in a folder that lasts as long as the test.
struct World: Sendable {
    let folder: ScratchFolder
    let repository: ScratchRepository

    static func with(_ body: (World) async throws -> Void) async throws {
        try await ScratchFolder.with { folder in
            let repository = try await ScratchRepository.make(at: folder.path + "/served/origin.git")
            try await body(World(folder: folder, repository: repository))
        }
    }

    var mirror: String { folder.path + "/mirror" }
    var mirrorRepository: ScratchRepository { ScratchRepository(path: mirror + "/repository.git") }

    /// The world's repository by way of `file:`, with changes.
    func configuration(_ change: (inout GitSourceConfiguration) -> Void = { _ in }) -> GitSourceConfiguration {
        var configuration = GitSourceConfiguration(
            url: repository.url, reference: "main", mirrorDirectory: mirror, allowInsecure: true,
            deadline: .seconds(30), executable: BuiltProduct.reconcile)
        change(&configuration)
        return configuration
    }

    func source(
        environment: [String: String] = [:], _ change: (inout GitSourceConfiguration) -> Void = { _ in }
    ) throws -> GitSource {
        try GitSource(configuration(change), logger: Logger(label: "test"), environment: environment)
    }

    func fetch(
        accepted: String? = nil, _ change: (inout GitSourceConfiguration) -> Void = { _ in }
    ) async throws -> SourceSnapshot {
        try await source(change).fetch(accepted: accepted)
    }

    /// Fetches, expecting to be refused, and returns the message.
    @discardableResult
    func refusal(
        _ code: SourceError.Code, accepted: String? = nil, sourceLocation: SourceLocation = #_sourceLocation,
        _ change: (inout GitSourceConfiguration) -> Void = { _ in }
    ) async throws -> String {
        try await expect(code, source(change), accepted: accepted, sourceLocation: sourceLocation)
    }
}

/// Expects a source to have nothing to give, for this reason.
@discardableResult
func expect(
    _ code: SourceError.Code, _ source: some Source, accepted: String? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
) async -> String {
    do throws(SourceError) {
        let snapshot = try await source.fetch(accepted: accepted)
        Issue.record("got \(snapshot.files.count) files instead of '\(code)'", sourceLocation: sourceLocation)
        return ""
    } catch {
        #expect(error.code == code, "\(error)", sourceLocation: sourceLocation)
        return error.message
    }
}

extension SourceSnapshot {
    var texts: [String: String] {
        Dictionary(files.map { ($0.path, String(decoding: $0.bytes, as: UTF8.self)) }) { first, _ in first }
    }
}
