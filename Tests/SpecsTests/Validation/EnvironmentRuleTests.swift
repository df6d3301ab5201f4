import Specs
import Testing

@Suite("Variables and environments")
struct EnvironmentRuleTests {
    private let base = """
        apiVersion: reconcile.dev/v1
        kind: Workload
        metadata: {name: web, labels: {app: a, tier: b}}
        spec:
          replicas: ${{ replicas }}
          disruptionBudget: {minAvailable: 1}
          template:
            image: nginx:${{ tag }}
            env: {A: "x-${{tag}}-${{ replicas }}", B: "$${{ tag }}", C: "${HOME} $(date)", D: "${{ tag }}"}
        """

    private static func variables(_ lines: String) -> String {
        object("Variables", "variables:\n" + indented(lines, by: 2))
    }

    private static func environment(_ lines: String, _ name: String = "production") -> String {
        object("Environment", lines, name: name)
    }

    private func loaded(_ name: String?, _ documents: String...) -> LoadedSpecs {
        let text = documents.joined(separator: "\n---\n")
        return SpecLoader.load([SpecFile(path: "web.yaml", bytes: Array(text.utf8))], environment: name)
    }

    private func problems(_ name: String?, _ documents: String...) -> [String] {
        let text = documents.joined(separator: "\n---\n")
        return SpecLoader.load([SpecFile(path: "web.yaml", bytes: Array(text.utf8))], environment: name).diagnostics
            .filter { $0.severity != .info }.map(\.description)
    }

    @Test("variables keep the type of their value, and become text within text")
    func substitution() throws {
        let declared = Self.variables("replicas: {default: 3}\ntag: {default: \"1.27\"}")
        let web = try #require(loaded(nil, base, declared, pool).specs?.workloads.first?.spec)
        #expect(web.replicas == 3)
        #expect(web.source.template.image == "nginx:1.27")
        #expect(web.source.template.env == ["A": "x-1.27-3", "B": "${{ tag }}", "C": "${HOME} $(date)", "D": "1.27"])
        let production = Self.environment("variables: {replicas: 5, tag: \"2\"}")
        let changed = try #require(loaded("production", base, declared, pool, production).specs?.workloads.first?.spec)
        #expect(changed.replicas == 5 && changed.source.template.image == "nginx:2")
    }

    @Test("the quotes around a variable are no matter, nor is an escape that spells it")
    func spelling() throws {
        let declared = Self.variables("replicas: {default: 3}\ntag: {default: \"1.27\"}")
        let plain = try #require(loaded(nil, base, declared, pool).specs)
        let quoted = base.replacing("replicas: ${{ replicas }}", with: #"replicas: "\x24{{ replicas }}""#)
        #expect(loaded(nil, quoted, declared, pool).specs == plain)
        let other = SpecFile(
            path: "a.yaml",
            bytes: Array(
                #"{apiVersion: reconcile.dev/v1, kind: Workload, metadata: {name: v}, spec: {template: {image: "a:\x24{{ tag }}"}}}"#
                    .utf8))
        let files = [
            SpecFile(path: "b.yaml", bytes: Array([declared, pool].joined(separator: "\n---\n").utf8)), other,
        ]
        #expect(SpecLoader.load(files).specs?.workloads.first?.spec.source.template.image == "a:1.27")
    }

    @Test("what a variable stands for is wrong where it is written")
    func positions() {
        // The pool has five lines, and the variables stand behind it.
        let declared = Self.variables("replicas: {default: many}\ntag: {default: \"1\"}")
        #expect(
            problems(nil, pool, declared, base) == [
                "web.yaml:12:25: error: 'spec.replicas' must be an integer, not the string 'many'"
            ])
        let right = Self.variables("replicas: {default: 3}\ntag: {default: \"1\"}")
        #expect(
            problems("production", pool, right, base, Self.environment("variables: {replicas: -1}")) == [
                "web.yaml:29:25: error: 'spec.replicas' must be 0-1000, not '-1'"
            ])
    }

    @Test(
        "variables are declared once and have a value",
        arguments: [
            (
                "replicas: {default: 3}\ntag: {}",
                "error: variable 'tag' has neither a value nor a default, first at web.yaml:13:10 (give it a value in an Environment, or a default where it is declared)"
            ),
            (
                "replicas: {default: 3}\ntags: {default: \"1\"}",
                "error: variable 'tag' is not declared (did you mean 'tags'?)"
            ),
            (
                "replicas: {default: 3}",
                "error: variable 'tag' is not declared (declare it in a document of kind Variables, or write '$${{' for a literal '${{')"
            ),
        ])
    func undefined(declared: String, expected: String) {
        // One finding for each of the three places that use it.
        let found = problems(nil, pool, Self.variables(declared), base)
        #expect(found.count == 3 && found.allSatisfy { $0.hasSuffix(expected) }, "\(found)")
    }

    @Test("a value of an environment fills a variable without a default, and validate asks for it in each of them")
    func everyEnvironment() {
        let declared = Self.variables("replicas: {default: 3}\ntag: {}")
        let production = Self.environment("variables: {tag: \"2\"}")
        #expect(problems("production", pool, declared, base, production) == [])
        func validated(_ documents: String...) -> [String] {
            let file = SpecFile(path: "web.yaml", bytes: Array(documents.joined(separator: "\n---\n").utf8))
            return SpecLoader.validate([file]).diagnostics.filter { $0.severity != .info }.map(\.description)
        }
        #expect(validated(pool, declared, base, production) == [])
        let found = validated(pool, declared, base, production, Self.environment("{}", "staging"))
        #expect(found.count == 3 && found.allSatisfy { $0.contains("'tag' has neither a value") }, "\(found)")
    }

    @Test("a variable is declared once")
    func twice() {
        let one = Self.variables("tag: {default: a}")
        let two = object("Variables", "variables: {tag: {default: b}}", name: "y")
        #expect(problems(nil, pool, one, two).count == 1)
        #expect(
            problems(nil, pool, one, two)[0].contains(
                "error: variable 'tag' is already declared, first at web.yaml:12:"))
    }

    @Test(
        "what is wrong with a variable is said at its place",
        arguments: [
            (
                "image: \"a:${{ tag }\"",
                "'${{' has no '}}' behind it (write '$${{' for a '${{' that is meant literally)"
            ),
            (
                "image: \"a:${{ 1 }}\"",
                "'1' between '${{' and '}}' is not the name of a variable (write '$${{' for a '${{' that is meant literally)"
            ),
            (
                "image: \"a:${{ }}\"",
                "'' between '${{' and '}}' is not the name of a variable (write '$${{' for a '${{' that is meant literally)"
            ),
        ])
    func malformed(line: String, expected: String) {
        let found = problems(nil, object("Workload", "template:\n  " + line), pool)
        #expect(found == ["web.yaml:6:12: error: " + expected])
    }

    private let plain = """
        apiVersion: reconcile.dev/v1
        kind: Workload
        metadata: {name: web, labels: {app: a, tier: b}}
        spec:
          replicas: 1
          disruptionBudget: {minAvailable: 1}
          template: {image: a, env: {A: "1", B: "2"}, command: [a, b]}
        """

    private static func patch(_ lines: String, _ target: String = "{kind: Workload, name: web}") -> String {
        Self.environment("patches:\n  - target: \(target)\n    patch:\n" + indented(lines, by: 6))
    }

    @Test("a patch merges maps, replaces everything else, adds what is new, and null takes away")
    func patches() throws {
        let text = """
            metadata: {labels: {tier: null, new: c}, annotations: {note: d}}
            spec:
              replicas: 4
              disruptionBudget: null
              template: {env: {A: "9", C: "3", B: null}, command: [c], user: 5}
            """
        let specs = try #require(loaded("production", plain, pool, Self.patch(text)).specs)
        let web = try #require(specs.workloads.first)
        #expect(web.labels == ["app": "a", "new": "c"] && web.annotations == ["note": "d"])
        #expect(web.spec.replicas == 4 && web.spec.disruptionBudget == nil)
        let template = ContainerTemplate(image: "a", command: ["c"], env: ["A": "9", "C": "3"], user: "5")
        #expect(web.spec.source.template == template)
        #expect(loaded(nil, plain, pool, Self.patch(text)).specs?.workloads.first?.spec.replicas == 1)
    }

    @Test("several patches of one object hold in their order, and may use variables")
    func order() throws {
        let text = """
            variables: {count: 7}
            patches:
              - {target: {kind: Workload, name: web}, patch: {spec: {replicas: 2}}}
              - {target: {kind: Workload, name: web}, patch: {spec: {replicas: "${{ count }}"}}}
            """
        let declared = Self.variables("count: {default: 1}")
        let specs = loaded("production", plain, pool, declared, Self.environment(text)).specs
        #expect(specs?.workloads.first?.spec.replicas == 7)
    }

    @Test(
        "what a patch makes wrong is said at the line of the patch",
        arguments: [
            ("spec: {replicas: many}", "22:26: error: 'spec.replicas' must be an integer, not the string 'many'"),
            ("spec: {replica: 2}", "22:16: error: unknown key 'replica' (did you mean 'replicas'?)"),
            ("spec: {template: {image: null}}", "7:13: error: 'spec.template' needs 'image'"),
            ("spec: {hostPool: other}", "22:26: error: HostPool 'other' is not declared (declared: 'local')"),
            (
                "kind: WarmPool",
                "22:9: error: a patch cannot change 'kind' (it changes 'spec', 'metadata.labels' and 'metadata.annotations')"
            ),
            (
                "metadata: {name: other}",
                "22:20: error: a patch cannot change 'name' (it changes 'spec', 'metadata.labels' and 'metadata.annotations')"
            ),
        ])
    func wrongPatches(lines: String, expected: String) {
        #expect(problems("production", plain, pool, Self.patch(lines)) == ["web.yaml:" + expected])
    }

    @Test(
        "a patch changes a declared object",
        arguments: [
            (
                "{kind: Workload, name: wep}",
                "20:15: error: Workload/wep is not declared, so it cannot be patched (did you mean 'web'?)"
            ),
            ("{kind: WarmPool, name: web}", "20:15: error: WarmPool/web is not declared, so it cannot be patched"),
            ("{kind: Environment, name: production}", "22:9: error: Environment/production cannot be patched"),
            ("{kind: Deployment, name: web}", "20:22: error: 'spec.patches.0.target.kind' must be "),
            ("{name: web}", "20:15: error: 'spec.patches.0.target' needs 'kind'"),
        ])
    func targets(target: String, expected: String) {
        let found = problems("production", plain, pool, Self.patch("spec: {replicas: 2}", target))
        #expect(found.count == 1 && found[0].hasPrefix("web.yaml:" + expected), "\(found)")
    }

    @Test("an environment that a host names must be declared, and so must what it gives values to")
    func missing() {
        let production = Self.environment("variables: {tag: a}")
        #expect(
            problems("staging", plain, pool, production).contains {
                $0.contains("error: environment 'staging' is not declared (declared: production)")
            })
        #expect(
            problems("production", plain, pool, production) == [
                "web.yaml:19:20: error: variable 'tag' is not declared (declare it in a document of kind Variables)"
            ])
    }

    @Test(
        "what is wrong with the documents themselves is said at its place",
        arguments: [
            (
                Self.variables("1a: {}"),
                "6:5: error: key '1a' of 'spec.variables' must be 1-64 characters of A-Z, a-z, 0-9 and '_', with a letter or '_' first"
            ),
            (Self.variables("a: b"), "6:8: error: 'spec.variables.a' must be a map, not the string 'b'"),
            (
                Self.variables("a: {default: [b]}"),
                "6:18: error: 'spec.variables.a.default' must be a string, a number or a boolean, not a list"
            ),
            (
                Self.variables("a: {default: null}"),
                "6:18: error: 'spec.variables.a.default' must be a string, a number or a boolean, not null"
            ),
            (object("Variables", "{}"), "5:3: error: 'spec' needs 'variables'"),
            (
                object("Environment", "variables: {a: [b]}"),
                "5:18: error: 'spec.variables.a' must be a string, a number or a boolean, not a list"
            ),
            (
                object("Environment", "patches: [{target: {kind: Workload, name: labelled}}]"),
                "5:13: error: 'spec.patches.0' needs 'patch'"
            ),
            (
                object("Environment", "patches: [{target: {kind: Workload, name: labelled}, patch: 1}]"),
                "5:63: error: 'spec.patches.0.patch' must be a map, not the integer '1'"
            ),
        ])
    func documents(text: String, expected: String) {
        let found = problems(nil, text, pool, labelled)
        #expect(found == ["web.yaml:" + expected])
    }

    @Test("a patch removes neither all of an object nor its name", arguments: ["spec", "metadata"])
    func removal(key: String) {
        let found = problems(
            "production", labelled, pool,
            Self.environment("patches: [{target: {kind: Workload, name: labelled}, patch: {\(key): null}}]"))
        #expect(found.count == 1 && found[0].hasSuffix("error: a patch cannot remove '\(key)'"), "\(found)")
    }

    @Test("what declares variables is not itself made by one")
    func declarations() {
        let hidden = object("${{ kind }}", "variables: {late: {}}", name: "hidden").replacing(
            "${{ kind }}", with: "\"${{ kind }}\"")
        let found = problems(nil, hidden, pool, Self.variables("kind: {default: Variables}"))
        #expect(
            found.count == 1
                && found[0].hasSuffix("error: the kind 'Variables' cannot come from a variable (write it out)"),
            "\(found)")
    }

    @Test("more environments than are read are refused at once")
    func tooMany() {
        let environments = (0...SpecLoader.mostEnvironments).map {
            object("Environment", "patches: []", name: "e\($0)")
        }
        let file = SpecFile(path: "web.yaml", bytes: Array((environments + [pool]).joined(separator: "\n---\n").utf8))
        for loaded in [SpecLoader.validate([file]), SpecLoader.load([file], environment: "e1")] {
            #expect(loaded.specs == nil && loaded.diagnostics.map(\.code) == [.limitExceeded])
        }
    }
}
