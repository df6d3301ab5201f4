/// A named volume.
package struct VolumeDetails: Decodable, Sendable {
    package var name: String
    package var labels: [String: String]?

    private enum CodingKeys: String, CodingKey {
        case name = "Name"
        case labels = "Labels"
    }
}

/// The answer of `GET /volumes`.
package struct VolumeList: Decodable, Sendable {
    package var volumes: [VolumeDetails]?

    private enum CodingKeys: String, CodingKey { case volumes = "Volumes" }
}

/// The body of `POST /volumes/create`.
package struct VolumeCreation: Encodable, Sendable {
    var name: String
    var labels: [String: String]

    private enum CodingKeys: String, CodingKey {
        case name = "Name"
        case labels = "Labels"
    }
}
