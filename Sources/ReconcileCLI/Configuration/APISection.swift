import API
import Specs
import Storage

/// Where the API listens besides the usual socket, and whom it lets in.
struct APISection: Sendable {
    var socket: String?
    var socketGroup: String?
    var listen: ListenAddress?
    var certificateFile: String?
    var privateKeyFile: String?
    var tokenFile: String?
    var webhookSecretFile: String?

    /// - Parameter socket: where it is, by the section and the state directory.
    func settings(socket: String) -> APISettings {
        var settings = APISettings(socketPath: socket)
        settings.socketGroup = socketGroup
        settings.listen = listen
        settings.certificateFile = certificateFile
        settings.privateKeyFile = privateKeyFile
        settings.tokenFile = tokenFile
        settings.webhookSecretFile = webhookSecretFile
        return settings
    }
}

extension APISection {
    static let settings: [Setting<APISection>] = [
        Setting(
            "socket", \.socket, .string(.path), "The Unix socket of the API, at most 107 bytes.",
            whenLeftOut: "reconcile.sock in the state directory"),
        Setting(
            "socketGroup", \.socketGroup, .string(.word), "The group that may use the socket besides its owner.",
            whenLeftOut: "that of the process"),
        Setting(
            "listen", \.listen, .listenAddress, "An address for TCP besides the socket: docs/api.md.",
            whenLeftOut: "none"),
        Setting("certificateFile", \.certificateFile, .string(.path), "Certificate for TCP, in PEM."),
        Setting("privateKeyFile", \.privateKeyFile, .string(.path), "Key of the certificate, in PEM."),
        Setting("tokenFile", \.tokenFile, .string(.path), "Who may come by TCP, with which role."),
        Setting(
            "webhookSecretFile", \.webhookSecretFile, .string(.path),
            "The secret that webhooks are signed with, one a line while it is being changed.",
            whenLeftOut: "no webhooks"),
    ]
}

extension ValueType where Value == ListenAddress {
    fileprivate static var listenAddress: Self {
        .text("an address with a port", example: "127.0.0.1:9400") { text throws(InvalidText) in
            do throws(APISettingsError) {
                return try ListenAddress(text)
            } catch {
                throw InvalidText(error.description)
            }
        }
    }
}

extension LoadedConfiguration {
    /// - Throws: `UsageError` for what can be found wrong without opening anything, so that a reload refuses what the next
    ///   start would.
    func requireAPISettings() throws(UsageError) {
        do throws(APISettingsError) {
            try values.api.settings(socket: socketPath).check()
        } catch {
            throw UsageError(error.description)
        }
    }

    /// Where the daemon listens. Who names another state directory than the file does means another daemon, which listens
    /// in that.
    var socketPath: String {
        let usual = StateDirectory.socket(in: values.stateDirectory)
        guard let socket = values.api.socket else { return usual }
        let (named, directory) = (origins["api.socket"] ?? .standard, origins["stateDirectory"] ?? .standard)
        let isAnother = values.stateDirectory != fileValues.stateDirectory
        return isAnother && directory.rank > named.rank ? usual : socket
    }
}

extension SettingOrigin {
    /// The order of the layers.
    fileprivate var rank: Int {
        switch self {
        case .standard: 0
        case .file: 1
        case .variable: 2
        case .flag: 3
        }
    }
}
