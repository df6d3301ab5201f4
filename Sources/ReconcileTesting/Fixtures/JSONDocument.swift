package import Foundation

/// JSON of which nothing is known, for tests that look into what somebody else wrote.
package enum JSONDocument: Hashable, Sendable, Decodable {
    case null
    case boolean(Bool)
    case number(Double)
    case string(String)
    case array([JSONDocument])
    case object([String: JSONDocument])

    package init(_ data: Data) throws { self = try JSONDecoder().decode(JSONDocument.self, from: data) }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            // Each attempt fails for all other types, which is how the type is found out.
            self = .boolean(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode([JSONDocument].self) {
            self = .array(value)
        } else {
            self = .object(try container.decode([String: JSONDocument].self))
        }
    }

    package subscript(key: String) -> JSONDocument? { members[key] }

    package var members: [String: JSONDocument] { if case .object(let members) = self { members } else { [:] } }
    package var items: [JSONDocument] { if case .array(let items) = self { items } else { [] } }
    package var text: String? { if case .string(let text) = self { text } else { nil } }
}
