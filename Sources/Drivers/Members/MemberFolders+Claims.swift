package import Reconciler

// Whose a member is.

/// What came of making a claim file.
enum ClaimTaking: Hashable {
    /// It is this claim's, from now on or already.
    case ours
    /// Another claim was first; nil where its file cannot be read.
    case theirs(ClaimID?)
    /// The member has no folder.
    case missing
}

extension MemberFolders {
    /// Makes the claim file of a member, which only one claim can ever do; for the same claim it is written again.
    func take(_ name: String, for claim: Claim) throws(DriverError) -> ClaimTaking {
        guard ClaimContent.isPlain(name) else { return .missing }
        let bytes = try ClaimJSON.encode(claim)
        do throws(FileError) {
            let folder = try OpenFolder("\(path)/\(name)")
            if try folder.write(bytes, to: ClaimFolder.claimFile, mode: 0o600, replacing: false) {
                bringToDisk(folder.path)
                return .ours
            }
            let found = try folder.read(ClaimFolder.claimFile, atMost: Self.largestClaim) ?? []
            if found == bytes { return .ours }
            guard let holder = ClaimJSON.decode(Claim.self, from: found) else { return .theirs(nil) }
            guard holder.id == claim.id else { return .theirs(holder.id) }
            try folder.write(bytes, to: ClaimFolder.claimFile, mode: 0o600)
            bringToDisk(folder.path)
            return .ours
        } catch {
            if error.isMissing { return .missing }
            throw DriverError(error)
        }
    }

    private func bringToDisk(_ folder: String) {
        if waitsForDisk {
            DiskSync.now(ClaimFolder.claimFile, in: folder)
        } else {
            disk.soon(ClaimFolder.claimFile, in: folder)
        }
    }

    /// Writes down what has become of a claim since: on the disk, and for the member itself.
    ///
    /// - Returns: false where the member is not this claim's.
    package func rewrite(_ name: String, for claim: Claim) throws(DriverError) -> Bool {
        guard try holder(of: name)?.id == claim.id, try take(name, for: claim) == .ours else { return false }
        guard let shared = shared(name) else { return false }
        let shown = try ClaimJSON.encode(ShownClaim(claim))
        do throws(FileError) {
            try OpenFolder(shared).write(shown, to: ClaimFolder.claimFile, mode: 0o444)
            return true
        } catch {
            throw DriverError(error)
        }
    }

    /// Whose a member is by its file; nil where nobody has it, or the file cannot be read.
    func holder(of name: String) throws(DriverError) -> Claim? {
        guard ClaimContent.isPlain(name) else { return nil }
        do throws(FileError) {
            let bytes = try OpenFolder("\(path)/\(name)").read(ClaimFolder.claimFile, atMost: Self.largestClaim)
            return bytes.flatMap { ClaimJSON.decode(Claim.self, from: $0) }
        } catch {
            if error.isMissing { return nil }
            throw DriverError(error)
        }
    }

    /// All claims that have a file, in the order of their containers' names.
    ///
    /// A file that cannot be read is left out: nobody gets its member, since the file is there.
    package func claims() throws(DriverError) -> [Claim] {
        var claims: [Claim] = []
        for name in try all() {
            if let claim = try holder(of: name) { claims.append(claim) }
        }
        return claims
    }
}
