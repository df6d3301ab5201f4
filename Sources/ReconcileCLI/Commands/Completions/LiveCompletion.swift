import API
import ArgumentParser
import Reconciler
import Specs

/// Words that only the running daemon knows. Whoever presses TAB hears of no error and waits for three seconds at most.
struct LiveCompletion {
    private static let patience = Duration.seconds(3)

    /// Of the command line so far, as the shell has them.
    let words: [String]

    func candidates(_ ask: @escaping @Sendable (DaemonClient) async throws -> [String]) async -> [String] {
        // What cannot be asked for is not offered.
        guard let socket = try? EffectiveSettings.socket(try HostOptions.parse(options)) else { return [] }
        return await withTaskGroup(of: [String].self) { group in
            group.addTask { (try? await ask(DaemonClient(socketPath: socket))) ?? [] }
            group.addTask {
                // A cancelled sleep ends as one that is over.
                try? await Task.sleep(for: Self.patience)
                return []
            }
            defer { group.cancelAll() }
            return await group.next() ?? []
        }
    }

    /// Those options that say where the daemon listens; they are the program's own, whichever command they stand behind.
    var options: [String] {
        var found: [String] = []
        for (word, next) in zip(words, words.dropFirst() + [""]) {
            let name = word.prefix { $0 != "=" }
            guard ["--state-dir", "--config", "--set"].contains(name) else { continue }
            let value = name.count < word.count ? String(word.dropFirst(name.count + 1)) : next
            found += [String(name), Self.unquoted(value)]
        }
        return found
    }

    /// Shells hand words over with their quotes.
    private static func unquoted(_ word: String) -> String {
        guard word.count >= 2, let mark = word.first, mark == "\"" || mark == "'", word.last == mark else {
            return word
        }
        return String(word.dropFirst().dropLast())
    }
}

extension CompletionKind {
    /// `KIND/NAME`.
    static var objects: CompletionKind {
        live { client, _ in try await client.objects(nil).items.map(\.id.description) }
    }

    /// Kinds, and `KIND/NAME`.
    static var kindsAndObjects: CompletionKind {
        live(also: ResourceKind.allCases.map(\.rawValue)) { client, _ in
            try await client.objects(nil).items.map(\.id.description)
        }
    }

    /// Formats that the command on the line can print.
    static var formats: CompletionKind {
        .custom { @Sendable (line: [String], _: Int, prefix: String) -> [String] in
            OutputFormat.known(to: line).map(\.rawValue).filter { $0.hasPrefix(prefix) }
        }
    }

    /// `KIND/NAME`, and the members of one once its name is complete.
    static var objectsAndMembers: CompletionKind {
        live { client, prefix in
            let parts = prefix.split(separator: "/", omittingEmptySubsequences: false)
            guard parts.count == 3, let id = ResourceID("\(parts[0])/\(parts[1])") else {
                return try await client.objects(nil).items.map(\.id.description)
            }
            return try await client.object(id).members.map { "\(id)/\($0.slot)" }
        }
    }

    /// Names of objects of one kind.
    static func names(of kind: ResourceKind) -> CompletionKind {
        live { client, _ in try await client.objects(kind).items.map(\.id.name) }
    }

    /// Claims that are not over.
    static var openClaims: CompletionKind {
        live { client, _ in try await client.claims(["phase": "open"]).items.map(\.id) }
    }

    /// - Parameter words: are offered without a daemon as well.
    private static func live(
        also words: [String] = [], _ ask: @escaping @Sendable (DaemonClient, String) async throws -> [String]
    ) -> CompletionKind {
        .custom { @Sendable (line: [String], _: Int, prefix: String) async -> [String] in
            let found = await LiveCompletion(words: line).candidates { try await ask($0, prefix) }
            // zsh filters by itself, and the others do not mind.
            return (words + found).filter { $0.hasPrefix(prefix) }
        }
    }
}
