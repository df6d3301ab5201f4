/// An engine's refusal: its status, its words, and what we had asked.
package struct DockerError: Error, Hashable, Sendable {
    package var status: Int
    /// One line, as the engine wrote it.
    package var message: String
    /// Whether the request may have changed something.
    package var isWrite: Bool
    /// The endpoint, such as `POST /containers/create`.
    package var place: String

    package init(status: Int, message: String, isWrite: Bool, place: String) {
        self.status = status
        self.message = message
        self.isWrite = isWrite
        self.place = place
    }
}
