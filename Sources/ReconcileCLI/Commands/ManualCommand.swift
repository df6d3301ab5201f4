import ArgumentParser

/// Prints the manual page of the program.
struct ManualCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "manual",
        abstract: "Print the manual page, reconcile(1), in the language of man(1).",
        discussion: """
            It is made of the help of all commands, and says the same.

            EXAMPLES
              reconcile manual | man -l -
              reconcile manual >/usr/local/share/man/man1/reconcile.1

            EXIT CODES
              0 printed, 64 a command line that cannot be understood
            """)

    func run() throws { Terminal.print(try ManualPage.text) }
}
