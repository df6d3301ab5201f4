/// A network, as lists and inspects show it.
package struct NetworkDetails: Decodable, Sendable {
    package struct AddressManagement: Decodable, Sendable {
        package struct Range: Decodable, Sendable {
            package var subnet: String?

            private enum CodingKeys: String, CodingKey { case subnet = "Subnet" }
        }

        package var ranges: [Range]?

        private enum CodingKeys: String, CodingKey { case ranges = "Config" }
    }

    package var id: String
    package var name: String
    package var driver: String?
    package var labels: [String: String]?
    package var options: [String: String]?
    package var addressManagement: AddressManagement?

    private enum CodingKeys: String, CodingKey {
        case id = "Id"
        case name = "Name"
        case driver = "Driver"
        case labels = "Labels"
        case options = "Options"
        case addressManagement = "IPAM"
    }
}

/// The body of `POST /networks/create`.
package struct NetworkCreation: Encodable, Sendable {
    package struct AddressManagement: Encodable, Sendable {
        package struct Range: Encodable, Sendable {
            var subnet: String

            private enum CodingKeys: String, CodingKey { case subnet = "Subnet" }
        }

        var driver = "default"
        var ranges: [Range]

        private enum CodingKeys: String, CodingKey {
            case driver = "Driver"
            case ranges = "Config"
        }
    }

    static let bridgeOption = "com.docker.network.bridge.name"

    var name: String
    var driver = "bridge"
    /// Otherwise engines before 25.0 make a second network of the same name.
    var refusesDuplicate = true
    var options: [String: String]
    var labels: [String: String]
    var addressManagement: AddressManagement

    private enum CodingKeys: String, CodingKey {
        case name = "Name"
        case driver = "Driver"
        case refusesDuplicate = "CheckDuplicate"
        case options = "Options"
        case labels = "Labels"
        case addressManagement = "IPAM"
    }
}

/// The answer to a create.
package struct NetworkCreated: Decodable, Sendable {
    package var id: String
    package var warning: String?

    private enum CodingKeys: String, CodingKey {
        case id = "Id"
        case warning = "Warning"
    }
}
