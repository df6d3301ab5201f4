import ArgumentParser
import Specs

/// Prints what is in force, and who said it.
struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Show the configuration in force, and where each value comes from.",
        discussion: """
            The configuration file, variables of the environment and flags are put on top of each other, in this order. A \
            variable is named after its setting: RECONCILE_SOURCE_INTERVAL is 'source.interval'. Flags that the daemon is \
            given are given here as well: reconcile config --owner team-a. Settings never hold a secret, only the name of \
            its file or variable.

            EXAMPLES
              reconcile config
              reconcile config --owner team-a -o json

            EXIT CODES
              0 printed, 1 the configuration is wrong, 64 a command line that cannot be understood
            """)

    /// Settings are the program's own options, whichever command they stand behind.
    @ParentCommand var program: ReconcileCommand

    @Flag(help: .private)
    var markdown = false

    func run() throws {
        let format = try PlainFormat(program.output)
        if markdown { return Terminal.print(ConfigurationPage.markdown) }
        do throws(UsageError) {
            let document = ConfigurationDocument(try LoadedConfiguration(program.flags))
            switch format {
            case .human: Terminal.print(document.text)
            case .json: Terminal.print(document.json.text)
            }
        } catch {
            Terminal.complain("error: \(error)")
            throw ExitStatus.error
        }
    }
}
