package import FoundationEssentials
package import Reconciler

/// Docker's JSON to and from our types.
package enum DockerJSON {
    /// Throws `.badResponse` naming the place in the value, never the value: it may hold secrets.
    package static func decode<Value: Decodable>(
        _ body: Data, isWrite: Bool, place: String
    ) throws(DriverError) -> Value {
        do {
            return try JSONDecoder().decode(Value.self, from: body)
        } catch {
            let message = "the engine's answer is not what its API describes\(Self.place(of: error))"
            // A write that was answered with nonsense may have happened.
            throw DriverError(isWrite ? .unknown : .transient, .badResponse, message, at: place)
        }
    }

    static func encode(_ value: any Encodable, _ place: String) throws(DriverError) -> Data {
        do {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return try encoder.encode(value)
        } catch {
            throw DriverError(.terminal, .badRequest, "the request cannot be written as JSON", at: place)
        }
    }

    /// The message of an error's body, as one line of bounded length.
    static func message(in body: Data) -> String {
        struct ErrorBody: Decodable { var message: String }
        // A body that is no JSON object with a message is shown as it is: proxies answer in HTML.
        let text =
            (try? JSONDecoder().decode(ErrorBody.self, from: body).message) ?? String(decoding: body, as: UTF8.self)
        let line = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return line.count > 500 ? String(line.prefix(500)) + "…" : line
    }

    private static func place(of error: any Error) -> String {
        let context: DecodingError.Context? =
            switch error as? DecodingError {
            case .dataCorrupted(let context), .keyNotFound(_, let context), .typeMismatch(_, let context),
                .valueNotFound(_, let context):
                context
            default: nil
            }
        guard let path = context?.codingPath, !path.isEmpty else { return "" }
        return ", at '" + path.map { $0.intValue.map { "\($0)" } ?? $0.stringValue }.joined(separator: ".") + "'"
    }
}
