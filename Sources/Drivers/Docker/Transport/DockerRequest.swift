package import FoundationEssentials
import Specs

/// Where a request goes: the version, the path and the query.
package struct RequestTarget: Sendable {
    /// nil only for `/_ping` and `/version`, which every engine answers in every version.
    package var version: APIVersion?
    /// Encoded already; begins with a slash.
    package var path: String
    /// Not encoded yet.
    package var query: [(name: String, value: String)]

    package init(_ path: String, query: [(name: String, value: String)] = [], version: APIVersion? = nil) {
        self.version = version
        self.path = path
        self.query = query
    }

    /// The request line's target, such as `/v1.41/containers/json?all=1`.
    package var uri: String {
        let prefix = version.map { "/v\($0)" } ?? ""
        if query.isEmpty { return prefix + path }
        let pairs = query.map { "\($0.name)=\(PercentEncoding.encoded($0.value))" }
        return prefix + path + "?" + pairs.joined(separator: "&")
    }
}

/// A request that cannot change anything.
package struct ReadRequest: Sendable {
    package enum Method: String, Sendable {
        case get = "GET"
        case head = "HEAD"
    }

    package var method: Method
    package var target: RequestTarget
    /// Bytes; a longer body is an error.
    package var bodyLimit: Int
    /// For the head and the body together.
    package var deadline: Duration

    package init(
        _ target: RequestTarget, method: Method = .get, bodyLimit: Int = BodyLimit.single, deadline: Duration
    ) {
        self.method = method
        self.target = target
        self.bodyLimit = bodyLimit
        self.deadline = deadline
    }
}

/// A request that may change something.
package struct WriteRequest: Sendable {
    package enum Method: String, Sendable {
        case post = "POST"
        case put = "PUT"
        case delete = "DELETE"
    }

    package var method: Method
    package var target: RequestTarget
    /// May hold secrets; never part of a message.
    package var headers: [(name: String, value: String)]
    /// JSON. May hold secrets; never part of a message.
    package var body: Data?
    /// Bytes; a longer answer is an error.
    package var bodyLimit: Int
    /// For the head and the body together.
    package var deadline: Duration

    package init(
        _ method: Method, _ target: RequestTarget, headers: [(name: String, value: String)] = [], body: Data? = nil,
        bodyLimit: Int = BodyLimit.single, deadline: Duration
    ) {
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
        self.bodyLimit = bodyLimit
        self.deadline = deadline
    }
}

/// How much of an answer is read, in bytes. An engine that sends more is broken or hostile.
package enum BodyLimit {
    /// A list of thousands of containers.
    package static let list = 64 << 20
    /// One object.
    package static let single = 8 << 20
    /// The message of an error.
    package static let error = 64 << 10
}
