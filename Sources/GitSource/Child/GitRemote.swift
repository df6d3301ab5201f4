import CGit2
import Glibc
import Reconciler

/// A connection to the server, owned by the thread that made it.
final class GitRemote {
    private let handle: OpaquePointer
    private let repository: MirrorRepository
    private let callbacks: RemoteCallbacks
    private let headers: [String]
    private let isLocal: Bool

    /// - Parameter headers: sent with every request over http; other schemes have none.
    init(repository: MirrorRepository, url: RepositoryURL, callbacks: RemoteCallbacks, headers: [String])
        throws(FetchFailure)
    {
        var handle: OpaquePointer?
        try repository.check(git_remote_create_anonymous(&handle, repository.handle, url.text), during: .opening)
        guard let handle else { throw FetchFailure(SourceError(.mirrorBroken, "the remote cannot be set up")) }
        self.handle = handle
        self.repository = repository
        self.callbacks = callbacks
        self.headers = headers
        isLocal = url.scheme == .file
    }

    deinit { git_remote_free(handle) }

    /// Connects, and returns the full names of what the server offers.
    func connect() throws(FetchFailure) -> [String] {
        var options = git_remote_connect_options()
        git_remote_connect_options_init(&options, UInt32(GIT_REMOTE_CONNECT_OPTIONS_VERSION))
        options.callbacks = callbacks.table()
        options.follow_redirects = GIT_REMOTE_REDIRECT_NONE
        options.proxy_opts.type = GIT_PROXY_NONE
        let code = Self.withStrings(headers) { list in
            options.custom_headers = list
            return git_remote_connect_ext(handle, GIT_DIRECTION_FETCH, &options)
        }
        let stage: FetchFailure.Stage = isLocal ? .openingOrigin : .connecting
        try check(code, during: stage)
        var heads: UnsafeMutablePointer<UnsafePointer<git_remote_head>?>?
        var count = 0
        try check(git_remote_ls(&heads, &count, handle), during: stage)
        return UnsafeBufferPointer(start: heads, count: count).compactMap { head in
            guard let text = head?.pointee.name, let name = String(validatingCString: text) else { return nil }
            // `v1^{}` is what the annotated tag `v1` leads to, and HEAD is somebody else's choice.
            return name.hasSuffix("^{}") || name == "HEAD" ? nil : name
        }
    }

    /// Brings what the names lead to, on the same connection.
    func fetch(_ refspecs: [String]) throws(FetchFailure) {
        var options = git_fetch_options()
        git_fetch_options_init(&options, UInt32(GIT_FETCH_OPTIONS_VERSION))
        options.callbacks = callbacks.table()
        options.follow_redirects = GIT_REMOTE_REDIRECT_NONE
        options.proxy_opts.type = GIT_PROXY_NONE
        options.download_tags = GIT_REMOTE_DOWNLOAD_TAGS_NONE
        options.update_fetchhead = 0
        options.prune = GIT_FETCH_PRUNE
        let code = Self.withStrings(refspecs) { names in
            Self.withStrings(headers) { headers in
                options.custom_headers = headers
                var names = names
                return git_remote_fetch(handle, &names, &options, nil)
            }
        }
        try check(code, during: .downloading)
    }

    private static func withStrings(_ texts: [String], _ body: (git_strarray) -> Int32) -> Int32 {
        var pointers = texts.map { strdup($0) }
        defer { pointers.forEach { free($0) } }
        return pointers.withUnsafeMutableBufferPointer { buffer in
            body(git_strarray(strings: buffer.baseAddress, count: buffer.count))
        }
    }

    private func check(_ code: Int32, during stage: FetchFailure.Stage) throws(FetchFailure) {
        guard code < 0 else { return }
        // Our own refusal says more than libgit2's account of it.
        if let refusal = callbacks.refusal { throw FetchFailure(refusal) }
        try repository.check(code, during: stage)
    }
}
