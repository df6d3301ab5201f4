import CGit2
import FoundationEssentials
import Reconciler

/// The objects of the mirror, and a note of the trees that were read.
struct MirrorObjects: ObjectReader {
    /// A tree of the largest number of entries with long names is still smaller.
    private static let maximumTreeBytes = 16 << 20

    private let repository: MirrorRepository
    private let keepsTrees: Bool
    /// In the order in which they were first read.
    private(set) var trees: [Data] = []
    private var seen: Set<String> = []

    /// - Parameter keepsTrees: whether somebody will ask for `trees`.
    init(_ repository: MirrorRepository, keepingTrees keepsTrees: Bool) {
        self.repository = repository
        self.keepsTrees = keepsTrees
    }

    mutating func tree(_ id: String) throws(FetchFailure) -> [UInt8] {
        let tree = try repository.bytes(of: id, GIT_OBJECT_TREE, limit: Self.maximumTreeBytes) {
            "a folder of the commit has a list of more than 16 MiB"
        }
        if keepsTrees, seen.insert(id).inserted { trees.append(tree) }
        return Array(tree)
    }

    func size(of id: String, at path: String) throws(FetchFailure) -> Int {
        guard var oid = MirrorRepository.oid(id) else { return 0 }
        let header = try repository.header(&oid)
        guard header.kind == GIT_OBJECT_BLOB else {
            throw FetchFailure(SourceError(.hostileTree, "'\(path)' is not a file"))
        }
        return header.size
    }

    func content(of id: String) throws(FetchFailure) -> Data {
        try repository.bytes(of: id, GIT_OBJECT_BLOB, limit: .max) { "" }
    }
}
