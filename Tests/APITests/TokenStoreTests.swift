import Crypto
import Foundation
import Logging
import ReconcileTesting
import Specs
import Testing

@testable import API

/// A file of tokens that changes while the daemon runs.
struct TokenStoreTests {
    private static let now = Instant(secondsSince1970: 1_800_000_000)

    private static func line(_ name: String) -> String {
        let digest = SHA256.hash(data: Data(name.utf8)).map { String(format: "%02x", $0) }.joined()
        return "\(name) viewer \(digest)\n"
    }

    private func isIn(_ token: String, _ store: TokenStore) -> Bool {
        if case .known = store.verdict(on: token, now: Self.now) { true } else { false }
    }

    /// As long as a change may take to be seen.
    private func pass() async throws { try await Task.sleep(for: .milliseconds(1_100)) }

    @Test("a link that leads to another file is seen, a wrong file is not used, and one that is gone lets nobody in")
    func changes() async throws {
        try await ScratchFolder.with { folder in
            let (old, new) = (
                try folder.write("old", Self.line("ada")), try folder.write("new", Self.line("bob"))
            )
            for path in [old, new] { #expect(chmod(path, 0o600) == 0) }
            let link = folder.path + "/tokens"
            #expect(symlink(old, link) == 0)
            let store = try TokenStore(path: link, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            #expect(isIn("ada", store) && !isIn("bob", store))
            #expect(unlink(link) == 0 && symlink(new, link) == 0)
            try await pass()
            #expect(!isIn("ada", store) && isIn("bob", store))
            try "wrong\n".write(toFile: new, atomically: false, encoding: .utf8)
            try await pass()
            #expect(isIn("bob", store), "the tokens of before hold")
            #expect(unlink(link) == 0)
            try await pass()
            #expect(!isIn("bob", store))
        }
    }
}
