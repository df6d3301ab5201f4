/// How long calls to the engine may take, head and body together.
package struct DockerDeadlines: Sendable {
    /// A read of one object, 0.2 ms on an idle engine.
    package var read: Duration
    /// A list, and the engine's facts.
    package var list: Duration
    /// A write that changes a record: rename, update, remove.
    package var write: Duration
    /// A create or a start: seconds on an engine that starts many at once.
    package var start: Duration
    /// What a stop may take beyond the container's own timeout.
    package var stopMargin: Duration
    /// A pull of an image, from the first byte to the last.
    package var pull: Duration
    /// Between two reports of a pull's progress; no deadline.
    package var pullReport: Duration

    package init(
        read: Duration = .seconds(10), list: Duration = .seconds(30), write: Duration = .seconds(30),
        start: Duration = .seconds(60), stopMargin: Duration = .seconds(15), pull: Duration = .seconds(15 * 60),
        pullReport: Duration = .seconds(10)
    ) {
        self.read = read
        self.list = list
        self.write = write
        self.start = start
        self.stopMargin = stopMargin
        self.pull = pull
        self.pullReport = pullReport
    }
}
