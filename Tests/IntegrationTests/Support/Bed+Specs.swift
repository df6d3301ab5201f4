import FoundationEssentials
import ReconcileTesting

extension Bed {
    /// Replaces all spec files of the bed, and adds the pool that they run on.
    func write(_ documents: String...) throws {
        // The first time there is nothing to remove.
        try? FileManager.default.removeItem(atPath: specsDirectory)
        try folder.write("specs/pool.yaml", pool())
        for (index, text) in documents.enumerated() { try folder.write("specs/object\(index).yaml", text) }
    }

    /// - Parameter isShared: a pool that may span several hosts, which holds whatever is new in it.
    func pool(isShared: Bool = false) -> String {
        """
        apiVersion: reconcile.dev/v1
        kind: HostPool
        metadata: {name: \(name)}
        spec:
          hosts: {matchLabels: {bed: \(name)}}
          scope: \(isShared ? "shared" : "perHost")

        """
    }

    /// Sleeps, and ends at once when it is asked to: `sleep` alone, as the first process, would not hear SIGTERM.
    static let sleeping = #"[sh, -c, "trap 'exit 0' TERM; sleep 1000000 & wait"]"#

    /// A Workload called `<bed>-<short>` of containers that sleep.
    ///
    /// - Parameter template: further lines of the template, without indent.
    func workload(
        _ short: String, replicas: Int = 1, image: String = "busybox:local", command: String? = nil,
        pullPolicy: String = "Never", template: String = ""
    ) -> String {
        object("Workload", short, "replicas: \(replicas)", image, command, pullPolicy, template)
    }

    /// A WarmPool called `<bed>-<short>` of containers that sleep.
    func warmPool(
        _ short: String, size: Int = 1, image: String = "busybox:local", command: String? = nil, template: String = ""
    ) -> String {
        object("WarmPool", short, "size: \(size)", image, command, "Never", template)
    }

    private func object(
        _ kind: String, _ short: String, _ count: String, _ image: String, _ command: String?, _ pullPolicy: String,
        _ template: String
    ) -> String {
        let lines = template.split(separator: "\n").map { "    \($0)\n" }.joined()
        return """
            apiVersion: reconcile.dev/v1
            kind: \(kind)
            metadata: {name: \(name)-\(short)}
            spec:
              hostPool: \(name)
              \(count)
              template:
                image: \(image)
                pullPolicy: \(pullPolicy)
                command: \(command ?? Self.sleeping)
                stopTimeout: 0s

            """ + lines
    }
}
