import Testing

@testable import Specs

@Suite("Policies must not contradict each other, and must select something")
struct PolicyRuleTests {
    private func policy(_ name: String, _ lines: String) -> String {
        object("NetworkPolicy", "selector: {matchLabels: {app: a}}\n" + lines, name: name)
    }

    @Test(
        "scalars that differ are an error at the second by name, which leads to the first",
        arguments: [
            ("isolate: true", "isolate: false", "isolate", "6:12"),
            ("egress: {default: deny}", "egress: {default: allow}", "egress.default", "6:21"),
            ("ingress: {default: deny}", "ingress: {default: allow}", "ingress.default", "6:22"),
            ("rateLimit: {connectionsPerSecond: 1}", "rateLimit: {connectionsPerSecond: 2}", "rateLimit", "6:14"),
            ("log: {perSecond: 1}", "log: {perSecond: 2}", "log", "6:8"),
        ])
    func contradictions(first: String, second: String, field: String, place: String) throws {
        // The second document begins at line 8, and its lines come six behind.
        let found = problems(policy("one", first), policy("two", second), pool, labelled)
        let column = try #require(place.split(separator: ":").last)
        #expect(
            found == [
                "web.yaml:13:\(column): error: NetworkPolicy/one and NetworkPolicy/two both select Workload/labelled, and contradict each other in '\(field)', first at web.yaml:\(place)"
            ])
        #expect(problems(policy("one", first), policy("two", first), pool, labelled) == [])
        #expect(problems(policy("one", first), policy("two", "ingress: {}"), pool, labelled) == [])
    }

    @Test("a policy that says nothing hides no contradiction of the others")
    func between() {
        let found = problems(
            policy("a", "isolate: true"), policy("b", "egress: {}"), policy("c", "isolate: false"), pool, labelled)
        #expect(found.count == 1 && found[0].contains("NetworkPolicy/a and NetworkPolicy/c both select"), "\(found)")
    }

    @Test("policies of different objects may say what they like")
    func apart() {
        let other = object(
            "Workload", "hostPool: local\ntemplate: {image: a}", name: "other", labels: "{app: b}")
        let elsewhere = object("NetworkPolicy", "selector: {matchLabels: {app: b}}\nisolate: false", name: "b")
        #expect(problems(policy("a", "isolate: true"), elsewhere, pool, labelled, other) == [])
    }

    @Test("allow rules unite")
    func unite() {
        let one = policy("one", "egress: {default: deny, allow: [{to: {dns: [a.org]}}]}")
        let two = policy("two", "egress: {default: deny, allow: [{to: {dns: [b.org]}}]}")
        #expect(problems(one, two, pool, labelled) == [])
    }

    @Test(
        "a selector that selects nothing is a warning",
        arguments: ["NetworkPolicy", "ResourceLimits", "MaintenanceWindow"])
    func selectsNothing(kind: String) {
        let lines = [
            "NetworkPolicy": "", "ResourceLimits": "\ndefaults: {}",
            "MaintenanceWindow": "\nkind: deny\nschedule: \"@daily\"\nduration: 1h",
        ]
        let wrong = object(kind, "selector: {matchLabels: {app: b}}" + (lines[kind] ?? ""))
        #expect(
            problems(wrong, pool, labelled) == [
                "web.yaml:5:13: warning: the selector of \(kind)/x selects nothing (labels of objects: 'app=a')"
            ])
        let right = object(kind, "selector: {matchLabels: {app: a}}" + (lines[kind] ?? ""))
        #expect(problems(right, pool, labelled) == [])
        #expect(
            problems(wrong, pool) == [
                "web.yaml:5:13: warning: the selector of \(kind)/x selects nothing (no object has labels)"
            ])
    }

    @Test(
        "so is one of neighbours",
        arguments: [
            (
                "NetworkPolicy", "selector: {}\negress: {allow: [{to: {selector: {matchLabels: {app: b}}}}]}",
                "6:36: warning: 'spec.egress.allow.0.to.selector' of NetworkPolicy/x selects nothing"
            ),
            (
                "NetworkPolicy", "selector: {}\ningress: {allow: [{from: {selector: {matchLabels: {app: b}}}}]}",
                "6:39: warning: 'spec.ingress.allow.0.from.selector' of NetworkPolicy/x selects nothing"
            ),
            (
                "Workload", "antiAffinity: {selector: {matchLabels: {app: b}}}\ntemplate: {image: a}",
                "5:28: warning: 'spec.antiAffinity.selector' of Workload/x selects nothing"
            ),
        ])
    func neighbours(kind: String, lines: String, expected: String) {
        let found = problems(of: kind, lines)
        #expect(found.count == 1 && found[0].hasPrefix(expected), "\(found)")
        #expect(problems(of: kind, lines.replacing("app: b", with: "app: a")) == [])
    }

    @Test("the index of selectors finds what asking each of them finds")
    func index() {
        var numbers = SystemRandomNumberGenerator()
        func label() -> (key: String, value: String) {
            ("k\(Int.random(in: 0..<3, using: &numbers))", "v\(Int.random(in: 0..<3, using: &numbers))")
        }
        let selectors = (0..<200).map { _ in
            var selector = LabelSelector()
            for _ in 0..<Int.random(in: 0..<3, using: &numbers) {
                let (key, value) = label()
                selector.matchLabels[key] = value
            }
            for _ in 0..<Int.random(in: 0..<2, using: &numbers) {
                let chosen = [LabelExpression.Operator.in, .notIn, .exists, .doesNotExist].randomElement() ?? .in
                let values = chosen == .in || chosen == .notIn ? [label().value, label().value] : []
                selector.matchExpressions.append(LabelExpression(key: label().key, operator: chosen, values: values))
            }
            return selector
        }
        let index = SelectorIndex(selectors)
        for _ in 0..<200 {
            let labels = Dictionary((0..<Int.random(in: 0..<4)).map { _ in label() }) { first, _ in first }
            #expect(index.selecting(labels) == selectors.indices.filter { selectors[$0].selects(labels) })
        }
    }

    @Test("a policy for every object costs what they are, not the square of it")
    func manyPolicies() {
        func seconds(_ count: Int) -> Duration {
            let files = (0..<count).map { number in
                let text = [
                    object(
                        "Workload", "hostPool: local\ntemplate: {image: a}", name: "w\(number)",
                        labels: "{a: v\(number)}"),
                    object("NetworkPolicy", "selector: {matchLabels: {a: v\(number)}}", name: "n\(number)"),
                    object(
                        "ResourceLimits", "selector: {matchLabels: {b: v\(number)}}\nceilings: {pids: 9}",
                        name: "l\(number)"),
                ].joined(separator: "\n---\n")
                return SpecFile(path: "\(number).yaml", bytes: Array(text.utf8))
            }
            let start = ContinuousClock.now
            let loaded = SpecLoader.load(files + [SpecFile(path: "pool.yaml", bytes: Array(pool.utf8))])
            #expect(loaded.specs?.networkPolicies.count == count)
            return ContinuousClock.now - start
        }
        // Four times as much takes four times as long, give or take; the square would take sixteen times.
        #expect(seconds(2000) < seconds(500) * 10 + .seconds(1))
    }

    @Test("private ranges need allowPrivate, what is always blocked stays blocked, the rest is free")
    func ranges() {
        func codes(_ peer: String) -> [Diagnostic.Code] {
            let text = policy("x", "egress: {allow: [{to: \(peer)}]}")
            return load([text, pool, labelled].joined(separator: "\n---\n")).diagnostics
                .filter { $0.severity == .error }.map(\.code)
        }
        #expect(codes("{cidr: 192.168.0.0/16}") == [.allowInBlockedRange])
        #expect(codes("{cidr: \"fd00::/8\"}") == [.allowInBlockedRange])
        #expect(codes("{cidr: 192.168.0.0/16, allowPrivate: true}") == [])
        #expect(codes("{cidr: 169.254.0.0/16, allowPrivate: true}") == [.allowInBlockedRange])
        #expect(codes("{cidr: 1.1.1.0/24}") == [])
        #expect(codes("{cidr: 0.0.0.0/0}") == [], "the blocked ranges inside stay blocked")
    }

    @Test("a security profile that is named must be declared")
    func profiles() {
        let wanting = object("Workload", "template: {image: a, securityProfile: sandbx}", name: "w")
        let profile = object("SecurityProfile", "{}", name: "sandbox")
        #expect(
            problems(wanting, pool, profile) == [
                "web.yaml:5:41: error: SecurityProfile 'sandbx' is not declared (did you mean 'sandbox'?)"
            ])
        #expect(problems(wanting.replacing("sandbx", with: "sandbox"), pool, profile) == [])
    }

    @Test("an object whose pool asks for more than is enforced is held for it, whatever policies and windows select it")
    func demands() throws {
        let window = object(
            "MaintenanceWindow", "kind: deny\nschedule: \"@daily\"\nduration: 1h\nnotice: 24h\nselector: {}", name: "w")
        let busy = pool.replacing("hosts: {name: host-1}", with: "{hosts: {name: host-1}, interruptible: true}")
        let documents = [
            window, policy("b", "ingress: {allow: [{from: {selector: {}}}]}"),
            policy("a", "egress: {allow: [{to: {selector: {}}}]}\nlog: {}"), busy, labelled,
        ]
        for order in [documents, documents.reversed()] {
            let specs = try #require(load(order.joined(separator: "\n---\n")).specs)
            #expect(specs.workloads[0].unenforced.map(\.demand) == ["'spec.interruptible'"])
        }
    }
}
