import ArgumentParser
import Foundation
import Reconciler

/// A plan file that is to be carried out.
struct BoundPlan {
    private let path: String
    private let file: PlanFile

    /// - Throws: `PlanFileProblem` where it cannot be read, is of a newer format, or was changed since it was written.
    init(file path: String) throws {
        self.path = path
        do {
            file = try JSONDecoder().decode(PlanFile.self, from: Data(contentsOf: URL(filePath: path)))
        } catch {
            throw PlanFileProblem("'\(path)' cannot be read as a plan: \(Self.words(error))")
        }
        guard file.formatVersion <= PlanFile.currentFormat else {
            throw PlanFileProblem(
                "'\(path)' has format \(file.formatVersion), and this version reads \(PlanFile.currentFormat)")
        }
        guard file.isIntact else {
            throw PlanFileProblem("'\(path)' is not as it was written: make a new plan with --dry-run --out")
        }
    }

    /// How the program ends where anything of the plan moved, which is said; nil where it holds.
    func refusal(_ settings: EffectiveSettings, _ style: Style) async throws -> ExitCode? {
        switch try await PreviewLoader(settings: settings, against: .host, style: style).input() {
        case .ended(let code): return code == .success ? ExitStatus.held : code
        case .ready(let input): return complain(file.movements(to: PlanFile(Preview(input), input)))
        }
    }

    /// The same for what is about to be put in force: the source may have moved after everything was looked at.
    func refusal(of desired: DesiredState) -> ExitCode? { complain(file.movements(to: desired)) }

    private func complain(_ movements: [String]) -> ExitCode? {
        if movements.isEmpty { return nil }
        let list = movements.map { "  \($0)" }.joined(separator: "\n")
        Terminal.complain(
            "refused: plan \(file.id) of '\(path)' does not hold any more, and nothing was done:\n\(list)\n"
                + "Make a new one with --dry-run --out, and look at it.")
        return ExitStatus.altered
    }

    private static func words(_ error: any Error) -> String {
        switch error {
        case DecodingError.keyNotFound(let key, _): "it has no '\(key.stringValue)'"
        case is DecodingError: "it is not JSON of this form"
        default: error.fileReason
        }
    }
}

/// Why a plan file is of no use.
struct PlanFileProblem: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
