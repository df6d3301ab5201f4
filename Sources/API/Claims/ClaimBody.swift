import Foundation
import HTTPTypes
import NIOCore
import Reconciler
import Specs

/// The bodies that the routes of claims take, and how large each of their parts may be.
enum ClaimBody {
    /// What a body may have: all content, a third more for base64, and the rest.
    static let largest = 2 << 20
    static let longestHolder = 200
    static let mostLabels = 32
    static let longestLabel = 253
    static let mostEntries = 256
    static let ttl: ClosedRange<Duration> = .seconds(1) ... .seconds(30 * 86_400)
    static let wait: ClosedRange<Duration> = .zero ... .seconds(600)
    static let fieldNames = ["holder", "labels", "ttl", "wait", "env", "files", "limits"]
    static let limitNames = ["cpus", "memory", "pids"]
    static let longestKey = 255

    private static let example = #"{"holder": "agent-7", "ttl": "30m"}"#

    /// - Parameter key: the header `Idempotency-Key`.
    /// - Throws: `Refusal` that names the field and what would be right; never what is in a variable or a file.
    static func request(of pool: String, _ bytes: ByteBuffer, key: String?) throws(Refusal) -> ClaimRequest {
        let fields = try BodyFields(bytes, fieldNames, example: example)
        if let key, !isKey(key) {
            throw Refusal(
                .badRequest, "Idempotency-Key must be 1 to \(longestKey) visible characters of ASCII, such as a UUID")
        }
        let request = ClaimRequest(
            pool: ResourceID(.warmPool, pool), holder: try holder(fields), labels: try labels(fields),
            ttl: try fields.duration("ttl", in: ttl), wait: try fields.duration("wait", in: wait) ?? .zero,
            environment: try environment(fields), files: try files(fields), limits: try limits(fields),
            idempotencyKey: key)
        let size =
            request.environment.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count }
            + request.files.reduce(0) { $0 + $1.name.utf8.count + $1.bytes.count }
        guard size <= ClaimRequest.largestContent else {
            throw Refusal(
                .badRequest,
                "'env' and 'files' have \(size) bytes together and may have \(ClaimRequest.largestContent)")
        }
        return request
    }

    /// What `POST /v1/claims/{id}/renew` takes; nil has the claim last as long as before.
    static func renewal(_ bytes: ByteBuffer) throws(Refusal) -> Duration? {
        try BodyFields(bytes, ["ttl"], example: #"{"ttl": "30m"}"#).duration("ttl", in: ttl)
    }

    private static func isKey(_ key: String) -> Bool {
        (1...longestKey).contains(key.utf8.count) && key.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }

    private static func holder(_ fields: BodyFields) throws(Refusal) -> String {
        let right = "who has the claim, in one line of up to \(longestHolder) bytes"
        guard let holder = try fields.text("holder") else {
            throw Refusal(.badRequest, "'holder' is missing; it is \(right)")
        }
        guard isLine(holder, upTo: longestHolder), !holder.allSatisfy(\.isWhitespace) else {
            throw fields.wrong("holder", right, shown: holder)
        }
        return holder
    }

    private static func isLine(_ text: String, upTo most: Int) -> Bool {
        text.utf8.count <= most && PlainText.isOneLine(text)
    }

    private static func labels(_ fields: BodyFields) throws(Refusal) -> [String: String] {
        guard let members = try fields.members("labels") else { return [:] }
        guard members.count <= mostLabels else { throw fields.wrong("labels", "at most \(mostLabels) labels") }
        var labels: [String: String] = [:]
        for (key, value) in members.sorted(by: { $0.key < $1.key }) {
            guard TextRule.labelKey.allows(key) else {
                throw Refusal(.badRequest, "the label \(Diagnostic.quote(key)) must be \(TextRule.labelKey.expected)")
            }
            guard case .string(let text) = value, isLine(text, upTo: longestLabel) else {
                throw fields.wrong("labels.\(key)", "one line of up to \(longestLabel) bytes")
            }
            labels[key] = text
        }
        return labels
    }

    private static func environment(_ fields: BodyFields) throws(Refusal) -> [String: String] {
        guard let members = try fields.members("env") else { return [:] }
        guard members.count <= mostEntries else { throw fields.wrong("env", "at most \(mostEntries) variables") }
        var environment: [String: String] = [:]
        for (name, value) in members.sorted(by: { $0.key < $1.key }) {
            guard TextRule.environmentName.allows(name) else {
                throw Refusal(
                    .badRequest, "the variable \(Diagnostic.quote(name)) must be \(TextRule.environmentName.expected)")
            }
            guard case .string(let text) = value, !text.utf8.contains(0) else {
                throw fields.wrong("env.\(name)", "a string without a zero byte")
            }
            environment[name] = text
        }
        return environment
    }

    private static func files(_ fields: BodyFields) throws(Refusal) -> [ClaimRequest.File] {
        guard let members = try fields.members("files") else { return [] }
        guard members.count <= mostEntries else { throw fields.wrong("files", "at most \(mostEntries) files") }
        var files: [ClaimRequest.File] = []
        for (name, value) in members.sorted(by: { $0.key < $1.key }) {
            guard isFileName(name) else {
                throw Refusal(
                    .badRequest,
                    "the file \(Diagnostic.quote(name)) must be a plain name of up to 255 characters of A-Z, a-z, "
                        + "0-9, '.', '_' and '-'")
            }
            files.append(ClaimRequest.File(name: name, bytes: try content(value, of: name, fields)))
        }
        return files
    }

    static func isFileName(_ name: String) -> Bool {
        (1...255).contains(name.utf8.count) && name != "." && name != ".."
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }

    private static func content(
        _ value: BodyValue, of name: String, _ fields: BodyFields
    ) throws(Refusal) -> [UInt8] {
        if case .string(let text) = value { return Array(text.utf8) }
        guard case .object(let members) = value, members.count == 1, case .string(let text)? = members["base64"],
            let data = Data(base64Encoded: text)
        else { throw fields.wrong("files.\(name)", #"a string, or {"base64": "..."} with padding"#) }
        return Array(data)
    }

    private static func limits(_ fields: BodyFields) throws(Refusal) -> ClaimLimits? {
        guard let limits = try fields.part("limits", limitNames) else { return nil }
        let amounts = ClaimLimits(
            nanoCPUs: try limits.quantity("cpus", "CPUs such as 2, 1.5 or 500m") { text throws(QuantityError) in
                try CPUQuantity.parse(text).nanoCPUs
            },
            memory: try limits.quantity("memory", "bytes such as 512Mi") { text throws(QuantityError) in
                try ByteQuantity.parse(text).bytes
            },
            pids: try limits.quantity("pids", "a number of processes") { text throws(QuantityError) in
                guard let count = Int64(text) else { throw QuantityError(problem: "no unit and no fraction") }
                return count
            })
        return amounts == ClaimLimits() ? nil : amounts
    }
}
