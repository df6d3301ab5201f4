import FoundationEssentials
import Reconciler

/// Why there is nothing to be read, in whatever way the place of the objects says it.
protocol ObjectReadFailure: Error {
    init(_ error: SourceError)
}

extension SourceError: ObjectReadFailure {
    init(_ error: SourceError) { self = error }
}

/// Where the objects below a commit are read from: the mirror, or what the fetch process sent of it.
protocol ObjectReader {
    associatedtype Failure: ObjectReadFailure

    /// The bytes of a tree.
    mutating func tree(_ id: String) throws(Failure) -> [UInt8]
    /// The size of a file, before it is read.
    func size(of id: String, at path: String) throws(Failure) -> Int
    /// The bytes of a file.
    func content(of id: String) throws(Failure) -> Data
}

/// What the fetch process sent, under names that are worked out from its bytes here.
struct ReceivedObjects: ObjectReader {
    private let trees: [String: [UInt8]]
    private let files: [String: Data]

    init(trees: [Data], files: [Data]) {
        self.trees = Dictionary(trees.map { (ObjectID.of("tree", $0), Array($0)) }) { first, _ in first }
        self.files = Dictionary(files.map { (ObjectID.of("blob", $0), $0) }) { first, _ in first }
    }

    func tree(_ id: String) throws(SourceError) -> [UInt8] {
        guard let tree = trees[id] else { throw Self.missing("the folder \(id)") }
        return tree
    }

    func size(of id: String, at path: String) throws(SourceError) -> Int {
        guard let file = files[id] else { throw Self.missing("'\(SpecTreeRules.shown(path))'") }
        return file.count
    }

    func content(of id: String) throws(SourceError) -> Data {
        guard let file = files[id] else { throw Self.missing("the file \(id)") }
        return file
    }

    private static func missing(_ what: String) -> SourceError {
        SourceError(
            .unproven,
            "the fetch process did not send \(what) of the signed commit as it is there: nothing that it sent is used")
    }
}
