/// How far a pull has come, from the lines of its progress.
package struct PullMeter: Hashable, Sendable {
    private struct Layer: Hashable {
        var received: Int64 = 0
        var total: Int64 = 0
    }

    private var layers: [String: Layer] = [:]

    package init() {}

    /// Bytes that were received so far.
    package var received: Int64 { layers.values.reduce(0) { $0 + $1.received } }
    /// Bytes of all layers whose size is known by now.
    package var total: Int64 { layers.values.reduce(0) { $0 + $1.total } }

    /// Takes in one line; the many lines that tell nothing about bytes received change nothing.
    package mutating func add(_ line: PullProgress) {
        guard let id = line.id else { return }
        switch line.status {
        case "Downloading":
            layers[id] = Layer(received: line.progressDetail?.current ?? 0, total: line.progressDetail?.total ?? 0)
        case "Download complete": if let layer = layers[id] { layers[id]?.received = layer.total }
        default: break
        }
    }
}
