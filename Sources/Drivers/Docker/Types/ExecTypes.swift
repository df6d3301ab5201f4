/// The body of `POST /containers/{id}/exec`.
package struct ExecCreation: Encodable, Sendable {
    var command: [String]
    var attachStdout = true
    var attachStderr = true

    private enum CodingKeys: String, CodingKey {
        case command = "Cmd"
        case attachStdout = "AttachStdout"
        case attachStderr = "AttachStderr"
    }
}

/// The answer to it.
package struct ExecCreated: Decodable, Sendable {
    package var id: String

    private enum CodingKeys: String, CodingKey { case id = "Id" }
}

/// The body of `POST /exec/{id}/start`.
package struct ExecStart: Encodable, Sendable {
    var detach = false
    var terminal = false

    private enum CodingKeys: String, CodingKey {
        case detach = "Detach"
        case terminal = "Tty"
    }
}

/// `GET /exec/{id}/json`, as far as we look.
package struct ExecDetails: Decodable, Sendable {
    package var isRunning: Bool
    /// null while it runs.
    package var exitCode: Int?
    /// Its process, as the engine counts.
    package var pid: Int32?

    private enum CodingKeys: String, CodingKey {
        case isRunning = "Running"
        case exitCode = "ExitCode"
        case pid = "Pid"
    }
}
