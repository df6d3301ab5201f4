import ArgumentParser
import Vectors

/// Runs vector files against the program's own code.
@main
struct ConformanceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "conformance",
        abstract: "Run files of test vectors against reconcile's own code.",
        discussion: """
            Which files there are, how they are mapped and what is not applicable is in docs/conformance.md.

            EXIT CODES
              0 no case failed; 1 at least one did
            """)

    @Argument(help: ArgumentHelp("Files of vectors.", valueName: "file"))
    var files: [String]

    func run() throws {
        let reports = files.map { Conformance.run(path: $0) }
        for line in reports.flatMap(\.lines) { print(line) }
        let failed = reports.map(\.failed).reduce(0, +)
        print("\(reports.map(\.passed).reduce(0, +)) passed, \(failed) failed")
        if failed > 0 { throw ExitCode(1) }
    }
}
