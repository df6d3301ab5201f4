import FoundationEssentials
import GitSource
import ReconcileTesting
import Reconciler
import Testing

/// The process that talks to the server is in the hands of whoever runs the server, and answers as they like.
@Suite("a fetch process that lies")
struct EvidenceTests {
    struct Lie: Sendable, CustomTestStringConvertible {
        let testDescription: String
        /// For `jq`, on the answer; `$old` is the first commit, in base64.
        let filter: String
        let names: String

        init(_ name: String, _ filter: String, _ names: String) {
            testDescription = name
            self.filter = filter
            self.names = names
        }

        static let all: [Lie] = [
            Lie(
                "another content", ".fetched._0.files[0].content = \"ZXZpbA==\"",
                "did not send 'a.yaml' of the signed commit"),
            Lie("a file less", ".fetched._0.files |= .[:1]", "did not send 'b.yaml'"),
            Lie("no trees", ".fetched._0.evidence.trees = []", "did not send the folder"),
            Lie("another tree", ".fetched._0.evidence.trees[0] = \"ZXZpbA==\"", "did not send the folder"),
            Lie("no evidence", "del(.fetched._0.evidence)", "sent no commit"),
            Lie("no commit", ".fetched._0.evidence.commit = \"\"", "a commit that is not one of git's"),
            Lie("a huge commit", ".fetched._0.evidence.commit = (\"AAAA\" * 400000)", "more than 1 MiB"),
            Lie("a huge tag", ".fetched._0.evidence.tag = (\"AAAA\" * 400000)", "more than 1 MiB"),
            Lie("a huge ancestor", ".fetched._0.evidence.history = [\"AAAA\" * 400000]", "more than 1 MiB"),
            Lie(
                "a tag that is on another commit", ".fetched._0.evidence.tag = $tag", "that is on another commit"),
        ]
    }

    /// A program that is `reconcile`, and bends what it answers to a fetch.
    private func liar(_ bench: TrustBench, _ filter: String, _ values: [String: String] = [:]) throws -> String {
        let arguments = values.map { "--arg \($0.key) '\($0.value)'" }.joined(separator: " ")
        let script = """
            #!/bin/sh
            PATH=/usr/bin:/bin
            if [ "$1" != fetch-mirror ]; then exec '\(BuiltProduct.reconcile)' "$@"; fi
            jq -c ".parent = $$" | '\(BuiltProduct.reconcile)' fetch-mirror | jq -c \(arguments) '\(filter)'
            """
        return try bench.folder.write("liar-\(UUID().uuidString)", script, mode: 0o700)
    }

    private func base64(_ bench: TrustBench, _ id: String, _ kind: String = "commit") async throws -> String {
        Data(try await bench.repository.text(of: id, kind).utf8).base64EncodedString()
    }

    @Test("is believed when it does not lie")
    func honest() async throws {
        try await TrustBench.with { bench in
            _ = try await bench.commit()
            let program = try liar(bench, ".")
            let snapshot = try await bench.source { $0.executable = program }.fetch(accepted: nil)
            #expect(snapshot.texts == ["a.yaml": "1"])
        }
    }

    @Test("is found out, and nothing of its answer is used", arguments: Lie.all)
    func found(_ lie: Lie) async throws {
        try await TrustBench.with { bench in
            let first = try await bench.repository.commit(["a.yaml": "0"], by: bench.alice.signer)
            _ = try await bench.repository.commit(
                ["a.yaml": "1", "b.yaml": "2"], by: bench.alice.signer, parents: [first])
            try await bench.repository.tag("v1", on: first, by: bench.alice.signer)
            let values = ["tag": try await base64(bench, "refs/tags/v1", "tag")]
            let program = try liar(bench, lie.filter, values)
            let message = await expect(.unproven, try bench.source { $0.executable = program })
            #expect(message.contains(lie.names), "\(message)")
        }
    }

    @Test("adds no file")
    func addedFile() async throws {
        try await TrustBench.with { bench in
            _ = try await bench.commit()
            let program = try liar(
                bench, #".fetched._0.files += [{"path": "evil.yaml", "content": "ZXZpbA=="}]"#)
            let snapshot = try await bench.source { $0.executable = program }.fetch(accepted: nil)
            #expect(snapshot.texts == ["a.yaml": "1"])
        }
    }

    @Test("cannot pass off an old signed commit as a new one")
    func ancestry() async throws {
        try await TrustBench.with { bench in
            let first = try await bench.commit("1")
            let second = try await bench.commit("2", parents: [first])
            let third = try await bench.commit("3", parents: [second])
            try await bench.repository.git("update-ref", "refs/heads/main", second)
            for history in [[], [try await base64(bench, third)], [try await base64(bench, first)]] {
                let list = history.map { "\"\($0)\"" }.joined(separator: ",")
                let program = try liar(
                    bench,
                    ".fetched._0.ancestry = \"descendant\" | .fetched._0.commit = \"\(third)\" | .fetched._0.evidence.history = [\(list)]"
                )
                let snapshot = try await bench.source { $0.executable = program }.fetch(accepted: third)
                #expect(snapshot.revision.id == second)
                #expect(snapshot.ancestry == .rewritten)
            }
        }
    }

    @Test("cannot bring another commit in place of the one that is named by its id")
    func otherCommit() async throws {
        try await TrustBench.with { bench in
            let first = try await bench.commit("1")
            let second = try await bench.commit("2", parents: [first])
            let old = try await base64(bench, first)
            let program = try liar(bench, ".fetched._0.evidence.commit = $old", ["old": old])
            let source = try bench.source {
                $0.executable = program
                $0.reference = second
            }
            let message = await expect(.unproven, source)
            #expect(message.contains("where \(second) was asked for"), "\(message)")
        }
    }

    @Test("a tool that cannot be started is no verdict")
    func noVerdict() async throws {
        try await TrustBench.with { bench in
            _ = try await bench.commit()
            let script = """
                #!/bin/sh
                if [ "$1" = run-verifier ]; then exit 96; fi
                PATH=/usr/bin:/bin
                jq -c ".parent = $$" | '\(BuiltProduct.reconcile)' "$@"
                """
            let program = try bench.folder.write("broken", script, mode: 0o700)
            let message = await expect(.unproven, try bench.source { $0.executable = program })
            #expect(message.contains("'ssh-keygen' was not started"), "\(message)")
        }
    }

    @Test("a way that is long is walked as a whole")
    func longWay() async throws {
        try await TrustBench.with { bench in
            let first = try await bench.commit("0")
            var last = first
            for number in 1...30 {
                last = try await bench.repository.commit(["a.yaml": .file("\(number)")], parent: last)
            }
            last = try await bench.commit("31", parents: [last])
            let snapshot = try await bench.source().fetch(accepted: first)
            #expect(snapshot.ancestry == .descendant)
            #expect(snapshot.revision.id == last)
        }
    }
}
