import API
import ArgumentParser
import Reconciler
import Specs

/// A command that looks at what the running daemon knows, and changes nothing.
protocol DaemonQuestion: AsyncParsableCommand {
    /// `--state-dir`, `--config` and `--output` are the program's own options, whichever command they stand behind.
    var program: ReconcileCommand { get }

    /// Asks and prints.
    func ask(_ client: DaemonClient, _ format: PlainFormat) async throws
}

extension DaemonQuestion {
    func run() async throws {
        if program.dryRun || program.once {
            throw ValidationError("this asks a running daemon; it goes with neither --dry-run nor --once")
        }
        let format = try PlainFormat(program.output)
        do {
            try await ask(DaemonClient(socketPath: try EffectiveSettings.socket(program.host)), format)
        } catch let code as ExitCode {
            throw code
        } catch {
            Terminal.complain("error: \(error)")
            throw ExitStatus.error
        }
    }
}

/// The exit codes of all commands that only ask.
let questionExitCodes = """
    EXIT CODES
      0 the daemon answered, 1 it did not or refused,
      64 a command line that cannot be understood
    """

/// A kind, or one object: `Workload`, `workloads`, `Workload/web`.
struct ObjectWord: Hashable {
    var kind: ResourceKind
    /// nil is all of the kind.
    var name: String?

    /// The object; nil where the word is a kind alone.
    var id: ResourceID? { name.map { ResourceID(kind, $0) } }

    /// - Parameter text: the kind in any case, alone also in the plural.
    /// - Throws: `ValidationError` that says what would be right.
    static func parse(argument text: String) throws -> ObjectWord {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map { String($0) }
        guard let kind = kind(parts[0]) else {
            let kinds = ResourceKind.allCases.map(\.rawValue)
            let hint =
                NearestName.hint(for: parts[0], among: kinds) ?? "kinds are \(Diagnostic.list(kinds, word: "and"))"
            throw ValidationError("there is no kind \(Diagnostic.quote(parts[0])); \(hint)")
        }
        guard parts.count == 2 else { return ObjectWord(kind: kind) }
        guard !parts[1].isEmpty, !parts[1].contains("/") else {
            let object = parts[1].split(separator: "/").first.map { "\(kind.rawValue)/\($0)" }
            let meant = object.map { "; \($0) is the object" } ?? ", such as Workload/web"
            throw ValidationError("'\(text)' must be KIND or KIND/NAME\(meant)")
        }
        return ObjectWord(kind: kind, name: parts[1])
    }

    private static func kind(_ word: String) -> ResourceKind? {
        let word = word.lowercased()
        return ResourceKind.allCases.first { kind in
            let name = kind.rawValue.lowercased()
            return word == name || word == name + "s" || word == name.dropLast() + "ies"
        }
    }
}
