import Specs
import Testing

@Suite("The canonical text of a template is its meaning")
struct CanonicalFieldsTests {
    private func text(_ lines: String) -> [String] {
        (template(lines)?.canonicalFields() ?? []).map { "\($0.name)=\($0.value)" }
    }

    @Test("a small template says little")
    func small() {
        #expect(text("image: a") == ["image=\"a\"", "pullPolicy=\"IfNotPresent\"", "stopTimeout=[10,0]"])
    }

    @Test("every field has its own text, in the order of the names")
    func everyField() {
        let fields = SpecLoaderTests.web.source.template.canonicalFields()
        #expect(fields.map(\.name) == ContainerTemplate.canonicalFieldNames)
        #expect(ContainerTemplate.canonicalFieldNames == ContainerTemplate.canonicalFieldNames.sorted())
        let values = Dictionary(uniqueKeysWithValues: fields.map { ($0.name, $0.value) })
        #expect(values["env"] == #"[["DEBUG","true"],["EMPTY",""],["NAME","a b"],["PORT","0123"],["RATIO","1.50"]]"#)
        #expect(
            values["mounts"]
                == #"[["/a","tmpfs",67108864,"rw"],["/b","bind","/srv/www","ro"],["/data","volume","data","rw"]]"#)
        #expect(values["ports"] == #"["53/udp","8443/tcp"]"#)
        #expect(values["resources.ulimits"] == #"[["core",0,-1],["nofile",1024,1024]]"#)
        #expect(values["resources.cpuset"] == #""0-1""#)
        #expect(values["resources.blockIO.devices"] == #"[["/dev/sda",1048576,null,null,null]]"#)
        #expect(values["resources.memorySwap"] == #""unlimited""#)
        #expect(values["healthCheck.startPeriod"] == "[60,0]")
    }

    @Test(
        "spelling changes nothing",
        arguments: [
            ("env: {A: b, C: d}", "env: {C: d, A: b}"), ("resources: {cpus: 500m}", "resources: {cpus: 0.5}"),
            ("resources: {memory: 1Gi}", "resources: {memory: 1024Mi}"),
            ("resources: {memory: 1Gi}", "resources: {memory: 1Gi, memorySwap: 2Gi}"),
            ("resources: {}", "resources: {shm: 64Mi}"), ("stopTimeout: 10s", "pullPolicy: IfNotPresent"),
            ("ports: [80, 81]", "ports: [81/tcp, 80/tcp]"),
            (
                "healthCheck: {command: [a]}",
                "healthCheck: {command: [a], interval: 10s, timeout: 2s, retries: 3, startPeriod: 0s}"
            ),
            (
                "mounts: [{type: tmpfs, target: /a}, {type: tmpfs, target: /b}]",
                "mounts: [{type: tmpfs, target: /b, readOnly: false}, {type: tmpfs, target: /a}]"
            ),
            ("resources: {ulimits: {core: 0}}", "resources: {ulimits: {core: {soft: 0, hard: 0}}}"),
        ])
    func equal(a: String, b: String) {
        #expect(text("image: a\n" + a) == text("image: a\n" + b))
        #expect(!text("image: a\n" + a).isEmpty)
    }

    @Test(
        "different meanings have different texts",
        arguments: [
            ("command: [a, b]", "command: [a b]"), ("command: [a, b]", "command: [b, a]"),
            ("command: [a]", "args: [a]"),
            (#"command: ["a\",\"b"]"#, "command: [a, b]"), (#"env: {A: "b\",\"c"}"#, "env: {A: b, c: ''}"),
            (#"command: ["\n"]"#, #"command: ["\\n"]"#), (#"command: ["\x01"]"#, #"command: ["\\u0001"]"#),
            ("env: {A: ''}", "resources: {}"), ("user: a", "user: b"),
            ("resources: {memory: 1Gi, memorySwap: 1Gi}", "resources: {memory: 1Gi}"),
            ("mounts: [{type: tmpfs, target: /a}]", "mounts: [{type: tmpfs, target: /a, size: 1Mi}]"),
            ("mounts: [{type: volume, source: data, target: /a}]", "mounts: [{type: bind, source: /data, target: /a}]"),
        ])
    func different(a: String, b: String) {
        #expect(text("image: a\n" + a) != text("image: a\n" + b))
        #expect(!text("image: a\n" + a).isEmpty && !text("image: a\n" + b).isEmpty)
    }
}
