import CGit2
import FoundationEssentials
import Glibc
import Reconciler

/// The bare repository of the mirror, owned by the thread that opened it.
final class MirrorRepository {
    let handle: OpaquePointer
    let objects: OpaquePointer
    /// Whether it was made just now, so that an old disk cannot be to blame for what is wrong with it.
    private let isFresh: Bool

    /// Opens the repository, or makes it when there is nothing at the path. What a process that was killed left behind is
    /// swept away before: nobody else can be at work, as whoever started us holds the lock.
    init(path: String) throws(FetchFailure) {
        Self.removeLeftovers(of: path)
        // The folder itself was made for us.
        isFresh = MirrorDirectory.isEmpty(path)
        var handle: OpaquePointer?
        let code = isFresh ? Self.make(&handle, path) : git_repository_open_bare(&handle, path)
        var objects: OpaquePointer?
        guard code >= 0, let handle, git_repository_odb(&objects, handle) >= 0, let objects else {
            let error = GitError.last(code)
            git_repository_free(handle)
            throw FetchFailure(error, during: .opening, isFresh: isFresh)
        }
        self.handle = handle
        self.objects = objects
    }

    deinit {
        git_odb_free(objects)
        git_repository_free(handle)
    }

    /// Locks and half-written packs.
    private static func removeLeftovers(of repository: String) {
        // No folder is nothing left over.
        let paths = (try? FileManager.default.subpathsOfDirectory(atPath: repository)) ?? []
        for path in paths where path.hasSuffix(".lock") || path.contains("_git2_") {
            // What cannot be removed makes the fetch fail with a message that names it.
            unlink(repository + "/" + path)
        }
    }

    private static func make(_ handle: inout OpaquePointer?, _ path: String) -> Int32 {
        var options = git_repository_init_options()
        git_repository_init_options_init(&options, UInt32(GIT_REPOSITORY_INIT_OPTIONS_VERSION))
        options.flags = GIT_REPOSITORY_INIT_BARE.rawValue | GIT_REPOSITORY_INIT_MKPATH.rawValue
        return git_repository_init_ext(&handle, path, &options)
    }

    /// Turns a negative result into an error.
    func check(_ code: Int32, during stage: FetchFailure.Stage) throws(FetchFailure) {
        guard code < 0 else { return }
        throw FetchFailure(GitError.last(code), during: stage, isFresh: isFresh)
    }

    /// The commit that a name of ours leads to, through any number of tags.
    func commit(named name: String) throws(FetchFailure) -> String {
        var reference: OpaquePointer?
        try check(git_reference_lookup(&reference, handle, name), during: .reading)
        defer { git_reference_free(reference) }
        var object: OpaquePointer?
        let code = git_reference_peel(&object, reference, GIT_OBJECT_COMMIT)
        if code == GIT_EPEEL.rawValue || code == GIT_EINVALIDSPEC.rawValue {
            throw FetchFailure(SourceError(.referenceMissing, "the tag leads to something other than a commit"))
        }
        try check(code, during: .reading)
        defer { git_object_free(object) }
        return Self.text(git_object_id(object))
    }

    /// Makes sure that what a name of ours leads to can be read, if there is such a name.
    func checkReference(_ name: String) throws(FetchFailure) {
        var oid = git_oid()
        let code = git_reference_name_to_id(&oid, handle, name)
        if code == GIT_ENOTFOUND.rawValue { return }
        try check(code, during: .opening)
        var object: OpaquePointer?
        try check(git_object_lookup(&object, handle, &oid, GIT_OBJECT_ANY), during: .opening)
        git_object_free(object)
    }

    /// Whether there is such an object, and it is a commit; anything but a full id is not there.
    func hasCommit(_ id: String) throws(FetchFailure) -> Bool {
        guard var oid = Self.oid(id), git_odb_exists(objects, &oid) == 1 else { return false }
        return try header(&oid).kind == GIT_OBJECT_COMMIT
    }

    func isDescendant(_ commit: String, of ancestor: String) throws(FetchFailure) -> Bool {
        guard var commit = Self.oid(commit), var ancestor = Self.oid(ancestor) else { return false }
        let result = git_graph_descendant_of(handle, &commit, &ancestor)
        try check(result, during: .reading)
        return result == 1
    }

    func setReference(_ name: String, to commit: String) throws(FetchFailure) {
        guard var oid = Self.oid(commit) else { return }
        var reference: OpaquePointer?
        try check(git_reference_create(&reference, handle, name, &oid, 1, nil), during: .reading)
        git_reference_free(reference)
    }

    /// Size and kind of an object, without reading it.
    func header(_ oid: inout git_oid) throws(FetchFailure) -> (size: Int, kind: git_object_t) {
        var size = 0
        var kind = GIT_OBJECT_INVALID
        try check(git_odb_read_header(&size, &kind, objects, &oid), during: .reading)
        return (size, kind)
    }

    /// An object as it is, of this kind and no more than so many bytes.
    func bytes(
        of id: String, _ kind: git_object_t, limit: Int, tooLarge: () -> String
    ) throws(FetchFailure) -> Data {
        guard var oid = Self.oid(id) else { throw FetchFailure(SourceError(.hostileTree, "'\(id)' is not an id")) }
        let header = try header(&oid)
        guard header.kind == kind else {
            throw FetchFailure(SourceError(.hostileTree, "the object '\(id)' is not of the kind that it must be"))
        }
        guard header.size <= limit else { throw FetchFailure(SourceError(.limitExceeded, tooLarge())) }
        var object: OpaquePointer?
        try check(git_odb_read(&object, objects, &oid), during: .reading)
        defer { git_odb_object_free(object) }
        return git_odb_object_data(object).map { Data(bytes: $0, count: git_odb_object_size(object)) } ?? Data()
    }

    func parents(of commit: String) throws(FetchFailure) -> [String] {
        guard var oid = Self.oid(commit) else { return [] }
        var object: OpaquePointer?
        try check(git_commit_lookup(&object, handle, &oid), during: .reading)
        defer { git_commit_free(object) }
        return (0..<git_commit_parentcount(object)).map { Self.text(git_commit_parent_id(object, $0)) }
    }

    /// The tree of a commit.
    func tree(of commit: String) throws(FetchFailure) -> String {
        guard var oid = Self.oid(commit) else {
            throw FetchFailure(SourceError(.referenceMissing, "'\(commit)' is not a commit id"))
        }
        guard try header(&oid).size <= CommitObject.largest else {
            throw FetchFailure(SourceError(.limitExceeded, "the commit '\(commit)' itself has more than 1 MiB"))
        }
        var object: OpaquePointer?
        try check(git_commit_lookup(&object, handle, &oid), during: .reading)
        defer { git_commit_free(object) }
        guard let tree = git_commit_tree_id(object) else {
            throw FetchFailure(SourceError(.hostileTree, "the commit '\(commit)' has no tree"))
        }
        return Self.text(tree)
    }

    static func oid(_ text: String) -> git_oid? {
        guard text.utf8.count == 40 else { return nil }
        var oid = git_oid()
        return git_oid_fromstr(&oid, text) == 0 ? oid : nil
    }

    static func text(_ oid: UnsafePointer<git_oid>?) -> String {
        guard let oid else { return "" }
        var buffer = [CChar](repeating: 0, count: 40)
        git_oid_fmt(&buffer, oid)
        return String(decoding: buffer.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
