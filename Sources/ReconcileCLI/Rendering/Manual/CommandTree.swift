import ArgumentParser
import Foundation

/// What the parser of arguments knows of the commands, as it tells tools (`--experimental-dump-help`).
struct CommandTree: Decodable {
    struct Name: Decodable {
        var kind: String
        var name: String
    }

    struct Argument: Decodable {
        var kind: String
        var names: [Name]?
        var valueName: String?
        var abstract: String?
        var discussion: String?
        var defaultValue: String?
        var allValues: [String]?
        var isOptional: Bool
        var isRepeating: Bool
        var shouldDisplay: Bool
    }

    var commandName: String
    var superCommands: [String]?
    var abstract: String?
    var discussion: String?
    var arguments: [Argument]?
    var subcommands: [CommandTree]?
    var shouldDisplay: Bool

    private struct Dump: Decodable {
        var command: CommandTree
    }

    /// Of the whole program.
    static var program: CommandTree {
        get throws {
            try JSONDecoder().decode(Dump.self, from: Data(ReconcileCommand._dumpHelp().utf8)).command
        }
    }

    /// Such as `reconcile rollout undo`.
    var path: String { ((superCommands ?? []) + [commandName]).joined(separator: " ") }

    /// Those that people see, and not what every command has.
    var ownArguments: [Argument] {
        (arguments ?? []).filter { argument in
            argument.shouldDisplay && !(argument.names ?? []).contains { ["help", "version"].contains($0.name) }
        }
    }

    var visibleSubcommands: [CommandTree] {
        (subcommands ?? []).filter { $0.shouldDisplay && $0.commandName != "help" }
    }
}
