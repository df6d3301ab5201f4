import Foundation
import ReconcileTesting
import Reconciler
import Specs
import Testing

/// `reconcile top` in a terminal of 80 columns and 24 rows, beside a daemon on a real engine.
@Suite("top on a terminal", .timeLimit(.minutes(3)))
struct TopTests {
    /// A terminal that programs draw on and tests read, as tmux has it.
    private struct Screen {
        let socket: String

        func tmux(_ words: String...) async throws -> String {
            try await TestCommand.run("tmux", ["-S", socket, "-f", "/dev/null"] + words)
        }

        var text: String { get async throws { try await tmux("capture-pane", "-p", "-t", "top") } }

        func type(_ keys: String...) async throws {
            for key in keys { _ = try await tmux("send-keys", "-t", "top", key) }
        }

        func shows(_ what: String, _ words: String...) async throws {
            var last = ""
            do {
                try await eventually(what) {
                    last = try await text
                    return words.allSatisfy { last.contains($0) }
                }
            } catch {
                Issue.record("\(what): \(words) are not all in\n\(last)")
                throw error
            }
        }
    }

    private func onTerminal(_ bed: Bed, _ body: (Screen) async throws -> Void) async throws {
        let screen = Screen(socket: bed.folder.path + "/tmux")
        // A shell stays when the program ends, so that what it leaves behind can be looked at.
        _ = try await screen.tmux("new-session", "-d", "-s", "top", "-x", "80", "-y", "24", "env", "PS1=shell> ", "sh")
        let result: Result<Void, any Error>
        do {
            try await screen.type(
                "\(BuiltProduct.reconcile) top --color never --state-dir \(bed.stateDirectory)", "Enter")
            result = .success(try await body(screen))
        } catch {
            result = .failure(error)
        }
        _ = try await screen.tmux("kill-server")
        try result.get()
    }

    @Test("what happens on the host is seen within seconds; keys filter, describe, pause and resume")
    func keys() async throws {
        try await Bed.with { bed in
            let (repository, first) = try await bed.repository(["web": bed.workload("web", replicas: 2)])
            try await bed.daemon(repository) { daemon in
                try await daemon.awaitConvergence(on: first)
                let web = "Workload/\(bed.name)-web"
                try await onTerminal(bed) { screen in
                    try await screen.shows("the picture", web, "2/2", "Ready", "CPU", "Docker", "q quit")
                    try await screen.shows("what it uses", " 0.0", "CPU ", "memory ")
                    try await screen.type("p", "looking", "Enter")
                    try await screen.shows("the pause", "Paused; Ready")
                    let pauses = try await daemon.awaitStatus("paused") { $0.pauses?.isEmpty == false }.pauses
                    #expect(pauses?.first?.reason == "looking")
                    try await screen.type("p", "y")
                    try await daemon.awaitStatus("resumed") { $0.pauses?.isEmpty == true }
                    try await screen.type("/", "zzz", "Enter")
                    try await screen.shows("the filter", "nothing has all of 'zzz'")
                    try await screen.type("Escape")
                    try await screen.shows("everything again", web)
                    try await screen.type("Enter")
                    try await screen.shows("the description", "declared", "2 desired, 2 present, 2 ready")
                    try await screen.type("Escape", "4")
                    try await screen.shows("the events", "Paused", "Resumed")
                    _ = try await screen.tmux("resize-window", "-t", "top", "-x", "132", "-y", "40")
                    try await screen.shows("the other size", "Resumed")
                    let lines = try await screen.text.split(separator: "\n", omittingEmptySubsequences: false)
                    #expect(lines.contains { $0.hasPrefix("q quit") }, "\(lines)")
                    try await screen.type("q")
                    try await screen.shows("the shell, as it was", "reconcile top", "shell>")
                    // Echo and lines work again.
                    try await screen.type("echo 4$((1+1))", "Enter")
                    try await screen.shows("the shell", "42")
                }
                let json = try await daemon.tell("top", "-o", "json")
                #expect(json.exitCode == 0 && json.output.contains("\"workingSet\""), "\(json)")
                let dumb = try await daemon.tell("top")
                #expect(dumb.exitCode == 1 && dumb.errors.contains("top needs a terminal"), "\(dumb)")
            }
        }
    }
}
