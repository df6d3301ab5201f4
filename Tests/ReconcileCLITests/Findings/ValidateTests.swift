import Foundation
import ReconcileTesting
import Testing

/// The built program: what it prints and how it ends.
@Suite("reconcile validate and explain")
struct ValidateTests {
    private static let good = """
        apiVersion: reconcile.dev/v1
        kind: HostPool
        metadata: {name: local}
        spec: {hosts: {name: host-1}}

        """
    private static let workload = """
        apiVersion: reconcile.dev/v1
        kind: Workload
        metadata: {name: web}
        spec: {template: {image: "web:1"}}

        """
    private static let unused = """
        apiVersion: reconcile.dev/v1
        kind: ContainerTemplate
        metadata: {name: base}
        spec: {image: "web:1"}

        """

    private func run(_ arguments: String...) async throws -> Program.Ending { try await Program().run(arguments) }

    @Test("valid files end with 0 and one line, on standard output")
    func valid() async throws {
        try await ScratchFolder.with { folder in
            let pool = try folder.write("specs/pool.yaml", Self.good)
            let web = try folder.write("specs/apps/web.yml", Self.workload)
            for arguments in [[folder.path + "/specs"], [pool, web], [folder.path + "/specs", pool, web]] {
                let ending = try await Program().run(["validate"] + arguments)
                #expect(ending.exitCode == 0)
                #expect(ending.output == "2 files, 2 objects: valid\n")
                #expect(ending.errors == "")
            }
        }
    }

    private static let perEnvironment = """
        apiVersion: reconcile.dev/v1
        kind: Workload
        metadata: {name: web}
        spec: {template: {image: "web:${{ version }}"}}
        ---
        apiVersion: reconcile.dev/v1
        kind: Variables
        metadata: {name: releases}
        spec: {variables: {version: {}}}
        ---
        apiVersion: reconcile.dev/v1
        kind: Environment
        metadata: {name: staging}
        spec: {variables: {version: 2}}
        ---
        apiVersion: reconcile.dev/v1
        kind: Environment
        metadata: {name: production}
        spec: {patches: [{target: {kind: Workload, name: web}, patch: {spec: {replicas: 3}}}]}

        """

    @Test("every environment is checked, and the one that is named alone")
    func environments() async throws {
        try await ScratchFolder.with { folder in
            let pool = try folder.write("pool.yaml", Self.good)
            let web = try folder.write("web.yaml", Self.perEnvironment)
            let all = try await run("validate", pool, web)
            #expect(all.exitCode == 1)
            #expect(all.output.contains("neither a value in environment 'production' nor"), "\(all.output)")
            #expect(try await run("validate", "--environment", "staging", pool, web).exitCode == 0)
            #expect(try await run("validate", "--environment", "production", pool, web).exitCode == 1)
            let missing = try await run("validate", "--environment", "stagin", pool, web)
            #expect(missing.output.contains("environment 'stagin' is not declared"), "\(missing.output)")
            let plan = ["--dry-run", "--against", "none", "--specs", folder.path, "--environment"]
            let staging = try await Program().run(plan + ["staging"])
            #expect(staging.exitCode == 0 && staging.output.contains("Workload/web/0"), "\(staging)")
            #expect(try await Program().run(plan + ["production"]).exitCode == 1)
        }
    }

    @Test("errors end with 1, in every format")
    func invalid() async throws {
        try await ScratchFolder.with { folder in
            let file = try folder.write("web.yaml", Self.workload)
            for (format, part) in [
                ("human", "error[S204]: "), ("json", "\"code\" : \"S204\""), ("github", "::error file="),
                ("sarif", "\"ruleId\" : \"S204\""),
            ] {
                let ending = try await run("validate", "-o", format, file)
                #expect(ending.exitCode == 1)
                #expect(ending.output.contains(part), "\(ending)")
                #expect(ending.errors == "")
            }
        }
    }

    @Test("warnings end with 0, and with 1 where they count as errors")
    func warnings() async throws {
        try await ScratchFolder.with { folder in
            try folder.write("pool.yaml", Self.good + "---\n" + Self.workload)
            try folder.write("unused.yaml", Self.unused)
            let ending = try await run("validate", folder.path)
            #expect(ending.exitCode == 0 && ending.output.contains("warning[S302]"), "\(ending)")
            #expect(ending.output.hasSuffix("\n2 files, 3 objects: valid, 1 warning\n"))
            let strict = try await run("validate", "--strict", folder.path)
            #expect(strict.exitCode == 1 && strict.output.contains("error[S302]"), "\(strict)")
            #expect(strict.output.hasSuffix("\n1 error in 2 files\n"))
        }
    }

    @Test("what cannot be read is a finding, and nothing is said about the rest")
    func unreadable() async throws {
        try await ScratchFolder.with { folder in
            let web = try folder.write("web.yaml", Self.workload)
            let missing = folder.path + "/none"
            let ending = try await run("validate", web, missing)
            #expect(ending.exitCode == 1)
            #expect(ending.output.hasPrefix("error[S013]: there is no file or folder '\(missing)'\n"))
            #expect(!ending.output.contains("S204"))
            let big = try folder.write("big.yaml", String(repeating: "#", count: 2 << 20))
            let tooMuch = try await run("validate", big)
            #expect(tooMuch.exitCode == 1 && tooMuch.output.contains("error[S012]"), "\(tooMuch)")
        }
    }

    @Test("standard input is a file, and the same specs give the same bytes")
    func standardInput() async throws {
        let input = Array((Self.good + "---\n" + Self.workload).utf8)
        let arguments = [Program().path, "validate", "-", "-"]
        let once = try await TestCommand.run("env", arguments, input: input)
        let again = try await TestCommand.run("env", arguments, input: input)
        #expect(once == "1 file, 2 objects: valid")
        #expect(once == again)
        let nothing = try await TestCommand.run("env", arguments)
        #expect(nothing == "1 file, 0 objects: valid")
    }

    @Test("a command line that cannot be understood ends with 64")
    func usage() async throws {
        for arguments in [
            ["validate"], ["validate", "--loose", "."], ["validate", "-o", "xml", "."], ["validate", "--once", "."],
            ["--dry-run", "-o", "ics"], ["--once", "-o", "markdown"], ["validate", "-o", "gitlab", "."],
            ["status", "-o", "github"], ["explain", "S104", "-o", "sarif"],
            ["explain", "S104", "--markdown"],
        ] {
            let ending = try await Program().run(arguments)
            #expect(ending.exitCode == 64, "\(arguments): \(ending)")
        }
    }

    @Test("explain prints an explanation, a list, or where to find one")
    func explain() async throws {
        let one = try await run("explain", "s104")
        #expect(one.exitCode == 0 && one.output.hasPrefix("S104: unknown key"))
        let json = try await run("explain", "S104", "-o", "json")
        #expect(json.exitCode == 0 && json.output.contains("\"name\" : \"unknownKey\""))
        let all = try await run("explain")
        #expect(all.exitCode == 0 && all.output.contains("  S504  "))
        let none = try await run("explain", "S999")
        #expect(none.exitCode == 1 && none.errors.contains("there is no code 'S999'"))
        #expect(none.output == "")
    }

    @Test("a dry-run shows findings as validate does, on standard error")
    func dryRun() async throws {
        try await ScratchFolder.with { folder in
            try folder.write("web.yaml", Self.workload)
            let plan = try await run("--dry-run", "--against", "none", "--specs", folder.path)
            let findings = try await run("validate", folder.path)
            #expect(plan.exitCode == 1)
            #expect(plan.errors == findings.output.replacing(folder.path + "/", with: ""))
        }
    }
}
