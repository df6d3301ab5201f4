import Foundation
import Testing

@testable import Specs

@Suite("The schema takes all that the decoder takes")
struct SchemaTests {
    private static let schema = JSONSchema.schema(of: KindDefinition.all)
    private static let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    private static let root = tests.deletingLastPathComponent().deletingLastPathComponent()

    /// All files of a folder and below whose names end so, by their paths.
    private static func files(_ folder: URL, _ suffix: String = ".yaml") throws -> [(path: String, bytes: [UInt8])] {
        try FileManager.default.subpathsOfDirectory(atPath: folder.path()).filter { $0.hasSuffix(suffix) }.sorted()
            .map { ($0, Array(try Data(contentsOf: folder.appending(path: $0)))) }
    }

    private static func documents(_ bytes: [UInt8]) -> [YAMLNode] {
        YAMLReader.read(SpecFile(path: "", bytes: bytes)).documents.filter(\.isWhole).map(\.root)
    }

    private func isTaken(_ root: YAMLNode) -> Bool {
        !DocumentDecoder.decode(root).diagnostics.contains { $0.severity == .error }
    }

    @Test("every document of the examples")
    func examples() throws {
        let validator = SchemaValidator(Self.schema)
        let files = try Self.files(Self.root.appending(path: "examples/specs"))
        for file in files {
            for document in Self.documents(file.bytes) {
                let problem = validator.problem(of: JSON(document))
                #expect(problem == nil, "\(file.path)")
            }
        }
        #expect(!files.isEmpty)
    }

    @Test("every document in the tests and the explanations that is taken")
    func others() throws {
        let validator = SchemaValidator(Self.schema)
        let files = try Self.files(Self.tests.deletingLastPathComponent())
        let explained = Diagnostic.Code.allCases.flatMap { code in
            [code.explanation.right, code.explanation.wrong].compactMap { $0 }.map { ("\(code)", $0.bytes) }
        }
        var count = 0
        for (path, bytes) in files + explained {
            for document in Self.documents(bytes) where isTaken(document) {
                let problem = validator.problem(of: JSON(document))
                #expect(problem == nil, "\(path)")
                count += 1
            }
        }
        #expect(count > 50)
    }

    @Test("every document made from the definitions that is taken", arguments: KindDefinition.all.map(\.kind))
    func generated(kind: ResourceKind) throws {
        let definition = try #require(KindDefinition[kind])
        let validator = SchemaValidator(JSONSchema.schema(of: [definition]))
        var taken = 0
        for seed in 0..<UInt64(40) {
            var generator = DocumentGenerator(seed: seed)
            let document = generator.document(of: definition)
            guard try isTaken(#require(Self.documents(Array(document.text.utf8)).first)) else { continue }
            taken += 1
            let problem = validator.problem(of: document)
            #expect(problem == nil, "seed \(seed): \(document.text)")
            // A variable may stand where any scalar stands, and nobody knows its value.
            var count = 0
            let variable = validator.problem(of: replacingScalars(document, &count))
            #expect(variable == nil, "seed \(seed), with variables: \(document.text)")
        }
        #expect(taken >= 8, "too few to say anything")
    }

    private func replacingScalars(_ value: JSON, _ count: inout Int) -> JSON {
        switch value {
        case .array(let items): return .array(items.map { replacingScalars($0, &count) })
        case .object(let members):
            return .object(
                members.map { member in
                    let isHead = count == 0 && ["apiVersion", "kind"].contains(member.key)
                    return JSON.Member(member.key, isHead ? member.value : replacingScalars(member.value, &count))
                })
        default:
            // Each another one: a list in which no two are alike stays one.
            count += 1
            return .string("${{ name_\(count) }}")
        }
    }

    @Test("what a schema can know to be wrong, neither takes")
    func rejected() throws {
        let validator = SchemaValidator(Self.schema)
        let files = try Self.files(Self.tests.appending(path: "Rejected"))
        for file in files {
            let text = String(decoding: file.bytes, as: UTF8.self)
            #expect(text.hasPrefix("# "), "\(file.path) does not say why")
            let documents = Self.documents(file.bytes)
            #expect(documents.count == 1, "\(file.path)")
            for document in documents {
                #expect(!isTaken(document), "\(file.path): the decoder takes it")
                #expect(validator.problem(of: JSON(document)) != nil, "\(file.path): the schema takes it")
            }
        }
        #expect(files.count >= 40)
    }

    @Test("equal definitions are equal bytes")
    func stable() {
        #expect(JSONSchema.schema(of: KindDefinition.all).text == Self.schema.text)
    }
}
