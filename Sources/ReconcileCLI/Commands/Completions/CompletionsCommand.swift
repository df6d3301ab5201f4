import ArgumentParser

/// Prints what has a shell complete command lines of the program.
struct CompletionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "completions",
        abstract: "Print the completion script of a shell.",
        discussion: """
            Commands and options are completed from the script, and names of objects, pools and claims by asking the running \
            daemon; without one nothing is offered, and nothing is said.

            EXAMPLES
              reconcile completions bash >/etc/bash_completion.d/reconcile
              reconcile completions zsh >/usr/local/share/zsh/site-functions/_reconcile
              reconcile completions fish >/etc/fish/completions/reconcile.fish

            EXIT CODES
              0 printed, 64 a command line that cannot be understood
            """)

    @Argument(help: "The shell.")
    var shell: Shell

    enum Shell: String, ExpressibleByArgument, CaseIterable {
        case bash, zsh, fish

        var completion: CompletionShell {
            switch self {
            case .bash: .bash
            case .zsh: .zsh
            case .fish: .fish
            }
        }
    }

    func run() { Terminal.print(ReconcileCommand.completionScript(for: shell.completion)) }
}
