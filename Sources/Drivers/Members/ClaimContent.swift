import Foundation
import Reconciler
import Specs

/// Variables and files that come with a claim, and how a member finds them.
struct ClaimContent: Hashable, Sendable {
    var environment: [String: String]
    var files: [ClaimRequest.File]

    /// - Throws: `.badRequest` for names that would lead somewhere else, or be no names of variables, and for more than
    ///   `ClaimRequest.largestContent` in all. Never says what is in them.
    func check() throws(DriverError) {
        for name in environment.keys.sorted() {
            guard TextRule.environmentName.allows(name), environment[name]?.utf8.contains(0) == false else {
                throw Self.refusal("'\(name)' is no variable that a program could have")
            }
        }
        for file in files where !Self.isPlain(file.name) {
            throw Self.refusal("'\(file.name)' is not a plain name of a file, without a slash")
        }
        if Set(files.map(\.name)).count < files.count { throw Self.refusal("two files have the same name") }
        let size =
            environment.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count }
            + files.reduce(0) { $0 + $1.name.utf8.count + $1.bytes.count }
        guard size <= ClaimRequest.largestContent else {
            throw Self.refusal(
                "variables and files have \(size) bytes, at most \(ClaimRequest.largestContent) may come")
        }
    }

    /// A name that leads to nothing but a file of this name.
    static func isPlain(_ name: String) -> Bool {
        (1...255).contains(name.utf8.count) && name != "." && name != ".."
            && !name.utf8.contains { $0 == 0 || $0 == 0x2F }
    }

    private static func refusal(_ message: String) -> DriverError {
        DriverError(.terminal, .badRequest, message, at: "a binding")
    }

    /// One `KEY='value'` a line, as a shell reads them. What no shell can have as a variable stands in `env.json` alone.
    var shellText: String {
        environment.sorted { $0.key < $1.key }.filter { Self.isShellName($0.key) }
            .map { "\($0.key)='\($0.value.replacing("'", with: #"'\''"#))'\n" }.joined()
    }

    private static func isShellName(_ name: String) -> Bool {
        name.utf8.allSatisfy { $0 == 0x5F || (0x30...0x39).contains($0) || (0x41...0x5A).contains($0 & 0xDF) }
    }

    /// All variables as one JSON object.
    func json() throws(DriverError) -> [UInt8] { try ClaimJSON.encode(environment) }
}

/// What a member is told about its claim.
struct ShownClaim: Hashable, Codable, Sendable {
    var id: ClaimID
    /// The pool's name.
    var pool: String
    var holder: String
    var labels: [String: String]
    /// When it ends unless it is renewed, in RFC 3339.
    var expires: String

    init(_ claim: Claim) {
        id = claim.id
        pool = claim.pool.name
        holder = claim.holder
        labels = claim.labels
        expires = claim.expires.description
    }
}

/// The same claim always gives the same bytes.
enum ClaimJSON {
    static func encode(_ value: some Encodable) throws(DriverError) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return Array(try encoder.encode(value))
        } catch {
            throw DriverError(.terminal, .badRequest, "cannot be written as JSON: \(error)", at: "a claim file")
        }
    }

    /// nil for anything else, such as a file that a loss of power left empty.
    static func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) -> Value? {
        try? JSONDecoder().decode(type, from: Data(bytes))
    }
}
