import FoundationEssentials

/// What Docker's configuration file says about signing in to registries.
///
/// Reads `config.json` in `$DOCKER_CONFIG` or `~/.docker` anew for every pull, so that a sign-in takes effect at once.
/// Credential helpers are not supported yet: images they guard are pulled without a sign-in, and `note` says why
/// that failed.
package struct RegistryCredentials: Sendable {
    package struct Answer: Sendable {
        /// The value of the `X-Registry-Auth` header. A secret: never part of a message.
        package var header: String?
        /// What a person should know when the pull is refused.
        package var note: String?
    }

    private let path: String?

    /// nil pulls everything without a sign-in.
    package init(path: String?) { self.path = path }

    /// Where the docker command keeps its sign-ins.
    package static func ofUser(environment: [String: String]) -> RegistryCredentials {
        let directory = environment["DOCKER_CONFIG"] ?? environment["HOME"].map { $0 + "/.docker" }
        return RegistryCredentials(path: directory.map { $0 + "/config.json" })
    }

    package func answer(for image: ImageReference) -> Answer {
        // No file is the usual case: images that everyone may pull.
        guard let path, let data = try? Data(contentsOf: URL(filePath: path)) else { return Answer() }
        guard let file = try? JSONDecoder().decode(ConfigFile.self, from: data) else {
            return Answer(note: "'\(path)' is not a Docker configuration file")
        }
        return file.answer(registry: image.registry, path: path)
    }
}

private struct ConfigFile: Decodable {
    struct Entry: Decodable {
        var auth: String?
        var identitytoken: String?
    }

    var auths: [String: Entry]?
    var credHelpers: [String: String]?
    var credsStore: String?

    func answer(registry: String, path: String) -> RegistryCredentials.Answer {
        if let entry = auths?[registry] ?? auths?["https://" + registry], let header = entry.header(for: registry) {
            return .init(header: header)
        }
        if credHelpers?[registry] != nil || credsStore != nil {
            let note = "'\(path)' names a credential helper, which is not supported yet: it needs an entry in 'auths'"
            return .init(note: note)
        }
        return .init()
    }
}

extension ConfigFile.Entry {
    /// The JSON that the engine wants, in the URL-safe alphabet with padding, as Go's `base64.URLEncoding` writes it.
    fileprivate func header(for registry: String) -> String? {
        struct Login: Encodable {
            var username: String?
            var password: String?
            var identitytoken: String?
            var serveraddress: String
        }
        var login = Login(serveraddress: registry)
        if let identitytoken, !identitytoken.isEmpty {
            login.identitytoken = identitytoken
        } else {
            guard let auth, let decoded = Data(base64Encoded: auth) else { return nil }
            let pair = String(decoding: decoded, as: UTF8.self).split(separator: ":", maxSplits: 1)
            guard pair.count == 2 else { return nil }
            login.username = String(pair[0])
            login.password = String(pair[1])
        }
        // Strings always encode.
        guard let json = try? JSONEncoder().encode(login) else { return nil }
        return String(json.base64EncodedString().map { $0 == "+" ? "-" : $0 == "/" ? "_" : $0 })
    }
}
