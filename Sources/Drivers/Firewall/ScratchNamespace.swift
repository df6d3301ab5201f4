import Reconciler

/// An empty network namespace for one call: rules that are loaded there meet no packets, and are listed by the same
/// program that lists the real ones.
///
/// One of a user namespace of its own where the kernel allows that, so that no privilege is needed; else one that root
/// makes.
actor ScratchNamespace {
    private static let ways = [["unshare", "--user", "--map-root-user", "--net"], ["unshare", "--net"]]

    private let command: FirewallCommand
    private var way: [String]?

    init(_ command: FirewallCommand) { self.command = command }

    /// Runs a constant script, whose `$1` is a word of ours, on a text.
    ///
    /// - Returns: nil where no namespace can be had, or the script failed in it.
    func run(_ script: String, _ word: String, input: String) async -> String? {
        for way in way.map({ [$0] }) ?? Self.ways {
            do throws(DriverError) {
                let output = try await command.run(way + ["sh", "-ec", script, "sh", word], input: input)
                guard output.isSuccess else { continue }
                self.way = way
                return output.text
            } catch {
                // No `unshare`: then nothing can be compared, and the caller says so.
                return nil
            }
        }
        return nil
    }
}
