import ArgumentParser
import Foundation
import Reconciler
import Specs

/// Prints what would be done, and writes it to a file where that is asked for.
struct DryRun {
    /// What the plans are made of.
    enum Subject {
        /// The live host, or none.
        case host(PreviewLoader)
        case snapshots(SnapshotPreviews)
    }

    let settings: EffectiveSettings
    let subject: Subject
    let output: PlanFormat
    /// Of a plan for people.
    let style: Style
    /// Where a plan for `--once --plan` is written; nil for nowhere.
    let file: String?
    /// How the program ends where there are changes.
    let changes: ExitCode

    func run() async throws -> ExitCode {
        switch subject {
        case .host(let loader): try await run(loader)
        case .snapshots(let previews): try await run(previews)
        }
    }

    private func run(_ loader: PreviewLoader) async throws -> ExitCode {
        if let file { try Self.removePlan(file) }
        switch try await loader.input() {
        case .ended(let code): return code
        case .ready(let input):
            let preview = Preview(input)
            if let file { try write(PlanFile(preview, input), to: file) }
            let host = input.isForEveryPool ? nil : input.desired.host.identity.name
            let document = PlanDocument(preview, revision: input.desired.revision, host: host)
            Terminal.print(try text([HostPlan(preview: preview, document: document)]))
            return preview.plan.hasChanges ? changes : .success
        }
    }

    /// One plan after the other. Where one cannot be made, those of the others are printed all the same, and the program ends
    /// with the reason.
    private func run(_ previews: SnapshotPreviews) async throws -> ExitCode {
        let now = Instant(secondsSince1970: Int64(Date.now.timeIntervalSince1970))
        var plans: [HostPlan] = []
        var failure: ExitCode?
        let items = previews.shelf.items
        for item in items {
            let host = item.snapshot.host.name
            switch try await previews.input(item, at: now) {
            case .ended(let code):
                if items.count > 1 { Terminal.complain("no plan for host '\(host)'") }
                // A plan of some hosts must not look like that of all of them, and an error not like what is held.
                let ending = code == .success && items.count > 1 ? ExitStatus.held : code
                if failure == nil || failure == ExitStatus.held { failure = ending }
            case .ready(let input):
                let preview = Preview(input)
                var document = PlanDocument(preview, revision: input.desired.revision, host: host)
                document.snapshot = PlanDocument.SnapshotFacts(item, at: now)
                plans.append(HostPlan(preview: preview, document: document))
            }
        }
        if plans.isEmpty { return failure ?? .success }
        Terminal.print(try text(plans, isFleet: items.count > 1))
        if let failure, failure != .success { return failure }
        return plans.contains { $0.preview.plan.hasChanges } ? changes : .success
    }

    private func write(_ plan: PlanFile, to file: String) throws {
        try Data((Terminal.json(plan) + "\n").utf8).write(to: URL(filePath: file), options: .atomic)
        Terminal.complain("plan \(plan.id) is in '\(file)'; carry it out with: reconcile --once --plan \(file)")
        let more = plan.mayReplaceMore
        if !more.isEmpty {
            Terminal.complain(
                "warning: of \(Diagnostic.list(more, word: "and")) the tag is looked for again: where it has "
                    + "moved, members are replaced that are not in the plan")
        }
    }

    /// Whoever finds a file there must not take an older plan for this one, however this one ends.
    private static func removePlan(_ path: String) throws {
        let type = try? FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType
        // What is no file, such as a device, is not ours to remove.
        if type == .typeRegular { try FileManager.default.removeItem(atPath: path) }
    }

    /// - Parameter isFleet: of several hosts, whether all of them have a plan or not.
    private func text(_ plans: [HostPlan], isFleet: Bool = false) throws -> String {
        let documents = plans.map(\.document)
        let placed = documents.map { $0.placed(under: settings.specsFolder) }
        return switch output {
        case .human: HostPlan.text(plans, style: style)
        case .json:
            isFleet ? try Terminal.json(PlansDocument(documents)) : try Terminal.json(documents[0])
        case .markdown: PlanMarkdown.text(placed)
        case .github: PlanAnnotations.text(placed)
        case .gitlab: try Terminal.json(PlanQuality.issues(placed))
        case .sarif: try Terminal.json(SARIFLog(placed, version: ReconcileCommand.configuration.version))
        }
    }
}

extension PlanDocument.SnapshotFacts {
    init(_ item: SnapshotShelf.Item, at now: Instant) {
        let taken = item.snapshot.takenAt
        self.init(
            takenAt: taken, ageSeconds: max(0, now.secondsSince1970 - taken.secondsSince1970),
            isVerified: item.isVerified, program: item.snapshot.program)
    }

    /// `as it was 12 min ago (2026-11-22T21:40:00Z)`
    var words: String {
        "as it was \(SnapshotAge.words(ageSeconds)) ago (\(takenAt))"
            + (isVerified ? "" : ", by a snapshot that nobody vouches for")
    }
}
