import Logging
import NIOCore
import NIOSSL

/// The certificate and the key that the API shows over TCP, of files that may change while the daemon runs.
///
/// A connection is made with what the files say when it begins; connections that there are stay.
struct ServerCertificate: Sendable {
    private struct Pair: Sendable {
        var chain: [NIOSSLCertificateSource]
        var key: NIOSSLPrivateKeySource

        var configuration: TLSConfiguration {
            var configuration = TLSConfiguration.makeServerConfiguration(certificateChain: chain, privateKey: key)
            configuration.minimumTLSVersion = .tlsv12
            return configuration
        }
    }

    private let files: WatchedFile<Pair>

    /// - Returns: nil where the settings name none.
    /// - Throws: `APISettingsError` when they cannot be read, do not belong together, or others may read the key.
    init?(_ settings: APISettings, logger: Logger) throws(APISettingsError) {
        guard let certificate = settings.certificateFile, let key = settings.privateKeyFile else { return nil }
        files = try WatchedFile([certificate, key], event: "api.certificate", whenGone: nil, logger: logger) {
            () throws(APISettingsError) in try Self.read(certificate, key)
        }
    }

    private static func read(_ certificate: String, _ key: String) throws(APISettingsError) -> Pair {
        let secret = try HostFile.text(key, of: "the TLS key", isSecret: true)
        let chain = try HostFile.text(certificate, of: "the TLS certificate", isSecret: false)
        do {
            let pair = Pair(
                chain: try NIOSSLCertificate.fromPEMBytes(Array(chain.utf8)).map { .certificate($0) },
                key: .privateKey(try NIOSSLPrivateKey(bytes: Array(secret.utf8), format: .pem)))
            // Whether the two belong together is seen now, and not at the first connection.
            _ = try NIOSSLContext(configuration: pair.configuration)
            return pair
        } catch {
            throw APISettingsError(
                "api.certificateFile '\(certificate)' and api.privateKeyFile '\(key)' cannot be used: \(error)")
        }
    }

    /// How a server listens.
    var configuration: TLSConfiguration {
        var configuration = files.value.configuration
        configuration.sslContextCallback = { _, promise in
            var override = NIOSSLContextConfigurationOverride.noChanges
            let pair = files.value
            (override.certificateChain, override.privateKey) = (pair.chain, pair.key)
            promise.succeed(override)
        }
        return configuration
    }
}
