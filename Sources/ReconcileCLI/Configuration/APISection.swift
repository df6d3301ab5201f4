import API
import Specs

/// The section `api` of the host's configuration, as its file says it.
struct APISection: Sendable {
    var socket: String?
    var socketGroup: String?
    var listen: String?
    var certificateFile: String?
    var privateKeyFile: String?
    var tokenFile: String?
    var webhookSecretFile: String?

    init() {}

    init(_ field: Field) {
        let keys = [
            "socket", "socketGroup", "listen", "certificateFile", "privateKeyFile", "tokenFile", "webhookSecretFile",
        ]
        guard let fields = field.fields(keys) else { return }
        socket = fields["socket"]?.string()
        socketGroup = fields["socketGroup"]?.string()
        listen = fields["listen"]?.string()
        certificateFile = fields["certificateFile"]?.string()
        privateKeyFile = fields["privateKeyFile"]?.string()
        tokenFile = fields["tokenFile"]?.string()
        webhookSecretFile = fields["webhookSecretFile"]?.string()
    }

    /// - Parameter socket: where it is, by the section, the state directory and the flags.
    func settings(socket: String) throws(UsageError) -> APISettings {
        var settings = APISettings(socketPath: socket)
        do throws(APISettingsError) {
            settings.listen = if let listen { try ListenAddress(listen) } else { nil }
        } catch {
            throw UsageError(error.description)
        }
        settings.socketGroup = socketGroup
        settings.certificateFile = certificateFile
        settings.privateKeyFile = privateKeyFile
        settings.tokenFile = tokenFile
        settings.webhookSecretFile = webhookSecretFile
        return settings
    }
}
