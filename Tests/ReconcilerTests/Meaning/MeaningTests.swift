import Foundation
import ReconcileTesting
import Reconciler
import Specs
import Testing

@Suite("Only what specs mean has an effect")
struct MeaningTests {
    @Test(
        "styles, comments, key order, files, the order of documents and defaults written out change nothing",
        arguments: Seeds.corpus(24))
    func meaning(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let source = try #require(Self.sources.randomElement(using: &random))
        let documents = Self.documents(of: source, using: &random)
        var writer = RandomYAML(random)
        let plain = [SpecFile(path: "plain.yaml", bytes: Array(documents.map { writer.document($0) }.joined().utf8))]
        let names = SpecLoader.validate(plain).specs?.environments.map(\.id.name) ?? []
        // Where every variable needs a value, only the environments have a meaning.
        let meanings = ([nil] + names).compactMap { name in Meaning(plain, name).map { (name, $0) } }
        #expect(meanings.count >= max(names.count, 1), "seed \(seed): \(findings(plain, names.first))")
        for (environment, first) in meanings {
            let files = Self.rewritten(documents, using: &random)
            let second = try #require(Meaning(files, environment), "seed \(seed): \(findings(files, environment))")
            #expect(first.specs == second.specs, "seed \(seed)")
            #expect(first.demands == second.demands, "seed \(seed)")
            #expect(first.hashes == second.hashes, "seed \(seed)")
            #expect(first.plan == second.plan, "seed \(seed)")
        }
    }

    @Test("what is written by the dice is what was there: every document reads back")
    func readsBack() throws {
        var random = SplitMix64(seed: 7)
        for source in Self.sources {
            for document in Self.roots(of: source) {
                for _ in 0..<2 {
                    var writer = RandomYAML(random)
                    let text = writer.document(document)
                    random = writer.random
                    let stream = YAMLReader.read(SpecFile(path: "a.yaml", bytes: Array(text.utf8)))
                    #expect(stream.diagnostics.isEmpty, "\(stream.diagnostics)\n\(text)")
                    #expect(stream.documents.map { YAMLMeaning($0.root) } == [YAMLMeaning(document)], "\(text)")
                }
            }
        }
    }

    @Test("a value that changes is noticed, so the comparison is not of nothing")
    func difference() throws {
        let source = try #require(Self.sources.first { $0.contains { $0.path.hasSuffix("quickstart/web.yaml") } })
        let changed = source.map { file in
            let text = String(decoding: file.bytes, as: UTF8.self).replacing("cpus: 250m", with: "cpus: 251m")
                .replacing("8080, -h", with: "8081, -h").replacing("ports: [8080]", with: "ports: [8081]")
            return SpecFile(path: file.path, bytes: Array(text.utf8))
        }
        let (a, b) = (try #require(Meaning(source, nil)), try #require(Meaning(changed, nil)))
        #expect(a.specs != b.specs && a.hashes != b.hashes && a.plan != b.plan)
    }

    private func findings(_ files: [SpecFile], _ environment: String?) -> String {
        let loaded = SpecLoader.load(files, environment: environment)
        let text = files.map { "# \($0.path)\n" + String(decoding: $0.bytes, as: UTF8.self) }.joined()
        return loaded.diagnostics.filter { $0.severity == .error }.map(\.description).joined(separator: "\n") + text
    }

    // MARK: Where specs come from

    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// Every folder of the examples, and the documents that say every field of the language; these twice as often.
    private static let sources: [[SpecFile]] = {
        let examples = root.appending(path: "examples/specs")
        // A folder that cannot be read leaves nothing to draw from, which every test notices.
        let folders = (try? FileManager.default.contentsOfDirectory(atPath: examples.path()))?.sorted() ?? []
        let complete = files(in: root.appending(path: "Tests/SpecsTests/Kinds/Complete"))
        return folders.filter { !$0.contains(".") }.map { files(in: examples.appending(path: $0)) }
            + Array(repeating: complete, count: folders.count)
    }()

    private static func files(in folder: URL) -> [SpecFile] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path()))?.sorted() ?? []
        return names.filter { $0.hasSuffix(".yaml") }.compactMap { name in
            let file = folder.appending(path: name)
            return (try? Data(contentsOf: file)).map { SpecFile(path: file.path(), bytes: [UInt8]($0)) }
        }
    }

    private static func roots(of files: [SpecFile]) -> [YAMLNode] {
        files.flatMap { YAMLReader.read($0).documents.map(\.root) }
    }

    /// The documents of a source, or what is left of them after some fields were dropped, if that is valid as well.
    private static func documents(of source: [SpecFile], using random: inout SplitMix64) -> [YAMLNode] {
        let all = roots(of: source)
        var defaults = WrittenDefaults(random: random)
        defer { random = defaults.random }
        var result = all
        for index in all.indices.shuffled(using: &defaults.random).prefix(4) {
            var candidate = result
            candidate[index] = defaults.thinned(all[index])
            var writer = RandomYAML(defaults.random)
            let text = candidate.map { writer.document($0) }.joined()
            let loaded = SpecLoader.validate([SpecFile(path: "a.yaml", bytes: Array(text.utf8))])
            if loaded.specs != nil { result = candidate }
        }
        return result
    }

    /// The same documents with defaults, in any style and order, spread over files.
    private static func rewritten(_ documents: [YAMLNode], using random: inout SplitMix64) -> [SpecFile] {
        var defaults = WrittenDefaults(random: random)
        let full = documents.map { defaults.added(to: $0) }
        var writer = RandomYAML(defaults.random)
        var texts: [String: String] = [:]
        for document in full.shuffled(using: &random) {
            let name = ["a.yaml", "b/c.yml", "z.yaml"].randomElement(using: &random) ?? ""
            texts[name, default: ""] += writer.document(document)
        }
        random = writer.random
        let lineEnd = Bool.random(using: &random) ? "\n" : "\r\n"
        return texts.map { SpecFile(path: $0.key, bytes: Array($0.value.replacing("\n", with: lineEnd).utf8)) }
            .sorted { $0.path < $1.path }
    }
}

/// What a revision means to a host: all that must not change when nothing that is said does.
private struct Meaning {
    var specs: SpecSet
    /// What is not carried out yet, by object.
    var demands: [String: [String]]
    var hashes: [ResourceID: String]
    /// The plan of an empty host, without places.
    var plan: [Action]

    init?(_ files: [SpecFile], _ environment: String?) {
        guard let specs = SpecLoader.load(files, environment: environment).specs else { return nil }
        self.specs = specs
        let selector = specs.hostPools.first?.spec.hosts
        let labels = selector?.labels.matchLabels ?? [:]
        let host = HostIdentity(
            name: selector?.name ?? "host-1", labels: labels.merging(["zone": "a"]) { own, _ in own })
        let desired = DesiredState(
            specs: specs, revision: Revision(id: "1111111", reference: "main"), host: HostSettings(identity: host))
        let objects = desired.objects.values.map { ($0.id.description, $0.unenforced.map(\.demand)) }
        let declarations = desired.declarations.map { ("declared " + $0.id.description, $0.demands.map(\.demand)) }
        demands = Dictionary(uniqueKeysWithValues: objects + declarations)
        hashes = desired.objects.mapValues(\.recreateLabel)
        let plan = Planner.plan(
            desired: desired, observed: ObservedState(), gates: desired.solitaryGates, now: Now(uptime: .zero))
        self.plan = plan.actions.map { action in
            var action = action
            action.position = nil
            if case .held(let hold) = action.verdict {
                let end = hold.message.lastIndex(of: "(") ?? hold.message.endIndex
                action.verdict = .held(Hold(hold.gate, String(hold.message[..<end])))
            }
            return action
        }
    }
}
