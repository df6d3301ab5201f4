import Foundation
import Specs
import Testing

/// The documents in `Complete/`: together one valid revision that says every field of every kind.
enum CompleteSpecs {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Complete")

    static func files() throws -> [SpecFile] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path()).sorted().map { name in
            SpecFile(path: name, bytes: [UInt8](try Data(contentsOf: folder.appending(path: name))))
        }
    }

    static func load(environment: String? = nil) throws -> SpecSet {
        let loaded = SpecLoader.load(try files(), environment: environment)
        return try #require(loaded.specs, "\(loaded.diagnostics.filter { $0.severity == .error })")
    }
}

@Suite("The complete documents say everything")
struct CompleteSpecsTests {
    @Test("they are valid, and nothing in them is worth a warning")
    func valid() throws {
        let findings = SpecLoader.validate(try CompleteSpecs.files()).diagnostics
        #expect(findings.filter { $0.severity != .info }.map(\.description) == [])
    }

    @Test("every field of every kind is written in them")
    func everyField() throws {
        var written: Set<String> = []
        for file in try CompleteSpecs.files() {
            for document in YAMLReader.read(file).documents {
                guard let kind = ResourceKind(rawValue: document.root["kind"]?.text ?? ""),
                    let description = KindDefinition[kind]?.spec, let spec = document.root["spec"]
                else { continue }
                Self.visit(spec, description, &written)
            }
        }
        for kind in KindDefinition.all {
            var declared: Set<String> = []
            var seen: Set<String> = []
            Self.collect(kind.spec, &declared, &seen)
            #expect(declared.subtracting(written).sorted() == Self.elsewhere.filter { declared.contains($0) }.sorted())
        }
    }

    /// Fields that cannot stand beside the others of their objects; the tables of the kinds have them.
    private static let elsewhere: Set<String> = [
        "Schedule.cron", "AppArmor.file", "Seccomp.file", "Metric.times", "MetricTarget.value",
        "WarmPool.templateRef", "ScheduledTask.template", "Ceilings.memorySwap",
    ]

    /// Notes every field that a map writes, by the name of its object.
    private static func visit(_ node: YAMLNode, _ object: ObjectDescription.Provider, _ written: inout Set<String>) {
        guard case .mapping(let pairs) = node.content else { return }
        let description = object.load()
        for pair in pairs {
            guard let field = description.fields.first(where: { $0.name == pair.key }) else { continue }
            written.insert("\(description.name).\(field.name)")
            visit(pair.value, field.type, &written)
        }
    }

    private static func visit(_ node: YAMLNode, _ type: TypeDescription, _ written: inout Set<String>) {
        switch (type, node.content) {
        case (.object(let object), .mapping): visit(node, object, &written)
        case (.list(let item, _, _), .sequence(let nodes)): for node in nodes { visit(node, item, &written) }
        case (.map(_, let values), .mapping(let pairs)): for pair in pairs { visit(pair.value, values, &written) }
        case (.either(let types), _): for type in types { visit(node, type, &written) }
        default: break
        }
    }

    private static func collect(
        _ object: ObjectDescription.Provider, _ declared: inout Set<String>, _ seen: inout Set<String>
    ) {
        guard seen.insert(object.name).inserted else { return }
        let description = object.load()
        for field in description.fields {
            declared.insert("\(description.name).\(field.name)")
            collect(field.type, &declared, &seen)
        }
    }

    private static func collect(_ type: TypeDescription, _ declared: inout Set<String>, _ seen: inout Set<String>) {
        switch type {
        case .object(let object): collect(object, &declared, &seen)
        case .list(let item, _, _): collect(item, &declared, &seen)
        case .map(_, let values): collect(values, &declared, &seen)
        case .either(let types): for type in types { collect(type, &declared, &seen) }
        default: break
        }
    }
}

extension YAMLNode {
    subscript(key: String) -> YAMLNode? {
        guard case .mapping(let pairs) = content else { return nil }
        return pairs.first { $0.key == key }?.value
    }

    var text: String? {
        if case .scalar(let scalar) = content { scalar.text } else { nil }
    }
}
