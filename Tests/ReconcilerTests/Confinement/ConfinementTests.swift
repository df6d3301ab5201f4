import ReconcileTesting
import Reconciler
import Specs
import Testing

/// A Workload `web` whose template names a profile, and that profile.
enum Confined {
    static func state(
        replicas: Int = 1, user: String? = nil, image: String = "web:1", host: HostSettings = Declared.host,
        _ change: (inout SecurityProfile) -> Void = { _ in }
    ) -> DesiredState {
        var template = ContainerTemplate(image: image, user: user)
        template.securityProfile = "tight"
        var profile = SecurityProfile()
        profile.seccomp = SecurityProfile.Seccomp()
        change(&profile)
        let place = SourcePosition(file: "tight.yaml", line: 1, column: 1)
        var specs = SpecSet(
            hostPools: [Declared.pool()], workloads: [Declared.workload("web", replicas: replicas, template)])
        specs.securityProfiles = [Resource(id: ResourceID(.securityProfile, "tight"), spec: profile, origin: place)]
        return DesiredState(specs: specs, revision: Revision(id: "1111111", reference: "main"), host: host)
    }

    static let id = ResourceID(.workload, "web")
}

@Suite("What confines containers")
struct ConfinementTests {
    private func confinement(_ state: DesiredState) throws -> Confinement {
        try #require(state.objects[Confined.id]?.container.confinement)
    }

    @Test("a template that names no profile is left to the engine, and its hash is what it always was")
    func unnamed() throws {
        let object = try #require(Declared.state(Declared.workload()).objects[Confined.id])
        #expect(object.container.confinement == nil)
        #expect(!object.recreateLabel.contains("securityProfile"))
        let intent = MemberIntent(
            name: "web-0-1", mark: OwnershipMark(owner: "default", object: Confined.id), container: object.container)
        #expect(intent.labels[ConfinementExpectation.label] == nil)
    }

    @Test("under a baseline of the host's own, containers without a profile are within it too")
    func baseline() throws {
        var host = Declared.host
        host.seccompBaseline = SeccompBaseline(.sandbox)
        let object = try #require(Declared.state(Declared.workload(), host: host).objects[Confined.id])
        let confinement = try #require(object.container.confinement)
        #expect(confinement.profile == nil && confinement.seccomp.name == "sandbox v1")
        #expect(!confinement.noNewPrivileges && confinement.droppedCapabilities.isEmpty)
    }

    @Test("a profile can tighten the baseline and never widen it, and says what was withheld")
    func intersection() throws {
        var host = Declared.host
        host.seccompBaseline = SeccompBaseline(.sandbox)
        let filter = try confinement(
            Confined.state(host: host) {
                $0.seccomp?.allow = [.init("bpf"), .init("io_uring_setup")]
                $0.seccomp?.deny = [.init("mkdir")]
            }
        ).seccomp
        #expect(filter.name == "docker-default 0.2.3 within sandbox v1")
        #expect(filter.withheld.contains("bpf") && filter.withheld.contains("io_uring_setup"))
        for name in ["bpf", "io_uring_setup", "mkdir"] { #expect(!filter.json.contains("\"\(name)\"")) }
    }

    @Test("capabilities have their full names, in one order")
    func capabilities() throws {
        let confinement = try confinement(
            Confined.state {
                $0.capabilities.drop = ["NET_RAW", "MKNOD"]
                $0.capabilities.add = ["SYS_TIME"]
            })
        #expect(confinement.droppedCapabilities == ["CAP_MKNOD", "CAP_NET_RAW"])
        #expect(confinement.addedCapabilities == ["CAP_SYS_TIME"])
        let all = try self.confinement(Confined.state { $0.capabilities.drop = ["NET_RAW", "ALL"] })
        #expect(all.droppedCapabilities == ["ALL"])
    }

    @Test("each field of a profile recreates containers, and where it is written does not")
    func hash() throws {
        let changes: [(String, (inout SecurityProfile) -> Void)] = [
            ("securityProfile.seccomp", { $0.seccomp?.deny = [.init("mkdir")] }),
            ("securityProfile.capabilities", { $0.capabilities.drop = ["ALL"] }),
            ("securityProfile.noNewPrivileges", { $0.noNewPrivileges = false }),
            ("securityProfile.readOnlyRootFilesystem", { $0.readOnlyRootFilesystem = true }),
            ("securityProfile.runtime", { $0.runtime = "runsc" }),
            ("securityProfile.user", { $0.user = "1000" }),
        ]
        let plain = try #require(Confined.state().objects[Confined.id])
        for (field, change) in changes {
            let changed = try #require(Confined.state(change).objects[Confined.id])
            #expect(plain.recreateHash.changes(to: changed.recreateHash) == [field])
            #expect(plain.meaning != changed.meaning)
        }
        // A template's own user wins, so the profile's says nothing.
        let own = try #require(Confined.state(user: "5").objects[Confined.id])
        let both = try #require(Confined.state(user: "5") { $0.user = "1000" }.objects[Confined.id])
        #expect(own.recreateHash == both.recreateHash && both.container.user == "5")
        let denied = try #require(Confined.state { $0.seccomp?.deny = [.init("bpf")] }.objects[Confined.id])
        #expect(denied.recreateHash != plain.recreateHash, "bpf may pass with a capability")
    }

    @Test("a profile of which no filter can be made holds its objects")
    func impossible() throws {
        let state = Confined.state { profile in
            profile.seccomp?.file = "missing.json"
        }
        #expect(
            plan(state, ObservedState(converged: state)).lines == [
                "Workload/web/0 update: runs without something that its spec asks for [] held: CannotConfine"
            ])
        var observed = ObservedState(converged: state)
        observed.remove("web-0-1")
        #expect(plan(state, observed).lines == ["Workload/web/0 create: not on this host [] held: CannotConfine"])
    }

    @Test("what a container must look like is read back from its label as it was written")
    func label() throws {
        let states = [
            Confined.state(),
            Confined.state {
                $0.capabilities.drop = ["ALL"]
                $0.readOnlyRootFilesystem = true
                $0.user = "1000:1000"
                $0.runtime = "runc"
            }, Confined.state(user: "www-data") { $0.capabilities.add = ["ALL"] },
            Confined.state(user: "root") { $0.noNewPrivileges = false },
        ]
        for state in states {
            let container = try #require(state.objects[Confined.id]?.container)
            let expectation = try #require(ConfinementExpectation(container))
            #expect(ConfinementExpectation(text: expectation.text) == expectation, "\(expectation.text)")
        }
        #expect(ConfinementExpectation(text: "v2;seccomp=00") == nil)
        #expect(ConfinementExpectation(text: "v1;landlock=1;seccomp=00") == nil)
    }
}

@Suite("Calls that are learned")
struct LearnedCallsTests {
    @Test("become a profile in spec form, and what nobody could tell apart is said beside it")
    func profile() {
        var learned = LearnedCalls()
        for _ in 0..<3 { learned.add(83, architecture: 0xC000_003E, isOurs: true) }
        learned.add(41, architecture: 0xC000_003E, isOurs: true)
        learned.add(57, architecture: 0xC000_003E, isOurs: false)
        learned.add(90, architecture: 0xC000_003E, isOurs: nil)
        learned.add(99_999, architecture: 0xC000_003E, isOurs: true)
        #expect(learned.counts == ["mkdir": 3, "socket": 1])
        #expect(
            learned.profile(named: "web-learned", base: .sandbox) == """
                apiVersion: reconcile.dev/v1
                kind: SecurityProfile
                metadata: {name: web-learned}
                spec:
                  seccomp:
                    base: sandbox
                    allow:
                      - mkdir
                      - socket
                # Not in it: chmod (1 times), of processes that ended before they could be told apart.
                # Not in it: call c000003e/99999, which has no name here.

                """)
    }

    @Test("without any, the profile is still one")
    func empty() {
        let text = LearnedCalls().profile(named: "web-learned", base: .dockerDefault)
        #expect(text.hasSuffix("allow: []\n"))
        let loaded = SpecLoader.load([SpecFile(path: "web.yaml", bytes: Array(text.utf8))])
        #expect(loaded.specs?.securityProfiles.count == 1, "\(loaded.diagnostics)")
    }
}
