import Foundation
import Specs
import Testing

/// A folder of hostile files that is not part of the repository; its place comes from the environment.
private let corpora = ProcessInfo.processInfo.environment["RECONCILE_CORPORA"]

/// The code of the first finding in each file that YAML alone refuses.
private let refusedByYAML: [String: Diagnostic.Code] = [
    "alias-bomb.yaml": .limitExceeded, "alias-recursive.yaml": .recursiveAlias,
    "bidi-homoglyph.yaml": .forbiddenCharacter, "complex-key.yaml": .unsupportedKey,
    "deep-block-1500.yaml": .limitExceeded, "directive-1.1.yaml": .unsupportedDirective,
    "directive-9.9.yaml": .unsupportedDirective, "dup-key-after-merge.yaml": .mergeKey,
    "many-anchors-50k.yaml": .limitExceeded, "merge-key-bomb.yaml": .mergeKey, "mixed-indent.yaml": .syntax,
    "non-string-key.yaml": .unsupportedKey, "nul-byte.yaml": .forbiddenCharacter, "tab-indent.yaml": .tabIndentation,
    "truncated-mid-key.yaml": .syntax,
]
/// Files that YAML alone accepts.
private let refusedAsObjects = [
    "billion-lines-comment.yaml", "block-scalar-edge.yaml", "crlf.yaml", "float-for-int.yaml", "octal-sexagesimal.yaml",
    "proto-key.yaml",
    "time-dst.yaml", "two-same-objects.yaml", "unknown-field.yaml",
]
private let holdingNothing = ["only-comment.yaml", "only-separator.yaml"]

@Suite(
    "Hostile files are refused",
    .enabled(if: corpora != nil, "set RECONCILE_CORPORA to the folder that holds hostile-yaml"))
struct CorpusTests {
    private func file(_ name: String) throws -> SpecFile {
        let url = URL(filePath: corpora ?? "").appending(path: "hostile-yaml/\(name)")
        return SpecFile(path: name, bytes: Array(try Data(contentsOf: url)))
    }

    @Test("what YAML refuses has a finding of its own kind", arguments: refusedByYAML.keys.sorted())
    func refused(name: String) throws {
        let start = ContinuousClock.now
        let stream = YAMLReader.read(try file(name))
        #expect(
            stream.diagnostics.first?.code == refusedByYAML[name], "\(stream.diagnostics.first?.description ?? "none")")
        #expect(SpecLoader.load([try file(name)]).specs == nil)
        #expect(ContinuousClock.now - start < .seconds(5))
    }

    @Test("what is YAML but no object is refused as that", arguments: refusedAsObjects)
    func readable(name: String) throws {
        let file = try file(name)
        #expect(YAMLReader.read(file).diagnostics == [])
        #expect(SpecLoader.load([file]).diagnostics.isEmpty == false)
        #expect(SpecLoader.load([file]).specs == nil)
    }

    @Test("what holds nothing is nothing", arguments: holdingNothing)
    func empty(name: String) throws {
        #expect(SpecLoader.load([try file(name)]) == LoadedSpecs(specs: SpecSet(), diagnostics: []))
    }

    @Test("every file of the folder has its place in a table")
    func complete() throws {
        let folder = URL(filePath: corpora ?? "").appending(path: "hostile-yaml").path()
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".yaml") }
        #expect(Set(names) == Set(refusedByYAML.keys).union(refusedAsObjects).union(holdingNothing))
    }

    @Test("block scalars keep exactly the line breaks that YAML 1.2 says")
    func blockScalars() throws {
        #expect(try scalars("block-scalar-edge.yaml").map(\.text) == ["  x\n y", "folded\n\n\n"])
    }

    @Test("numbers of YAML 1.1 never change their value silently")
    func numbers() throws {
        let values: [YAMLScalar.Value] = [.leadingZero, .string, .string, .integer(31), .integer(15)]
        #expect(try scalars("octal-sexagesimal.yaml").map(\.value) == values)
    }

    /// The scalars of a file that holds one flat map.
    private func scalars(_ name: String) throws -> [YAMLScalar] {
        let root = try #require(YAMLReader.read(try file(name)).documents.first?.root)
        guard case .mapping(let pairs) = root.content else { return [] }
        return pairs.compactMap { pair in
            guard case .scalar(let scalar) = pair.value.content else { return nil }
            return scalar
        }
    }
}
