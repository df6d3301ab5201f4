import ArgumentParser
import Testing

@testable import ReconcileCLI

/// The help of every command, as a teacher.
struct HelpTests {
    struct Command: Sendable, CustomTestStringConvertible {
        /// Below the program's own name.
        var path: [String]
        var help: String
        var hasSubcommands: Bool

        var testDescription: String { (["reconcile"] + path).joined(separator: " ") }

        /// The lines of the section of this name.
        func section(_ name: String) -> [String] {
            let lines = help.split(separator: "\n", omittingEmptySubsequences: false).map { String($0) }
            guard let start = lines.firstIndex(where: { $0.hasSuffix(name) && !$0.hasPrefix("   ") }) else { return [] }
            return Array(lines[(start + 1)...].prefix { !$0.allSatisfy(\.isWhitespace) })
        }

        /// All that people see.
        static let all = commands(of: ReconcileCommand.self, at: [])

        private static func commands(of type: any ParsableCommand.Type, at path: [String]) -> [Command] {
            let configuration = type.configuration
            if !configuration.shouldDisplay { return [] }
            let help = ReconcileCommand.helpMessage(for: type, columns: 300)
            return [Command(path: path, help: help, hasSubcommands: !configuration.subcommands.isEmpty)]
                + configuration.subcommands.flatMap {
                    commands(of: $0, at: path + [$0.configuration.commandName ?? ""])
                }
        }
    }

    @Test("every command has examples, and each of them is a command line of this very command", arguments: Command.all)
    func examples(_ command: Command) throws {
        let examples = command.section("EXAMPLES")
        #expect(!examples.isEmpty, "\(command.help)")
        for example in examples {
            let words = try Self.words(of: example)
            #expect(words.starts(with: ["reconcile"] + command.path), "\(example)")
            // What it throws says what is wrong with it.
            _ = try ReconcileCommand.parseAsRoot(Array(words.dropFirst()))
        }
    }

    @Test("every command that does something has its exit codes", arguments: Command.all)
    func exitCodes(_ command: Command) {
        // What only has others says it there.
        if command.hasSubcommands && !command.path.isEmpty { return }
        #expect(!command.section("EXIT CODES").isEmpty, "\(command.help)")
    }

    @Test("there are commands at all")
    func commands() { #expect(Command.all.count > 40) }

    /// The words of the program's part of a line of a shell: without what stands before it in a pipe and behind it.
    private static func words(of line: String) throws -> [String] {
        var words: [String] = []
        var word = ""
        var isWord = false
        var quote: Character?
        func end() {
            if isWord { words.append(word) }
            (word, isWord) = ("", false)
        }
        loop: for character in line {
            switch (character, quote) {
            case (_, let open?):
                if character == open { quote = nil } else { word.append(character) }
            case ("\"", nil), ("'", nil):
                quote = character
                isWord = true
            case (" ", nil): end()
            case ("|", nil), (">", nil):
                end()
                if words.first == "reconcile" { break loop }
                words = []
            default:
                word.append(character)
                isWord = true
            }
        }
        end()
        try #require(quote == nil, "an open quote in \(line)")
        return words
    }
}
