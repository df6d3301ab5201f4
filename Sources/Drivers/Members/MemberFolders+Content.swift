import Glibc
import Reconciler

// What a member finds in its claim folder.

extension MemberFolders {
    private static let environment = "env"
    private static let environmentAsJSON = "env.json"

    /// Has a member find its claim, and what came with it. The claim comes last: who waits for its file has everything.
    ///
    /// - Throws: `.badRequest` for content that cannot be, `.notFound` where what it should take over is gone.
    func show(_ binding: ClaimBinding, to name: String) throws(DriverError) {
        guard let shared = shared(name) else { throw Self.gone("the claim folder of '\(name)'") }
        let content = try content(of: binding, for: name)
        try content?.check()
        let variables = try content?.json()
        let claim = try ClaimJSON.encode(ShownClaim(binding.claim))
        do throws(FileError) {
            let folder = try OpenFolder(shared)
            if let content, let variables {
                try folder.write(Array(content.shellText.utf8), to: Self.environment, mode: 0o444)
                try folder.write(variables, to: Self.environmentAsJSON, mode: 0o444)
                try folder.makeFolder(Self.files, mode: 0o755)
                let files = try folder.folder(Self.files)
                for file in content.files { try files.write(file.bytes, to: file.name, mode: 0o444) }
            }
            try folder.write(claim, to: ClaimFolder.claimFile, mode: 0o444)
        } catch {
            throw DriverError(error)
        }
    }

    /// nil where it took over everything already: what it takes over may be gone by now.
    private func content(of binding: ClaimBinding, for name: String) throws(DriverError) -> ClaimContent? {
        guard let heir = binding.heir else {
            return ClaimContent(environment: binding.environment, files: binding.files)
        }
        if try shown(to: name) == binding.claim.id { return nil }
        let isEmpty = binding.claim.environment.isEmpty && binding.claim.files.isEmpty
        if isEmpty { return ClaimContent(environment: [:], files: []) }
        guard try shown(to: heir) == binding.claim.id, let content = try content(shownTo: heir) else {
            throw Self.gone("what came with claim '\(binding.claim.id)' for '\(heir)'")
        }
        return content
    }

    /// The claim that a member was told of.
    private func shown(to name: String) throws(DriverError) -> ClaimID? {
        guard let bytes = try read(ClaimFolder.claimFile, of: name, atMost: Self.largestClaim) else { return nil }
        return ClaimJSON.decode(ShownClaim.self, from: bytes)?.id
    }

    private func content(shownTo name: String) throws(DriverError) -> ClaimContent? {
        let limit = 2 * ClaimRequest.largestContent
        guard let variables = try read(Self.environmentAsJSON, of: name, atMost: limit),
            let environment = ClaimJSON.decode([String: String].self, from: variables), let shared = shared(name)
        else { return nil }
        var content = ClaimContent(environment: environment, files: [])
        do throws(FileError) {
            let files = try OpenFolder(shared).folder(Self.files)
            for file in try files.names() {
                let bytes = try files.read(file, atMost: ClaimRequest.largestContent) ?? []
                content.files.append(ClaimRequest.File(name: file, bytes: bytes))
            }
        } catch {
            if !error.isMissing { throw DriverError(error) }
        }
        return content
    }

    private func read(_ file: String, of name: String, atMost limit: Int) throws(DriverError) -> [UInt8]? {
        guard let shared = shared(name) else { return nil }
        do throws(FileError) {
            return try OpenFolder(shared).read(file, atMost: limit)
        } catch {
            if error.isMissing { return nil }
            throw DriverError(error)
        }
    }

    private static func gone(_ what: String) -> DriverError {
        DriverError(.terminal, .notFound, "\(what) is gone", at: "a binding")
    }
}
