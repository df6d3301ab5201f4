import ArgumentParser
import Foundation
import Glibc
import Specs

extension ReconcileCommand {
    /// Runs what the words of the command line ask for; ends the process where they ask for help or are refused.
    ///
    /// - Parameter words: without the name of the program.
    package static func run(_ words: [String]) async {
        do {
            var command = try await asyncParseAsRoot(words)
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            guard let addition = CommandHint.text(after: message(for: error), words, exitCode(for: error)) else {
                exit(withError: error)
            }
            let text = Data("\(fullMessage(for: error))\n\(addition)\n".utf8)
            let code = exitCode(for: error)
            (code == .success ? FileHandle.standardOutput : .standardError).write(text)
            Glibc.exit(code.rawValue)
        }
    }
}

/// What the parser of command lines does not say by itself.
enum CommandHint {
    /// What others call what is an option or another command here.
    private static let synonyms = [
        "apply": "--once", "cordon": "drain", "diff": "--dry-run", "list": "get", "ls": "get", "plan": "--dry-run",
        "ps": "get", "show": "describe", "undo": "rollout undo", "version": "--version",
    ]

    /// Options of the whole program with a value or without, as they are written.
    private static var programOptions: [String] {
        // The program describes itself, which is always read.
        let arguments = (try? CommandTree.program.arguments) ?? []
        return arguments.flatMap { $0.names ?? [] }.filter { $0.kind == "long" }.map { "--" + $0.name }
    }

    /// - Returns: nil where there is nothing to add.
    static func text(after message: String, _ words: [String], _ code: ExitCode) -> String? {
        let commands = ReconcileCommand.configuration.subcommands.compactMap { $0.configuration.commandName }
        if code == .success {
            return words.first.map(commands.contains) == true && (words.contains("--help") || words.contains("-h"))
                ? "Options of the whole program, such as --state-dir, --docker-host and --output, may stand behind any\n"
                    + "command; 'reconcile --help' lists them."
                : nil
        }
        if let option = message.wholeMatch(of: /Unknown option '(--[^']+)'/)?.1 {
            return NearestName.find(String(option), among: programOptions).map {
                "Options of the whole program may stand behind any command; did you mean '\($0)'?"
            }
        }
        // What nobody takes, the first of several: words that follow belong to it.
        guard let word = message.prefixMatch(of: /(?:Unexpected argument|\d+ unexpected arguments:) '([^'-][^']*)'/)?.1,
            !words.prefix(while: { $0 != word }).contains(where: commands.contains)
        else { return nil }
        // Whoever has said what is to be done is led to nothing else.
        let isSaid = words.contains("--dry-run") || words.contains("--once")
        let meant = (isSaid ? nil : synonyms[word.lowercased()]) ?? NearestName.find(String(word), among: commands)
        return meant.map { "There is no command '\(word)'; did you mean 'reconcile \($0)'?" }
    }
}
