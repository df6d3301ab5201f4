import CGit2
import FoundationEssentials
import Glibc
import Reconciler

/// libgit2 as a whole: what is set once for the process, before anything else is called.
enum GitLibrary {
    /// Cuts libgit2 off from every configuration but our own, and bounds what it maps into memory.
    ///
    /// It reads files of the host, such as those of the authorities, and nothing that a server sent.
    static func prepare(for request: FetchRequest) throws(FetchFailure) {
        // The environment is empty when we were started as we should be; this is for when we were not.
        for name in ProcessInfo.processInfo.environment.keys where name.hasPrefix("GIT_") || name.hasPrefix("SSH_") {
            unsetenv(name)
        }
        setenv("HOME", request.home, 1)
        git_libgit2_init()
        let levels = [
            GIT_CONFIG_LEVEL_SYSTEM, GIT_CONFIG_LEVEL_XDG, GIT_CONFIG_LEVEL_GLOBAL, GIT_CONFIG_LEVEL_PROGRAMDATA,
        ]
        for level in levels { reconcile_git_set_search_path(level.rawValue, "") }
        reconcile_git_set_template_path("")
        reconcile_git_set_user_agent("reconcile")
        reconcile_git_set_fsync(1)
        // The defaults, a gibibyte for one window alone, do not fit into our own limit.
        reconcile_git_set_window_size(32 << 20)
        reconcile_git_set_mapped_limit(256 << 20)
        reconcile_git_set_pack_object_limit(request.limits.packObjects)
        if let file = request.caFile, reconcile_git_set_certificate_file(file) != 0 {
            throw FetchFailure(
                SourceError(.invalidConfiguration, "the certificates in '\(file)' cannot be read: they must be in PEM"))
        }
    }

    /// Puts into the home the one file in it that libgit2 reads there: it takes the kind of host key to ask for from
    /// `~/.ssh/known_hosts`. Whether the key is trusted is decided by our own check.
    static func fillHome(for request: FetchRequest) throws(FetchFailure) {
        guard let text = request.credentials.knownHosts else { return }
        let url: RepositoryURL
        do throws(SourceError) {
            url = try RepositoryURL(request.url, allowInsecure: request.allowInsecure)
        } catch {
            throw FetchFailure(error)
        }
        do {
            let folder = request.home + "/.ssh"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let lines = KnownHosts(text).plainLines(host: url.host, port: url.port)
            try Data(lines.utf8).write(to: URL(filePath: folder + "/known_hosts"))
        } catch {
            throw FetchFailure(SourceError(.mirrorBroken, "cannot write below '\(request.home)'"))
        }
    }
}
