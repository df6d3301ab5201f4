import Foundation
import HTTPTypes
import Logging
import NIOHTTP1
import ReconcileTesting
import Reconciler
import Specs
import Synchronization
import Testing

@testable import API

/// The document and the server say the same.
struct OpenAPITests {
    /// Read once, which takes seconds in a build for tests.
    private static let read = Result { try JSONDocument(Data(OpenAPIDocument.text.utf8)) }
    private static func document() throws -> JSONDocument { try read.get() }

    @Test("every route of the server is in the document, and nothing else")
    func routes() throws {
        let paths = try #require(try Self.document()["paths"]).members
        let documented = Set(paths.flatMap { path, item in item.members.keys.map { "\($0.uppercased()) \(path)" } })
        let served = Set(Endpoint.all.map { "\($0.method.rawValue) \($0.path)" })
        #expect(documented == served)
        let ids = paths.values.flatMap { $0.members.values.compactMap { $0["operationId"]?.text } }
        #expect(Set(ids).count == ids.count && ids.count == served.count)
    }

    @Test("every reference leads somewhere")
    func references() throws {
        let document = try Self.document()
        let schemas = try #require(document["components"]?["schemas"]).members
        var found: [String] = []
        func look(_ value: JSONDocument) {
            if let target = value["$ref"]?.text { found.append(target) }
            for part in value.members.values { look(part) }
            for part in value.items { look(part) }
        }
        look(document)
        #expect(!found.isEmpty)
        for target in found {
            #expect(schemas[String(target.split(separator: "/").last ?? "")] != nil, "\(target)")
        }
    }

    @Test("the page in docs is this document")
    func page() throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let page = try String(contentsOf: folder.appendingPathComponent("docs/openapi.json"), encoding: .utf8)
        #expect(page == OpenAPIDocument.text, "run scripts/docs")
    }

    struct Call: Sendable, CustomTestStringConvertible {
        var method = "get"
        var path: String
        /// The path as the document has it; the same unless there are parameters.
        var route: String?
        var body: String?
        var status: String

        var testDescription: String { "\(method) \(path): \(status)" }

        private static let first = ClaimID(number: 1)

        private static func making(_ pool: String, _ body: String, _ status: String) -> Call {
            Call(
                method: "post", path: "/v1/pools/\(pool)/claims", route: "/v1/pools/{pool}/claims", body: body,
                status: status)
        }

        static let all =
            [
                Call(path: "/v1/status", status: "200"), Call(path: "/v1/objects", status: "200"),
                Call(path: "/v1/objects?kind=Workload", route: "/v1/objects", status: "200"),
                Call(path: "/v1/objects?kind=web", route: "/v1/objects", status: "400"),
                Call(path: "/v1/objects?color=red", route: "/v1/objects", status: "400"),
                Call(path: "/v1/objects/Workload/web", route: "/v1/objects/{kind}/{name}", status: "200"),
                Call(path: "/v1/objects/Workload/none", route: "/v1/objects/{kind}/{name}", status: "404"),
                Call(path: "/v1/objects/Pod/web", route: "/v1/objects/{kind}/{name}", status: "404"),
                Call(path: "/v1/conditions", status: "200"),
                Call(path: "/v1/conditions?type=Ready", route: "/v1/conditions", status: "200"),
                Call(path: "/v1/recommendations", status: "200"),
                Call(path: "/v1/recommendations?kind=Workload", route: "/v1/recommendations", status: "200"),
                Call(path: "/v1/recommendations?object=web", route: "/v1/recommendations", status: "400"),
                Call(path: "/v1/plan", status: "200"), Call(path: "/v1/events", status: "200"),
                Call(path: "/v1/events?limit=0", route: "/v1/events", status: "400"),
                Call(path: "/v1/events?since=now", route: "/v1/events", status: "400"),
                Call(path: "/v1/logs", status: "200"),
                Call(path: "/v1/logs?level=warning&limit=2", route: "/v1/logs", status: "200"),
                Call(path: "/v1/logs?level=loud", route: "/v1/logs", status: "400"),
                Call(path: "/v1/history", status: "200"), Call(path: "/v1/snapshot", status: "200"),
                Call(path: "/v1/overview", status: "200"), Call(path: "/healthz", status: "200"),
                Call(path: "/readyz", status: "200"), Call(path: "/metrics", status: "200"),
                Call(path: "/openapi.json", status: "200"),
                Call(method: "post", path: "/v1/sync", body: "", status: "200"),
                Call(method: "post", path: "/v1/sync", body: "{\"a\":\"b\"}", status: "400"),
                Call(method: "post", path: "/v1/pause", body: "{\"reason\":\"x\"}", status: "200"),
                Call(method: "post", path: "/v1/pause", body: "[]", status: "400"),
                Call(method: "post", path: "/v1/unpin", body: "{}", status: "400"),
                Call(method: "post", path: "/v1/webhooks/github", body: "", status: "404"),
                Call(path: "/v1/pools", status: "200"),
                Call(path: "/v1/pools/agents", route: "/v1/pools/{pool}", status: "200"),
                Call(path: "/v1/pools/none", route: "/v1/pools/{pool}", status: "404"),
                Call(path: "/v1/claims", status: "200"),
                Call(path: "/v1/claims?phase=open&limit=1", route: "/v1/claims", status: "200"),
                Call(path: "/v1/claims?phase=gone", route: "/v1/claims", status: "400"),
                Call(path: "/v1/claims/\(first)", route: "/v1/claims/{id}", status: "200"),
                Call(path: "/v1/claims/x", route: "/v1/claims/{id}", status: "404"),
                making("agents", #"{"holder": "a"}"#, "201"), making("agents", "{}", "400"),
                making("none", #"{"holder": "a"}"#, "404"),
                Call(
                    method: "post", path: "/v1/claims/\(first)/renew", route: "/v1/claims/{id}/renew", body: "",
                    status: "200"),
                Call(
                    method: "post", path: "/v1/claims/\(first)/renew", route: "/v1/claims/{id}/renew",
                    body: #"{"ttl": 1}"#, status: "400"),
                Call(method: "delete", path: "/v1/claims/\(first)", route: "/v1/claims/{id}", status: "200"),
                Call(method: "delete", path: "/v1/claims/x", route: "/v1/claims/{id}", status: "404"),
                Call(path: "/v1/claims/x/events", route: "/v1/claims/{id}/events", status: "404"),
            ]
    }

    @Test("every answer is as the document says, and has no field that it does not name", arguments: Call.all)
    func answers(_ c: Call) async throws {
        let event = EventRecord(
            time: TestServer.now, key: .object(TestHost.web), reason: "Started", message: "x", revision: "3f2c9e1")
        let record = RevisionRecord(
            revision: Revision(id: "3f2c9e1", reference: "main"),
            commit: CommitFacts(author: "Ada", time: TestServer.now, subject: "Add web"), outcome: .applied,
            time: TestServer.now)
        let host = TestHost(.init(report: TestHost.planned(), events: [event], history: [record]))
        host.script.withLock { $0.report.pools = [PoolStatus(pool: ResourceID(.warmPool, "agents"))] }
        var wanted = ClaimRequest(pool: ResourceID(.warmPool, "agents"), holder: "a", idempotencyKey: "k")
        (wanted.limits, wanted.environment) = (ClaimLimits(pids: 5), ["A": "b"])
        _ = try await host.claim(wanted, by: "")
        host.log.add(
            LogRecord(
                time: Date(timeIntervalSince1970: 1), level: .warning, message: "m",
                fields: ["event": .text("a"), "n": .integer(1)]))
        try await TestServer.with(host) { server in
            let answer = try await server.ask(
                c.path, post: c.body, method: c.method == "delete" ? .DELETE : nil)
            #expect("\(answer.code)" == c.status, "\(String(decoding: answer.body, as: UTF8.self))")
            let document = try Self.document()
            let responses = document["paths"]?[c.route ?? c.path]?[c.method]?["responses"]
            let content = try #require(responses?[c.status]?["content"], "the status is not documented")
            guard let schema = content["application/json"]?["schema"] else { return }
            let problems = SchemaCheck(document).problems(of: try JSONDocument(answer.body), by: schema)
            #expect(problems.isEmpty, "\(problems.joined(separator: "\n"))")
        }
    }
}

/// The part of JSON Schema that the document is written in, and one thing more: no field without a place in it.
private struct SchemaCheck {
    private let schemas: [String: JSONDocument]

    init(_ document: JSONDocument) { schemas = document["components"]?["schemas"]?.members ?? [:] }

    func problems(of value: JSONDocument, by schema: JSONDocument, at path: String = "") -> [String] {
        if let target = schema["$ref"]?.text {
            guard let named = schemas[String(target.split(separator: "/").last ?? "")] else {
                return ["\(path): no schema \(target)"]
            }
            return problems(of: value, by: named, at: path)
        }
        if let words = schema["enum"]?.items, !words.contains(value) { return ["\(path): \(value) is not in \(words)"] }
        switch (schema["type"]?.text, value) {
        case ("string", .string), ("boolean", .boolean), ("number", .number): return []
        case ("integer", .number(let number)): return number == number.rounded() ? [] : ["\(path): \(number)"]
        case ("array", .array(let items)):
            return items.enumerated().flatMap { index, item in
                problems(of: item, by: schema["items"] ?? .null, at: "\(path)[\(index)]")
            }
        case ("object", .object(let members)): return problems(ofMembers: members, by: schema, at: path)
        default: return ["\(path): \(value) is no \(schema["type"]?.text ?? "?")"]
        }
    }

    private func problems(
        ofMembers members: [String: JSONDocument], by schema: JSONDocument, at path: String
    ) -> [String] {
        guard let properties = schema["properties"]?.members else {
            guard let rest = schema["additionalProperties"] else { return [] }
            return members.flatMap { problems(of: $0.value, by: rest, at: "\(path).\($0.key)") }
        }
        let missing = (schema["required"]?.items ?? []).compactMap(\.text).filter { members[$0] == nil }
        return missing.map { "\(path): '\($0)' is missing" }
            + members.flatMap { name, value in
                properties[name].map { problems(of: value, by: $0, at: "\(path).\(name)") }
                    ?? ["\(path): '\(name)' is not documented"]
            }
    }
}
