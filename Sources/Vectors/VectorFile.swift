import Foundation

/// A file of cases that were observed elsewhere and that our own code is run against.
package struct VectorFile: Sendable {
    package var name: String
    package var cases: [VectorCase]

    /// - Throws: `VectorError` when the file cannot be read or is not a list of cases.
    package init(path: String) throws(VectorError) {
        name = URL(filePath: path).lastPathComponent
        do {
            let root = try JSONDecoder().decode(JSONValue.self, from: Data(contentsOf: URL(filePath: path)))
            guard let list = root.object?["cases"]?.array else { throw VectorError("'\(path)' has no list 'cases'") }
            cases = list.enumerated().map { VectorCase(fields: $1.object ?? [:], number: $0) }
        } catch {
            throw VectorError("'\(path)' cannot be read: \(error)")
        }
    }
}

/// One case: its fields as they stand in the file.
package struct VectorCase: Sendable {
    package var id: String
    package var fields: [String: JSONValue]

    package init(fields: [String: JSONValue], number: Int) {
        id = fields["id"]?.string ?? "case \(number)"
        self.fields = fields
    }

    package var kind: String { fields["kind"]?.string ?? "" }
    package var queue: String { fields["queue"]?.string ?? "" }
    package var config: [String: JSONValue] { fields["config"]?.object ?? [:] }
    package var steps: [[String: JSONValue]] { (fields["steps"]?.array ?? []).map { $0.object ?? [:] } }
    package var invariants: [String] { (fields["invariants"]?.array ?? []).compactMap(\.string) }
}

/// Why a file cannot be read or a case cannot be run.
package struct VectorError: Error, Hashable, CustomStringConvertible {
    package var description: String

    package init(_ description: String) { self.description = description }
}
