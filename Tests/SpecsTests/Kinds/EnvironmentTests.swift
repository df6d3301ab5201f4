import Specs
import Testing

@Suite("Variables and Environment")
struct EnvironmentTests {
    @Test("complete documents have every field")
    func complete() throws {
        let specs = try CompleteSpecs.load()
        let declared = try #require(specs.variables.first?.spec.variables)
        #expect(declared.keys.sorted() == ["replicas", "tag", "word"])
        #expect(declared["replicas"]?.defaultValue?.node.text == "3")
        #expect(declared["replicas"]?.description == "How many there are.")
        #expect(declared["word"] == Variables.Declaration())
        let environment = try #require(specs.environments.first?.spec)
        #expect(environment.variables.mapValues { $0.node.text } == ["word": "a", "replicas": "5"])
        #expect(
            environment.patches.map(\.target) == [ResourceID(.workload, "canary"), ResourceID(.warmPool, "sandbox")])
        #expect(environment.patches[0].patch.node["spec"]?["replicas"]?.text == "4")
    }

    @Test("in its environment, a revision is what the patches say")
    func patched() throws {
        let specs = try CompleteSpecs.load(environment: "production")
        let canary = try #require(specs.workloads.first { $0.id.name == "canary" })
        #expect(canary.labels == ["app": "everything", "environment": "production"])
        #expect(canary.spec.replicas == 4 && canary.spec.disruptionBudget == nil)
        let template = try #require(specs.warmPools.first?.spec.source.template)
        #expect(template.image == "b" && template.env == ["A": "1"] && template.securityProfile == "everything")
    }

    @Test("what is left out is nothing")
    func defaults() throws {
        let specs = try #require(load(object("Environment", "{}")).specs)
        #expect(specs.environments.allSatisfy { $0.spec.variables.isEmpty && $0.spec.patches.isEmpty })
    }

    @Test("values are the same by what they say, not by where they stand or how they are written")
    func meaning() {
        func declared(_ value: String) -> [Resource<Variables>]? {
            load(object("Variables", "variables: {a: {default: \(value)}}")).specs?.variables
        }
        #expect(declared("b") != nil && declared("b") == declared("  \"b\""))
        #expect(declared("1") != declared("\"1\"") && declared("a") != declared("b"))
        #expect(declared("1.0") != declared("1"), "both are put in as they were written")
    }
}
