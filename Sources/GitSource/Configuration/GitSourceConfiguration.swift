/// Where the specs are, and what may be spent on getting them.
package struct GitSourceConfiguration: Sendable {
    /// `https://host/path`, `ssh://user@host:port/path` or `user@host:path`; never with a secret inside.
    package var url: String
    /// A branch, a tag, a full commit id, or a full name such as `refs/heads/main`.
    package var reference: String
    /// The folder within the repository that holds the specs; empty for the whole repository.
    package var path: String
    /// Our own folder for the mirror; made when missing, and only a cache: it may be deleted at any time.
    package var mirrorDirectory: String
    package var credentials: GitCredentials
    /// Certificate authorities for https, in PEM, in place of the system's.
    package var caFile: String?
    /// Admits `http:` and `file:`, which prove nothing about who answers.
    package var allowInsecure: Bool
    /// Whose signatures a revision needs; nil needs none.
    package var verification: SourceVerification?
    package var limits: GitLimits
    /// For one whole fetch, a second attempt with a fresh mirror included.
    package var deadline: Duration
    /// Processor time that one attempt may take, in whole seconds, one at least; half of the deadline unless said.
    ///
    /// It leaves time for a fresh mirror: libgit2 1.5 spins for ever on a loose object that was cut short.
    package var cpuTime: Duration?
    /// The program that is started as `<executable> fetch-mirror`.
    ///
    /// The link itself is the default and not where it leads, so that a daemon whose file was replaced by an upgrade
    /// still starts its own version.
    package var executable: String

    package init(
        url: String, reference: String, path: String = "", mirrorDirectory: String,
        credentials: GitCredentials = GitCredentials(), caFile: String? = nil, allowInsecure: Bool = false,
        verification: SourceVerification? = nil, limits: GitLimits = GitLimits(), deadline: Duration = .seconds(60),
        cpuTime: Duration? = nil,
        executable: String = "/proc/self/exe"
    ) {
        self.url = url
        self.reference = reference
        self.path = path
        self.mirrorDirectory = mirrorDirectory
        self.credentials = credentials
        self.caFile = caFile
        self.allowInsecure = allowInsecure
        self.verification = verification
        self.limits = limits
        self.deadline = deadline
        self.cpuTime = cpuTime
        self.executable = executable
    }
}
