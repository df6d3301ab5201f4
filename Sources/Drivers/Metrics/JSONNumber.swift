import FoundationEssentials

/// The number in an answer: the whole of it, or what a pointer (RFC 6901) leads to.
enum JSONNumber {
    static func find(_ pointer: String?, in bytes: [UInt8]) throws(MetricFailure) -> Double {
        let text = CgroupText.trimmed(String(decoding: bytes, as: UTF8.self))
        guard let pointer else {
            guard let number = Double(text) else { throw MetricFailure("the answer is no number") }
            return number
        }
        guard let tree = try? JSONDecoder().decode(JSONTree.self, from: Data(bytes)) else {
            throw MetricFailure("the answer is no JSON")
        }
        switch tree.value(at: steps(of: pointer)) {
        case .number(let number)?: return number
        case .text(let text)?:
            // Many counters are written as text, for the sake of large numbers.
            guard let number = Double(text) else { throw MetricFailure("'\(pointer)' is no number") }
            return number
        case nil: throw MetricFailure("there is no '\(pointer)' in the answer")
        default: throw MetricFailure("'\(pointer)' is no number")
        }
    }

    private static func steps(of pointer: String) -> [String] {
        pointer.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map { step in
            var text = ""
            var rest = step[...]
            while let next = rest.popFirst() {
                guard next == "~", let escape = rest.popFirst() else {
                    text.append(next)
                    continue
                }
                text += escape == "1" ? "/" : escape == "0" ? "~" : "~\(escape)"
            }
            return text
        }
    }
}

/// Any JSON, as far as a pointer looks into it.
private indirect enum JSONTree: Decodable {
    case number(Double)
    case text(String)
    case array([JSONTree])
    case object([String: JSONTree])
    case other

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let number = try? container.decode(Double.self) {
            self = .number(number)
        } else if let text = try? container.decode(String.self) {
            self = .text(text)
        } else if let array = try? container.decode([JSONTree].self) {
            self = .array(array)
        } else if let object = try? container.decode([String: JSONTree].self) {
            self = .object(object)
        } else {
            self = .other
        }
    }

    func value(at steps: [String]) -> JSONTree? {
        guard let first = steps.first else { return self }
        let rest = Array(steps.dropFirst())
        return switch self {
        case .object(let fields): fields[first]?.value(at: rest)
        case .array(let items):
            Int(first).flatMap { items.indices.contains($0) ? items[$0].value(at: rest) : nil }
        case .number, .text, .other: nil
        }
    }
}
