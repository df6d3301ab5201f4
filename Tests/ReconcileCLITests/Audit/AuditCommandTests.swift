import ArgumentParser
import Foundation
import ReconcileTesting
import Reconciler
import Specs
import Storage
import Testing

@testable import ReconcileCLI

@Suite("Reading and checking the audit log")
struct AuditCommandTests {
    private static func moment(_ minute: Int) -> Instant {
        Instant(secondsSince1970: 1_790_000_000 + Int64(minute) * 60)
    }

    private static let entries: [AuditEntry] = [
        AuditEntry(time: moment(0), actor: "git", action: "accept-revision", object: "1a2b3c4d5e", detail: "first"),
        AuditEntry(
            time: moment(1), actor: "reconcile", action: "create-container", object: "Workload/web/0",
            detail: "missing",
            revision: "1a2b3c4d5e"),
        AuditEntry(
            time: moment(2), actor: "reconcile", action: "create-container-done", object: "Workload/web/0",
            revision: "1a2b3c4d5e"),
        AuditEntry(
            time: moment(3), actor: "alice", action: "pause", object: "Workload/web", detail: "moving \u{1B}[2J it"),
        AuditEntry(
            time: moment(4), actor: "reconcile", action: "remove-container", object: "Workload/old/1", detail: "prune",
            revision: "ffff3c4d5e"),
        AuditEntry(time: moment(5), actor: "bob", action: "resume", object: "Workload/web"),
    ]

    /// A log of several files, as a daemon leaves it.
    private func withLog(_ body: (ScratchFolder, String) async throws -> Void) async throws {
        try await ScratchFolder.with { folder in
            let path = folder.path + "/audit.jsonl"
            var limits = AuditLog.Limits()
            limits.fileBytes = 700
            let log = try AuditLog(path: path, now: Self.moment(0), limits: limits)
            for entry in Self.entries { try log.append([entry]) }
            #expect(try Self.files(folder).count > 1)
            try await body(folder, path)
        }
    }

    private static func files(_ folder: ScratchFolder) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasPrefix("audit") }.sorted()
    }

    struct Asked: Sendable, CustomTestStringConvertible {
        let words: [String]
        /// Numbers of the lines that are printed.
        let numbers: [Int]

        var testDescription: String { words.joined(separator: " ") }

        static let all = [
            Asked(words: [], numbers: [1, 2, 3, 4, 5, 6]), Asked(words: ["--actor", "alice"], numbers: [4]),
            Asked(words: ["--action", "create-container"], numbers: [2]),
            Asked(words: ["--action", "create-*"], numbers: [2, 3]),
            Asked(words: ["--object", "Workload/web*", "--actor", "reconcile"], numbers: [2, 3]),
            Asked(words: ["--object", "Workload/web"], numbers: [4, 6]),
            Asked(words: ["--revision", "1A2B3C4"], numbers: [2, 3]), Asked(words: ["--last", "2"], numbers: [5, 6]),
            Asked(words: ["--last", "1", "--object", "Workload/web"], numbers: [6]),
            Asked(words: ["--all"], numbers: [1, 2, 3, 4, 5, 6]),
            Asked(words: ["--since", "\(moment(3))"], numbers: [4, 5, 6]),
            Asked(words: ["--since", "\(moment(1))", "--until", "\(moment(2))"], numbers: [2, 3]),
            Asked(words: ["--actor", "nobody"], numbers: []),
        ]
    }

    @Test("what is asked for is printed, over all files, oldest first", arguments: Asked.all)
    func lists(_ c: Asked) async throws {
        try await withLog { _, path in
            let ending = try await Program().run(["audit", "--file", path, "-o", "json"] + c.words)
            #expect(ending.exitCode == 0, "\(ending)")
            struct Document: Decodable {
                struct Entry: Decodable {
                    var seq: Int
                    var file: String
                    var line: Int
                }

                var entries: [Entry]
            }
            let document = try JSONDecoder().decode(Document.self, from: Data(ending.output.utf8))
            #expect(document.entries.map(\.seq) == c.numbers)
            #expect(document.entries.allSatisfy { $0.file.hasPrefix(path.dropLast(6)) && $0.line >= 1 })
        }
    }

    @Test("the table is for people, and nothing in it steers the terminal")
    func table() async throws {
        try await withLog { _, path in
            let ending = try await Program().run(["audit", "list", "--file", path, "--last", "3"])
            #expect(ending.output.hasPrefix("SEQ  TIME"), "\(ending)")
            #expect(ending.output.contains("alice      pause"))
            #expect(!ending.output.contains("\u{1B}"))
            #expect(ending.output.contains("the newest 3 of 6; --all shows all"))
        }
    }

    @Test("a log as it was written passes, and its head can be kept elsewhere and expected")
    func whole() async throws {
        try await withLog { _, path in
            let ending = try await Program().run(["audit", "verify", "--file", path])
            #expect(ending.exitCode == 0, "\(ending)")
            #expect(ending.output.hasPrefix("as it was written, lines: 6\nhead: 6:"))
            let head = try #require(ending.output.split(separator: "\n").last?.dropFirst(6))
            let expecting = try await Program().run(["audit", "verify", "--file", path, "--expect", String(head)])
            #expect(expecting.exitCode == 0)
            // Taken away from the very end: only the head that was kept tells.
            let last = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").dropLast()
            try Data((last.joined(separator: "\n") + (last.isEmpty ? "" : "\n")).utf8).write(to: URL(filePath: path))
            #expect(try await Program().run(["audit", "verify", "--file", path]).exitCode == 0)
            let cut = try await Program().run(["audit", "verify", "--file", path, "--expect", String(head)])
            #expect(cut.exitCode == 6, "\(cut)")
            #expect(cut.output.contains("removed: "))
        }
    }

    @Test("the first line that was altered is named with its file, in every file of the log")
    func altered() async throws {
        try await withLog { folder, path in
            for name in try Self.files(folder) {
                let file = folder.path + "/" + name
                let original = try String(contentsOfFile: file, encoding: .utf8)
                let lines = original.split(separator: "\n")
                for index in lines.indices {
                    var changed = lines.map(String.init)
                    changed[index] = changed[index].replacing("\"actor\":\"", with: "\"actor\":\"m")
                    try Data((changed.joined(separator: "\n") + "\n").utf8).write(to: URL(filePath: file))
                    let ending = try await Program().run(["audit", "verify", "--file", path])
                    #expect(ending.exitCode == 6)
                    #expect(ending.output.hasPrefix("\(file):\(index + 1): altered: "), "\(ending)")
                }
                try Data(original.utf8).write(to: URL(filePath: file))
            }
            #expect(try await Program().run(["audit", "verify", "--file", path]).exitCode == 0)
        }
    }

    @Test("a whole file that is gone from between two others is missed")
    func missingFile() async throws {
        try await withLog { folder, path in
            let aside = try Self.files(folder).filter { $0 != "audit.jsonl" }
            try #require(aside.count >= 2)
            try FileManager.default.removeItem(atPath: folder.path + "/" + aside[1])
            let ending = try await Program().run(["audit", "verify", "--file", path, "-o", "json"])
            #expect(ending.exitCode == 6)
            #expect(ending.output.contains("\"kind\": \"removed\""), "\(ending)")
        }
    }

    @Test("lines that cannot be read are told, and the others are printed")
    func unreadable() async throws {
        try await withLog { _, path in
            let text = try String(contentsOfFile: path, encoding: .utf8)
            try Data(("nonsense\n" + text).utf8).write(to: URL(filePath: path))
            let ending = try await Program().run(["audit", "--file", path])
            #expect(ending.exitCode == 0)
            #expect(ending.errors.contains("lines that cannot be read: 1, the first at \(path):1"), "\(ending)")
            #expect(ending.output.contains("resume"))
        }
    }

    @Test("without a log there is an error, and none is made")
    func noLog() async throws {
        try await ScratchFolder.with { folder in
            for words in [["audit"], ["audit", "verify"]] {
                let ending = try await Program().run(words + ["--state-dir", folder.path + "/state"])
                #expect(ending.exitCode == 1, "\(ending)")
                #expect(ending.errors.contains("audit log '\(folder.path)/state/audit.jsonl'"))
            }
            #expect(!FileManager.default.fileExists(atPath: folder.path + "/state"))
        }
    }

    @Test(
        "what is mistyped is refused with what would be right",
        arguments: [
            (["audit", "--since", "yesterday"], "'yesterday' must be a moment such as 2026-11-21T16:00:00Z"),
            (["audit", "--last", "0"], "--last '0' must be 1 or more"),
            (["audit", "--last", "3", "--all"], "--last and --all exclude each other"),
            (["audit", "--revision", "main"], "--revision 'main' must be a commit id"),
            (["audit", "verify", "--expect", "7"], "'7' must be a line's number, ':' and 64 hexadecimal digits"),
        ])
    func mistakes(words: [String], message: String) {
        let error = #expect(throws: (any Error).self) { try ReconcileCommand.parseAsRoot(words) }
        guard let error else { return }
        #expect(ReconcileCommand.message(for: error).contains(message))
        #expect(ReconcileCommand.exitCode(for: error) == .validationFailure)
    }

    @Test("so long ago is counted from now")
    func ago() throws {
        let now = Instant(secondsSince1970: 10_000)
        #expect(try AuditMoment.parse("1h30m").instant(now: now) == Instant(secondsSince1970: 4_600))
    }
}
