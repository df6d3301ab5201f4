import HTTPTypes
import Specs

/// What the API can be asked and answers, as an OpenAPI 3.1 document: served at `/openapi.json`, and in `docs/openapi.json`.
///
/// The paths are those of `Endpoint.all`; what a test sees of a running server must be in it, and the other way round.
package enum OpenAPIDocument {
    package static let text = document.text + "\n"

    static let document: JSON = [
        "openapi": "3.1.0",
        "info": [
            "title": "reconcile", "version": "1",
            "summary": "The daemon of one host: what it knows, and what it can be told.",
            "description": .string(
                """
                On the daemon's Unix socket whoever may write to it may ask everything. On TCP a bearer token has a \
                role: viewer, user, operator or admin. Within version 1 fields are only ever added.
                """),
            "license": ["name": "Apache-2.0", "identifier": "Apache-2.0"],
        ],
        "servers": [
            ["url": "http://localhost", "description": "By way of the Unix socket, or of api.listen."]
        ],
        "security": [.object([]), ["bearer": []]],
        "paths": paths,
        "components": [
            "securitySchemes": [
                "bearer": [
                    "type": "http", "scheme": "bearer",
                    "description": "A token of api.tokenFile. Not needed on the Unix socket.",
                ]
            ],
            "schemas": APISchemas.all,
        ],
    ]

    private static var paths: JSON {
        var members: [JSON.Member] = []
        for endpoint in Endpoint.all {
            let operation = JSON.Member(
                endpoint.method.rawValue.lowercased(), Operation(endpoint).document)
            if let index = members.firstIndex(where: { $0.key == endpoint.path }),
                case .object(let others) = members[index].value
            {
                members[index].value = .object(others + [operation])
            } else {
                members.append(JSON.Member(endpoint.path, .object([operation])))
            }
        }
        return .object(members)
    }
}
