import HTTPTypes
import Hummingbird
import Reconciler
import Specs

/// The query of one request: each field is taken out as what it must be.
struct QueryFields {
    private let fields: [String: String]

    /// - Parameter names: a field that nobody reads may be a mistyped one, and would be left out in silence.
    init(_ request: Request, _ names: [String]) throws(Refusal) {
        var fields: [String: String] = [:]
        for (name, value) in request.uri.queryParameters {
            let name = String(name)
            guard names.contains(name) else {
                let known = names.map { "'\($0)'" }.joined(separator: ", ")
                throw Refusal(.badRequest, "unknown parameter \(Diagnostic.quote(name)); there is \(known)")
            }
            guard fields.updateValue(String(value), forKey: name) == nil else {
                throw Refusal(.badRequest, "'\(name)' is there twice")
            }
        }
        self.fields = fields
    }

    func text(_ name: String) -> String? { fields[name] }

    func count(_ name: String, in range: ClosedRange<Int>, default usual: Int) throws(Refusal) -> Int {
        guard let text = fields[name] else { return usual }
        guard let count = Int(text), text.allSatisfy(\.isASCII), range.contains(count) else {
            throw Refusal(
                .badRequest,
                "'\(name)' is \(Diagnostic.quote(text)) and must be a number of \(range.lowerBound) to "
                    + "\(range.upperBound)")
        }
        return count
    }

    func kind(_ name: String) throws(Refusal) -> ResourceKind? {
        try choice(name, among: ResourceKind.allCases.map(\.rawValue)).flatMap { ResourceKind(rawValue: $0) }
    }

    func conditionType(_ name: String) throws(Refusal) -> Condition.ConditionType? {
        try choice(name, among: Condition.ConditionType.allCases.map(\.rawValue))
            .flatMap { Condition.ConditionType(rawValue: $0) }
    }

    func severity(_ name: String) throws(Refusal) -> EventRecord.Severity? {
        try choice(name, among: EventRecord.Severity.allCases.map(\.rawValue))
            .flatMap { EventRecord.Severity(rawValue: $0) }
    }

    func choice(_ name: String, among words: [String]) throws(Refusal) -> String? {
        guard let text = fields[name] else { return nil }
        guard words.contains(text) else {
            throw Refusal(.badRequest, "'\(name)' is \(Diagnostic.quote(text)) and must be \(Diagnostic.list(words))")
        }
        return text
    }

    func object(_ name: String) throws(Refusal) -> ResourceID? {
        guard let text = fields[name] else { return nil }
        guard let id = ResourceID(text) else {
            throw Refusal(
                .badRequest, "'\(name)' is \(Diagnostic.quote(text)) and must be KIND/NAME, such as Workload/web")
        }
        return id
    }

    func moment(_ name: String) throws(Refusal) -> Instant? {
        guard let text = fields[name] else { return nil }
        do throws(InvalidText) {
            return try Instant.parse(text)
        } catch {
            throw Refusal(.badRequest, "'\(name)': \(error)")
        }
    }
}
