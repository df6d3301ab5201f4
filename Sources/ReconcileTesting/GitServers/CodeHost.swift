import FoundationEssentials

/// The part of GitHub's and of GitLab's API that keeps the comments of one pull request: a server of its own, which takes
/// what the two take and refuses what they refuse.
package struct CodeHost: Sendable {
    /// One comment as it is now.
    package struct Comment: Hashable, Codable, Sendable {
        package var id: Int
        package var body: String
        /// How often it was written anew.
        package var edits: Int
    }

    /// Without a slash at the end.
    package let url: String
    private let file: String

    /// The token that it wants to see, as GitHub or as GitLab.
    package static let token = "t0ken"

    /// Runs it while the body runs.
    package static func with<Value: Sendable>(_ body: (CodeHost) async throws -> Value) async throws -> Value {
        try await ScratchFolder.with { folder in
            let port = try LoopbackPort.unused()
            let script = try folder.write("host.py", program)
            let file = folder.path + "/comments.json"
            return try await ServerProcess.with(["/usr/bin/python3", script, String(port), file, token], port: port) {
                try await body(CodeHost(url: "http://127.0.0.1:\(port)", file: file))
            }
        }
    }

    /// In the order in which they were made.
    package func comments() throws -> [Comment] {
        guard FileManager.default.fileExists(atPath: file) else { return [] }
        return try JSONDecoder().decode([Comment].self, from: Data(contentsOf: URL(filePath: file)))
    }

    /// GitHub takes 65,536 characters of a comment.
    private static let program = #"""
        import http.server, json, os, re, sys

        port, file, token = int(sys.argv[1]), sys.argv[2], sys.argv[3]
        comments = []
        LIST = re.compile(r"^(/repos/acme/specs/issues/7/comments|/api/v4/projects/42/merge_requests/7/notes)$")
        ONE = re.compile(r"^(/repos/acme/specs/issues/comments|/api/v4/projects/42/merge_requests/7/notes)/(\d+)$")

        class Host(http.server.BaseHTTPRequestHandler):
            def answer(self, status, value):
                body = json.dumps(value).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def handle_any(self):
                given = (self.headers.get("Authorization"), self.headers.get("PRIVATE-TOKEN"))
                if given not in ((f"Bearer {token}", None), (None, token)):
                    return self.answer(401, {"message": "Bad credentials"})
                path = self.path.split("?")[0]
                is_gitlab = path.startswith("/api/v4")
                if self.command == "GET" and LIST.match(path):
                    return self.answer(200, comments)
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["body"]
                if len(body) > 65536:
                    return self.answer(422, {"message": "body is too long"})
                one = ONE.match(path)
                if self.command == "POST" and LIST.match(path):
                    comments.append({"id": 100 + len(comments), "body": body, "edits": 0})
                elif one and self.command == ("PUT" if is_gitlab else "PATCH"):
                    found = [c for c in comments if c["id"] == int(one[2])]
                    if not found:
                        return self.answer(404, {"message": "Not Found"})
                    found[0].update(body=body, edits=found[0]["edits"] + 1)
                else:
                    return self.answer(404, {"message": "Not Found"})
                with open(file + ".new", "w") as out:
                    json.dump(comments, out)
                os.rename(file + ".new", file)
                self.answer(201 if self.command == "POST" else 200, comments[-1])

            do_GET = do_POST = do_PATCH = do_PUT = handle_any

            def log_message(self, *words):
                pass

        http.server.HTTPServer(("127.0.0.1", port), Host).serve_forever()
        """#
}
