import CGit2
import Reconciler

/// Why the child has no revision to give, and whether the mirror may be to blame.
struct FetchFailure: ObjectReadFailure {
    var error: SourceError
    var mirrorMayBeBroken = false

    init(_ error: SourceError) {
        self.error = error
    }
}

/// An error of libgit2, read on the thread that met it.
struct GitError: Hashable, Sendable {
    var code: Int32
    var category: UInt32
    var message: String

    static func last(_ code: Int32) -> GitError {
        guard let error = git_error_last() else { return GitError(code: code, category: 0, message: "error \(code)") }
        let message = error.pointee.message.map { String(cString: $0) } ?? "error \(code)"
        return GitError(code: code, category: UInt32(bitPattern: error.pointee.klass), message: message)
    }
}

extension FetchFailure {
    /// What was going on when libgit2 failed; the same error means something else in each.
    enum Stage: Hashable, Sendable {
        /// Only the mirror is touched.
        case opening
        /// Only the server.
        case connecting
        /// Only the folder behind a `file:` address.
        case openingOrigin
        /// Both.
        case downloading
        /// Only the mirror, which is complete by now.
        case reading
    }

    /// - Parameter isFresh: whether this process made the mirror, so that its disk can hardly be to blame.
    init(_ error: GitError, during stage: Stage, isFresh: Bool) {
        let code = Self.code(of: error, during: stage, isFresh: isFresh)
        self.error = SourceError(code, Self.prefix(code) + error.message)
        mirrorMayBeBroken = !isFresh && Self.concernsMirror(error, during: stage)
    }

    private static func code(of error: GitError, during stage: Stage, isFresh: Bool) -> SourceError.Code {
        switch error.code {
        case GIT_EAUTH.rawValue: return .unauthorized
        case GIT_ECERTIFICATE.rawValue: return .untrustedServer
        default: break
        }
        switch git_error_t(error.category) {
        case GIT_ERROR_NOMEMORY: return .limitExceeded
        case GIT_ERROR_HTTP: return httpCode(error.message)
        case GIT_ERROR_SSL: return error.message.contains("certificate") ? .untrustedServer : .unreachable
        // What sshd's git says on its standard error before it hangs up.
        case GIT_ERROR_SSH where error.code == GIT_EEOF.rawValue: return .repositoryNotFound
        // A key that is broken, or locked with a passphrase, is only found out when it is used.
        case GIT_ERROR_SSH where error.message.contains("authenticate"): return .unauthorized
        case GIT_ERROR_NET, GIT_ERROR_SSH: return .unreachable
        default: break
        }
        switch stage {
        case .connecting: return error.code == GIT_ENOTFOUND.rawValue ? .repositoryNotFound : .unreachable
        case .openingOrigin: return .repositoryNotFound
        case .opening: return .mirrorBroken
        case .downloading: return isFresh ? .unreachable : .mirrorBroken
        case .reading: return isFresh ? .hostileTree : .mirrorBroken
        }
    }

    /// libgit2 puts the status into its text and nowhere else.
    private static func httpCode(_ message: String) -> SourceError.Code {
        switch message.suffix(4) {
        case " 401", " 403": .unauthorized
        case " 404", " 410": .repositoryNotFound
        default: .unreachable
        }
    }

    private static func concernsMirror(_ error: GitError, during stage: Stage) -> Bool {
        switch stage {
        case .opening, .reading: true
        case .connecting, .openingOrigin: false
        case .downloading:
            switch git_error_t(error.category) {
            case GIT_ERROR_NET, GIT_ERROR_SSL, GIT_ERROR_SSH, GIT_ERROR_HTTP, GIT_ERROR_NOMEMORY, GIT_ERROR_CALLBACK:
                false
            default: true
            }
        }
    }

    private static func prefix(_ code: SourceError.Code) -> String {
        switch code {
        case .unreachable: "the server cannot be reached or does not speak git: "
        case .unauthorized: "the server does not let us in: "
        case .untrustedServer: "the server is not the one that we trust: "
        case .repositoryNotFound: "there is no such repository: "
        case .mirrorBroken: "the mirror cannot be used: "
        case .hostileTree: "the commit cannot be read: "
        case .limitExceeded: "the fetch needs more than it may: "
        default: ""
        }
    }
}
