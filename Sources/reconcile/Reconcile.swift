import ArgumentParser
import ReconcileCLI

/// The program. Everything that it does is in the commands.
@main
enum Reconcile {
    static func main() async { await ReconcileCommand.main() }
}
