/// The parts of an image reference `registry/name:tag@digest`, as Docker reads them.
package struct ImageReference: Hashable, Sendable {
    /// With the registry, without tag and digest.
    package var name: String
    package var tag: String?
    /// `sha256:…`
    package var digest: String?

    package init(_ text: String) {
        var rest = text[...]
        if let at = rest.firstIndex(of: "@") {
            digest = String(rest[rest.index(after: at)...])
            rest = rest[..<at]
        }
        // A colon before the last slash belongs to the registry's port.
        let lastPart = rest.lastIndex(of: "/").map { rest.index(after: $0) } ?? rest.startIndex
        if let colon = rest[lastPart...].lastIndex(of: ":") {
            tag = String(rest[rest.index(after: colon)...])
            rest = rest[..<colon]
        }
        name = String(rest)
    }

    /// What to ask the engine for: without a tag it would pull every tag that there is.
    package var tagOrDigest: String { digest ?? tag ?? "latest" }

    /// As Docker lists it: without what everybody means who says nothing, and with a tag.
    package var familiar: String { digest.map { "\(familiarName)@\($0)" } ?? "\(familiarName):\(tag ?? "latest")" }

    /// `docker.io/library/nginx` is `nginx`.
    package var familiarName: String {
        var name = name[...]
        for prefix in ["docker.io/", "index.docker.io/"] where name.hasPrefix(prefix) {
            name = name.dropFirst(prefix.count)
        }
        if name.hasPrefix("library/") && !name.dropFirst("library/".count).contains("/") {
            name = name.dropFirst("library/".count)
        }
        return String(name)
    }

    /// The key of the registry in Docker's configuration file.
    package var registry: String {
        let first = name.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        // Docker's rule: the first part is a host when it holds a dot or a port, or is `localhost`.
        guard first.count == 2, first[0].contains(where: { $0 == "." || $0 == ":" }) || first[0] == "localhost",
            first[0] != "docker.io", first[0] != "index.docker.io"
        else { return Self.dockerHub }
        return String(first[0])
    }

    package static let dockerHub = "https://index.docker.io/v1/"
}
