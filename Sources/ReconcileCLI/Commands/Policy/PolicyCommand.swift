import ArgumentParser

/// What network policies do to one container, in words and in deed.
struct PolicyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy",
        abstract: "Show and try what policies do to a container.",
        discussion: """
            The policies are those of the revision in force on this host, or of --specs or --repo where one is named; what \
            the kernel enforces is asked of the kernel. Nothing is changed.

            EXAMPLES
              reconcile policy show web-0-1
              reconcile policy show WarmPool/workspaces --specs examples/specs
              reconcile policy test --from web-0-1 --to 192.0.2.1:443
              reconcile policy test --from web-0-1 --to '[2001:db8::1]:53/udp'
              reconcile policy diff --specs .
            """,
        subcommands: [PolicyShowCommand.self, PolicyTestCommand.self, PolicyDiffCommand.self, ConnectCommand.self])
}

/// The exit codes of commands that ask what would be let through.
let policyExitCodes = """
    EXIT CODES
      0 shown; test: let through, diff: no difference
      1 something could not be found out
      2 test: blocked, diff: there are differences
      3 test --probe: the kernel does something else than the policy says
      64 a command line that cannot be understood
    """
