/// `GET /images/{name}/json`, as far as we look.
package struct ImageDetails: Decodable, Sendable {
    package var id: String

    private enum CodingKeys: String, CodingKey { case id = "Id" }
}

/// One entry of `GET /images/json`, as far as we look.
struct ImageSummary: Decodable, Sendable {
    var id: String
    var tags: [String]?
    var digests: [String]?

    private enum CodingKeys: String, CodingKey {
        case id = "Id"
        case tags = "RepoTags"
        case digests = "RepoDigests"
    }
}

/// One line of a pull's progress; the line with an error is the failure, whatever the status was.
package struct PullProgress: Decodable, Sendable {
    package var error: String?
    /// The layer that the line is about.
    package var id: String?
    package var status: String?
    package var progressDetail: Detail?

    package struct Detail: Decodable, Sendable {
        /// Bytes.
        package var current: Int64?
        package var total: Int64?
    }
}
