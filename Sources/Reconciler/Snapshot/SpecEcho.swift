import Crypto
import Specs

/// Stands in a snapshot for a digest of something that specs say: which revision says the same.
///
///     "@0"             as the first of the snapshot's revisions says
///     "c41f9d27aa05"   as none of them says; equal ones of one snapshot are of equal digests
///
/// The second form is a digest of the digest and of random bytes that are thrown away, so that it can be compared within its
/// snapshot and with nothing else: nobody can try values on it.
package struct SpecEcho: Codable, Hashable, Sendable {
    package enum Meaning: Hashable, Sendable {
        /// The place of a revision.
        case revision(Int)
        case unknown(String)
    }

    package var meaning: Meaning

    package init(_ meaning: Meaning) { self.meaning = meaning }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard text.hasPrefix("@") else {
            meaning = .unknown(text)
            return
        }
        guard let place = Int(text.dropFirst()), place >= 0 else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "'\(text)' names no revision")
        }
        meaning = .revision(place)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch meaning {
        case .revision(let place): try container.encode("@\(place)")
        case .unknown(let text): try container.encode(text)
        }
    }
}

/// Of what a container was made, as a snapshot says it.
package struct TemplateEcho: Codable, Hashable, Sendable {
    /// The revision that says just this of its object; nil where none does, and the fields follow one by one.
    package var like: SpecEcho?
    /// The version of the hash.
    package var version: String?
    /// Digests of fields whose values are no secret.
    package var fields: [String: String]?
    /// Of all others.
    package var values: [String: SpecEcho]?
}

/// Writes echoes: knows what the revisions say that a host has the files of.
struct EchoWriter {
    /// In the order of their places.
    let states: [DesiredState]
    /// Thrown away with this value.
    let salt: [UInt8]

    /// Fields of a template whose digests may be known: they say what stands in every plan anyway, or a number. All others,
    /// and those of tomorrow, may hold what somebody would rather keep.
    private static let open: Set = [
        "healthCheck.interval", "healthCheck.retries", "healthCheck.startPeriod", "healthCheck.timeout", "image",
        "network", "ports", "publish", "nameServer", "claimFolder", "stopTimeout", "user",
    ]
    private static let openPrefixes = ["resources.", Confinement.fieldPrefix]

    func echo(of digest: String, _ says: (DesiredState) -> String?) -> SpecEcho {
        if let place = states.firstIndex(where: { says($0) == digest }) { return SpecEcho(.revision(place)) }
        var hash = SHA256()
        hash.update(data: salt)
        hash.update(data: Array(digest.utf8))
        return SpecEcho(.unknown(Hexadecimal.text(hash.finalize().prefix(6))))
    }

    func template(of label: String, _ object: ResourceID) -> TemplateEcho {
        if let place = states.firstIndex(where: { $0.objects[object]?.recreateLabel == label }) {
            return TemplateEcho(like: SpecEcho(.revision(place)))
        }
        let hash = RecreateHash(label: label)
        var echo = TemplateEcho(version: hash.version, fields: [:], values: [:])
        for (field, digest) in hash.fields {
            if Self.open.contains(field) || Self.openPrefixes.contains(where: { field.hasPrefix($0) }) {
                echo.fields?[field] = digest
            } else {
                echo.values?[field] = self.echo(of: digest) { state in
                    let said = state.objects[object]?.recreateHash
                    return said?.version == hash.version ? said?.fields[field] : nil
                }
            }
        }
        return echo
    }
}

/// Reads echoes: has the revisions that they name, as far as they could be found.
struct EchoReader {
    /// By places; nil where a revision could not be read.
    let states: [DesiredState?]
    /// What stands in for a revision that could not be read: then nothing counts as changed.
    let substitute: DesiredState

    func digest(of echo: SpecEcho, _ says: (DesiredState) -> String?) -> String {
        switch echo.meaning {
        case .unknown(let text): return text
        case .revision(let place):
            let state = states.indices.contains(place) ? states[place] ?? substitute : substitute
            return says(state) ?? ""
        }
    }

    /// - Parameter image: what the container was made of, which is known in any case.
    func label(of echo: TemplateEcho, _ object: ResourceID, image: String) -> String {
        if let like = echo.like {
            if case .revision(let place) = like.meaning, states.indices.contains(place), states[place] == nil,
                let known = substitute.objects[object], known.container.template.image != image
            {
                var hash = known.recreateHash
                hash.fields["image"] = "unknown"
                return hash.description
            }
            return digest(of: like) { $0.objects[object]?.recreateLabel }
        }
        var hash = RecreateHash(label: echo.version ?? "")
        hash.fields = echo.fields ?? [:]
        for (field, value) in echo.values ?? [:] {
            hash.fields[field] = digest(of: value) { $0.objects[object]?.recreateHash.fields[field] }
        }
        return hash.description
    }
}
