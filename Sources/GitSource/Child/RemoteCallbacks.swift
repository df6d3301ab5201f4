import CGit2
import Reconciler

/// What libgit2 asks while it talks to a server: who we are, whether we trust it, whether to go on.
///
/// C callbacks cannot throw, so a refusal is kept here for whoever started the call.
final class RemoteCallbacks {
    private let url: RepositoryURL
    private let credentials: LoadedCredentials
    private let limits: GitLimits
    private var attempts = 0
    private(set) var refusal: SourceError?

    init(url: RepositoryURL, credentials: LoadedCredentials, limits: GitLimits) {
        self.url = url
        self.credentials = credentials
        self.limits = limits
    }

    /// The callbacks for libgit2; valid while this object is kept alive.
    func table() -> git_remote_callbacks {
        var table = git_remote_callbacks()
        git_remote_init_callbacks(&table, UInt32(GIT_REMOTE_CALLBACKS_VERSION))
        table.payload = Unmanaged.passUnretained(self).toOpaque()
        table.credentials = { output, _, _, allowed, payload in
            RemoteCallbacks.from(payload)?.provide(output, allowed: allowed) ?? GIT_EUSER.rawValue
        }
        table.certificate_check = { certificate, isValid, _, payload in
            RemoteCallbacks.from(payload)?.check(certificate, isValid: isValid != 0) ?? GIT_ECERTIFICATE.rawValue
        }
        table.transfer_progress = { progress, payload in
            guard let progress else { return GIT_EUSER.rawValue }
            return RemoteCallbacks.from(payload)?.watch(progress.pointee) ?? GIT_EUSER.rawValue
        }
        return table
    }

    private static func from(_ payload: UnsafeMutableRawPointer?) -> RemoteCallbacks? {
        payload.map { Unmanaged<RemoteCallbacks>.fromOpaque($0).takeUnretainedValue() }
    }

    private func refuse(_ code: SourceError.Code, _ message: String, as result: git_error_code) -> Int32 {
        if refusal == nil { refusal = SourceError(code, message) }
        return result.rawValue
    }

    /// Gives the key, once; a token was in the first request already. A server that asks again has refused it.
    private func provide(_ output: UnsafeMutablePointer<UnsafeMutablePointer<git_credential>?>?, allowed: UInt32)
        -> Int32
    {
        func offers(_ kind: git_credential_t) -> Bool { allowed & kind.rawValue != 0 }
        if url.scheme == .ssh && offers(GIT_CREDENTIAL_USERNAME) {
            return git_credential_username_new(output, url.user)
        }
        attempts += 1
        guard attempts == 1 else {
            // libssh2 1.10 signs with RSA and SHA-1 only, which current servers refuse.
            return refuse(
                .unauthorized,
                "the server refused our key: it must be let in there, and be of the kind ed25519 or ecdsa",
                as: GIT_EAUTH)
        }
        if url.scheme == .ssh, let key = credentials.privateKey, offers(GIT_CREDENTIAL_SSH_MEMORY) {
            return git_credential_ssh_key_memory_new(output, url.user, nil, key, nil)
        }
        if url.scheme != .ssh, credentials.token != nil {
            return refuse(.unauthorized, "the server refused our token", as: GIT_EAUTH)
        }
        let hint = url.scheme == .ssh ? "it takes no public keys" : "no token is configured"
        return refuse(.unauthorized, "the server asks who we are, and \(hint)", as: GIT_EAUTH)
    }

    private func check(_ certificate: UnsafeMutablePointer<git_cert>?, isValid: Bool) -> Int32 {
        guard let certificate else { return GIT_ECERTIFICATE.rawValue }
        guard certificate.pointee.cert_type == GIT_CERT_HOSTKEY_LIBSSH2 else {
            if isValid { return 0 }
            return refuse(
                .untrustedServer,
                "the certificate of '\(url.host)' is not valid: it must be signed by a known authority",
                as: GIT_ECERTIFICATE)
        }
        return certificate.withMemoryRebound(to: git_cert_hostkey.self, capacity: 1) { checkHostKey($0.pointee) }
    }

    private func checkHostKey(_ shown: git_cert_hostkey) -> Int32 {
        let knownHosts = KnownHosts(credentials.knownHosts ?? "")
        let verdict: KnownHosts.Verdict
        if shown.type.rawValue & GIT_CERT_SSH_RAW.rawValue != 0, let key = shown.hostkey {
            let bytes = UnsafeRawBufferPointer(start: key, count: shown.hostkey_len)
            verdict = knownHosts.verdict(host: url.host, port: url.port, key: Array(bytes))
        } else if shown.type.rawValue & GIT_CERT_SSH_SHA256.rawValue != 0 {
            let hash = withUnsafeBytes(of: shown.hash_sha256) { Array($0) }
            verdict = knownHosts.verdict(host: url.host, port: url.port, keySHA256: hash)
        } else {
            verdict = .unknown
        }
        switch verdict {
        case .trusted: return 0
        case .unknown:
            return refuse(.untrustedServer, "the known_hosts file has no key for '\(url.host)'", as: GIT_ECERTIFICATE)
        case .revoked: return refuse(.untrustedServer, "the host key of '\(url.host)' is revoked", as: GIT_ECERTIFICATE)
        case .changed:
            return refuse(
                .untrustedServer,
                "the host key of '\(url.host)' is not the one in the known_hosts file: it changed, or somebody is in between",
                as: GIT_ECERTIFICATE)
        }
    }

    private func watch(_ progress: git_indexer_progress) -> Int32 {
        guard progress.received_bytes <= limits.packBytes else {
            return refuse(.limitExceeded, "the server sends more than \(limits.packBytes) bytes", as: GIT_EUSER)
        }
        guard progress.total_objects <= limits.packObjects else {
            return refuse(
                .limitExceeded, "the server sends \(progress.total_objects) objects: \(limits.packObjects) are allowed",
                as: GIT_EUSER)
        }
        return 0
    }
}
