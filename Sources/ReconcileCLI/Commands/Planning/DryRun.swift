import ArgumentParser
import Foundation
import Reconciler
import Specs

/// Prints what would be done, and writes it to a file where that is asked for.
struct DryRun {
    let loader: PreviewLoader
    let output: PlanFormat
    /// Where a plan for `--once --plan` is written; nil for nowhere.
    let file: String?
    /// How the program ends where there are changes.
    let changes: ExitCode

    func run() async throws -> ExitCode {
        if let file { try Self.removePlan(file) }
        switch try await loader.input() {
        case .ended(let code): return code
        case .ready(let input):
            let preview = Preview(input)
            if let file {
                let plan = PlanFile(preview, input)
                try Data((Terminal.json(plan) + "\n").utf8).write(to: URL(filePath: file), options: .atomic)
                Terminal.complain("plan \(plan.id) is in '\(file)'; carry it out with: reconcile --once --plan \(file)")
                let more = plan.mayReplaceMore
                if !more.isEmpty {
                    Terminal.complain(
                        "warning: of \(Diagnostic.list(more, word: "and")) the tag is looked for again: where it has "
                            + "moved, members are replaced that are not in the plan")
                }
            }
            Terminal.print(try text(preview, input))
            return preview.plan.hasChanges ? changes : .success
        }
    }

    /// Whoever finds a file there must not take an older plan for this one, however this one ends.
    private static func removePlan(_ path: String) throws {
        let type = try? FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType
        // What is no file, such as a device, is not ours to remove.
        if type == .typeRegular { try FileManager.default.removeItem(atPath: path) }
    }

    private func text(_ preview: Preview, _ input: PreviewInput) throws -> String {
        let host = input.isForEveryPool ? nil : input.desired.host.identity.name
        let document = PlanDocument(preview, revision: input.desired.revision, host: host)
        let placed = document.placed(under: loader.settings.specsFolder)
        return switch output {
        case .human: PlanRenderer.text(preview)
        case .json: try Terminal.json(document)
        case .markdown: PlanMarkdown.text([placed])
        case .github: PlanAnnotations.text([placed])
        case .gitlab: try Terminal.json(PlanQuality.issues([placed]))
        case .sarif: try Terminal.json(SARIFLog([placed], version: ReconcileCommand.configuration.version))
        }
    }
}
