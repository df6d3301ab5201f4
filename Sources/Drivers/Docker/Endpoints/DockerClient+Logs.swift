import FoundationEssentials
import Reconciler
package import Specs

/// Which lines of a container's log are wanted.
package struct LogWindow: Hashable, Sendable {
    /// The newest so many; nil is all.
    package var tail: Int?
    /// Only from this second on.
    package var since: Instant?
    /// Goes on with what is written, until the container ends.
    package var follows = false

    package init(tail: Int? = nil, since: Instant? = nil, follows: Bool = false) {
        self.tail = tail
        self.since = since
        self.follows = follows
    }
}

/// How far the log of a container was read.
struct LogPosition: Hashable, Sendable {
    /// Of the last line; nil before the first one.
    var time: OutputTime?
    /// Lines of that time that were read.
    var count = 0

    mutating func pass(_ line: OutputLine) {
        guard let time = line.time else { return }
        count = time == self.time ? count + 1 : 1
        self.time = time
    }
}

extension DockerClient {
    /// What a container wrote, line by line; the lines of one stream keep their order.
    ///
    /// - Parameter position: only what came after it; the rest of the window then says nothing.
    /// - Throws: `.notFound` when the container is gone, and the engine's word where its logs cannot be read.
    func log(
        of id: String, _ window: LogWindow, after position: LogPosition = LogPosition()
    ) async throws(DriverError) -> ContainerLog {
        let place = "GET \(Self.path(id))/logs"
        guard let details = try await container(id) else {
            throw DriverError(.terminal, .notFound, "the container is gone", at: place)
        }
        var query: [(name: String, value: String)] = [("stdout", "1"), ("stderr", "1"), ("timestamps", "1")]
        if window.follows { query.append(("follow", "1")) }
        if let time = position.time {
            query.append(("since", time.since))
        } else {
            if let since = window.since { query.append(("since", String(since.secondsSince1970))) }
            if let tail = window.tail { query.append(("tail", String(tail))) }
        }
        let target = RequestTarget("\(Self.path(id))/logs", query: query, version: try await negotiatedVersion())
        let request = ReadRequest(target, deadline: deadlines.read)
        let stream = try await onSession { () async throws(DriverError) in try await transport.stream(request) }
        try await check(stream, isWrite: false, place: place)
        return ContainerLog(
            stream: stream, isTerminal: details.config?.hasTerminal ?? false, after: position, place: place)
    }
}

/// The lines of one container's log. Whoever drops the iterator closes the connection.
struct ContainerLog: AsyncSequence {
    let stream: DockerStream
    let isTerminal: Bool
    let after: LogPosition
    let place: String

    func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(
            chunks: stream.chunks.makeAsyncIterator(), reader: OutputReader(isTerminal: isTerminal), after: after,
            place: place)
    }

    struct AsyncIterator: AsyncIteratorProtocol {
        private var chunks: BodyChunks.AsyncIterator
        private var reader: OutputReader
        /// What the engine sends again: it knows where to begin, and not after which line of that time.
        private var again: LogPosition
        private let place: String
        private var ready: ArraySlice<OutputLine> = []
        private var isOver = false

        init(
            chunks: BodyChunks.AsyncIterator, reader: OutputReader, after: LogPosition, place: String
        ) {
            self.chunks = chunks
            self.reader = reader
            again = after
            self.place = place
        }

        mutating func next() async throws -> OutputLine? {
            while true {
                if let line = ready.popFirst() {
                    if again.count > 0, line.time == again.time {
                        again.count -= 1
                        continue
                    }
                    return line
                }
                if isOver { return nil }
                ready = try await more()[...]
            }
        }

        private mutating func more() async throws -> [OutputLine] {
            do {
                if let chunk = try await chunks.next() { return try reader.lines(adding: chunk) }
            } catch let error as DriverError {
                throw error
            } catch {
                throw DriverError(TransportFailure(error), isWrite: false, place: place)
            }
            isOver = true
            return reader.remainder()
        }
    }
}
