import Glibc

/// The file of the API's Unix socket, and who may use it.
struct SocketFile: Sendable {
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    let path: String
    /// nil leaves it to the group of the process.
    let group: gid_t?

    /// Lets the group in. Until then it is its owner's alone, by the mask that the process makes files with.
    ///
    /// - Throws: when that fails; then it is as closed as before.
    func open() throws(Failure) {
        // In this order: it must never be open to another group than the one that is meant.
        if let group, chown(path, uid_t.max, group) != 0 {
            throw failure("cannot be given to group \(group)")
        }
        if chmod(path, 0o660) != 0 { throw failure("cannot be opened to its group") }
    }

    private func failure(_ what: String) -> Failure {
        Failure(description: "the socket '\(path)' \(what): \(String(cString: strerror(errno)))")
    }
}
