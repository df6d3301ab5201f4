import Specs
import Testing

@Suite("ContainerTemplate")
struct ContainerTemplateTests {
    @Test("a complete document has every field")
    func complete() throws {
        // All but what came with the other kinds is what the documents of the loader's tests say.
        var expected = SpecLoaderTests.web.source.template
        expected.resources.memoryReservation = mebibytes(512)
        expected.resources.cpuset = "0-3,7"
        expected.resources.cpuShares = 512
        expected.resources.disk = gibibytes(10)
        expected.resources.oomScoreAdjustment = -500
        var device = BlockIO.Device(path: "/dev/sda")
        device.readBytes = ByteQuantity(bytes: 10_000_000)
        device.writeBytes = ByteQuantity(bytes: 5_000_000)
        device.readOperations = 1000
        device.writeOperations = 500
        expected.resources.blockIO = BlockIO(weight: 300, devices: [device])
        expected.securityProfile = "everything"
        expected.network = ContainerNetwork(external: "legacy", aliases: ["api", "www"])
        #expect(try CompleteSpecs.load().containerTemplates.map(\.spec) == [expected])
    }

    @Test("what is left out has its default")
    func defaults() throws {
        let text = [object("ContainerTemplate", "image: a"), pool, object("Workload", "templateRef: x", name: "y")]
        let specs = try #require(load(text.joined(separator: "\n---\n")).specs)
        #expect(specs.containerTemplates.map(\.spec) == [ContainerTemplate(image: "a")])
        #expect(specs.workloads.map(\.spec.source.template) == [ContainerTemplate(image: "a")])
    }

    @Test(
        "what the engine does anyway is the same written out as left out",
        arguments: [
            "resources: {cpuShares: 1024}", "resources: {oomScoreAdjustment: 0}", "resources: {shm: 64Mi}",
            "resources: {blockIO: {}}", "resources: {blockIO: {weight: 500}}", "network: {}", "network: {aliases: []}",
        ])
    func usual(lines: String) throws {
        let loaded = load([workload(template: "image: a\n" + lines)].joined())
        #expect(loaded.diagnostics == [])
        let written = try #require(loaded.specs)
        #expect(written == load(workload(template: "image: a")).specs)
        #expect(written.workloads[0].unenforced == [])
    }

    @Test(
        "what is wrong is said at its place",
        arguments: [
            ("command: [a]", "5:3: error: 'spec' needs 'image'"),
            (
                "image: a\nresources: {memory: 64Mi, memoryReservation: 64Mi}",
                "6:48: error: 'spec.resources.memoryReservation' must be less than 'memory', 64Mi, not '64Mi'"
            ),
            (
                "image: a\nresources: {cpuset: 3-1}",
                "6:23: error: 'spec.resources.cpuset' must be CPUs such as '0-3' or '0,2,4-7', not '3-1'"
            ),
            (
                "image: a\nresources: {cpuset: 0}",
                "6:23: error: 'spec.resources.cpuset' must be a string, not the integer '0' (put it in quotes)"
            ),
            (
                "image: a\nresources: {cpuShares: 1}",
                "6:26: error: 'spec.resources.cpuShares' must be 2-262144, not '1'"
            ),
            (
                "image: a\nresources: {oomScoreAdjustment: -1000}",
                "6:35: error: 'spec.resources.oomScoreAdjustment' must be -999-1000, not '-1000'"
            ),
            (
                "image: a\nresources: {blockIO: {weight: 5}}",
                "6:33: error: 'spec.resources.blockIO.weight' must be 10-1000, not '5'"
            ),
            (
                "image: a\nresources: {blockIO: {devices: [{readBytes: 1M}]}}",
                "6:35: error: 'spec.resources.blockIO.devices.0' needs 'path'"
            ),
            (
                "image: a\nresources: {blockIO: {devices: [{path: sda}]}}",
                "6:42: error: 'spec.resources.blockIO.devices.0.path' must be a device of the host such as /dev/sda, not 'sda'"
            ),
            (
                "image: a\nsecurityProfile: Sandbox",
                "6:20: error: 'spec.securityProfile' must be 1-40 characters of a-z, 0-9 and '-', with a letter or digit at both ends, not 'Sandbox'"
            ),
            (
                "image: a\nnetwork: {aliases: [a, a]}",
                "6:26: error: alias 'a' is listed twice, first at web.yaml:6:23"
            ),
            ("image: a\nnetwork: host", "6:12: error: 'spec.network' must be a map, not the string 'host'"),
            ("image: a\nprivileged: true", "6:3: error: unknown key 'privileged' (known keys: image, "),
        ])
    func mistakes(lines: String, expected: String) {
        let found = problems(object("ContainerTemplate", lines), pool, object("Workload", "templateRef: x", name: "y"))
        #expect(found.count == 1 && found[0].hasPrefix("web.yaml:" + expected), "\(found)")
    }
}
