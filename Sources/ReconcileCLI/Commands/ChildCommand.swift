import GitSource

/// What the program does as a child of itself; not for people, so no command of theirs.
package enum ChildCommand: Sendable {
    /// Reads what a server of specs sends.
    case fetchMirror
    /// Becomes the tool that checks a signature.
    case runVerifier

    /// - Parameter arguments: of the command line, the name of the program included.
    /// - Returns: nil for the command line of a person.
    package init?(arguments: [String]) {
        switch arguments.dropFirst() {
        case [FetchMirror.command]: self = .fetchMirror
        case [VerifierLauncher.command]: self = .runVerifier
        default: return nil
        }
    }

    /// Uses up the process.
    ///
    /// - Returns: its exit status.
    package func run() -> Int32 {
        switch self {
        case .fetchMirror: FetchMirror.run()
        case .runVerifier: VerifierLauncher.run()
        }
    }
}
