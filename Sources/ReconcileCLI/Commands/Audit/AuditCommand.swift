import ArgumentParser
import Storage

/// Who did what on this host, and whether the log of it is as it was written.
struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Read the audit log of this host, or check that it is as it was written.",
        discussion: """
            EXAMPLES
              reconcile audit --since 24h
              reconcile audit verify
            """,
        subcommands: [AuditListCommand.self, AuditVerifyCommand.self], defaultSubcommand: AuditListCommand.self)
}

/// Which audit log is meant.
struct AuditOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Another log than that of the state directory, such as a copy of it.", valueName: "path"))
    var file: String?

    /// - Throws: `UsageError` when the configuration is wrong.
    func path(_ program: ReconcileCommand) throws(UsageError) -> String {
        if let file { return file }
        return StateDirectory.audit(in: try EffectiveSettings.stateDirectory(program.host))
    }
}
