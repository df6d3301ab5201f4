import ArgumentParser
import Glibc
import ReconcileCLI

/// The program. Everything that it does is in the commands.
@main
enum Reconcile {
    static func main() async {
        // First, and past the parser of command lines, which would take longer than all that a child does when nothing is
        // new. Nothing of ours waits for the end of the process, and what the libraries would clean up goes with it.
        if let child = ChildCommand(arguments: CommandLine.arguments) { _exit(child.run()) }
        await ReconcileCommand.run(Array(CommandLine.arguments.dropFirst()))
    }
}
