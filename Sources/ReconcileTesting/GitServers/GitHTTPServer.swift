import FoundationEssentials

/// git's own `git http-backend` behind busybox's httpd, and behind stunnel for https.
package struct GitHTTPServer: Sendable {
    /// Where every repository below the served folder is found: `<url>/<path>`.
    package let url: String

    /// Where a server on this port is found, also while there is none.
    package static func url(port: UInt16) -> String { "http://127.0.0.1:\(port)/cgi-bin/git" }

    /// - Parameters:
    ///   - root: the folder of the repositories.
    ///   - token: what must be given as the password of the user `x-access-token`; nil admits everybody.
    ///   - port: nil for one that is free.
    @discardableResult
    package static func with<Value: Sendable>(
        root: String, token: String? = nil, port: UInt16? = nil, _ body: (GitHTTPServer) async throws -> Value
    ) async throws -> Value {
        try await ScratchFolder.with { folder in
            let port = try port ?? LoopbackPort.unused()
            try folder.write(
                "home/cgi-bin/git",
                """
                #!/bin/sh
                export GIT_PROJECT_ROOT='\(root)' GIT_HTTP_EXPORT_ALL=1 GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
                exec git http-backend
                """, mode: 0o700)
            let rules = token.map { "/cgi-bin:x-access-token:\($0)\n" } ?? ""
            let configuration = try folder.write("httpd.conf", rules)
            let arguments = [
                "httpd", "-f", "-p", "127.0.0.1:\(port)", "-h", folder.path + "/home", "-c", configuration,
            ]
            return try await ServerProcess.with(["busybox"] + arguments, port: port) {
                try await body(GitHTTPServer(url: url(port: port)))
            }
        }
    }

    /// The same over TLS.
    ///
    /// - Parameters:
    ///   - name: what the certificate says; `localhost` is the address of the server.
    ///   - body: is given the file of the authority that signed the certificate.
    @discardableResult
    package static func withTLS<Value: Sendable>(
        root: String, token: String? = nil, certificateFor name: String = "localhost",
        _ body: (GitHTTPServer, _ authority: String) async throws -> Value
    ) async throws -> Value {
        try await with(root: root, token: token) { plain in
            try await ScratchFolder.with { folder in
                let certificate = try await makeCertificate(for: name, in: folder)
                let port = try LoopbackPort.unused()
                let backend = plain.url.dropFirst("http://".count).prefix { $0 != "/" }
                let configuration = try folder.write(
                    "stunnel.conf",
                    """
                    foreground = yes
                    pid =
                    [https]
                    accept = 127.0.0.1:\(port)
                    connect = \(backend)
                    cert = \(certificate)
                    """)
                return try await ServerProcess.with(["stunnel4", configuration], port: port) {
                    let server = GitHTTPServer(url: "https://localhost:\(port)/cgi-bin/git")
                    return try await body(server, folder.path + "/ca.pem")
                }
            }
        }
    }

    /// An authority of its own and a certificate signed by it.
    ///
    /// - Returns: the file with the key and the certificate.
    private static func makeCertificate(for name: String, in folder: ScratchFolder) async throws -> String {
        let path = folder.path
        try folder.write("extensions", "subjectAltName = DNS:\(name)\n")
        let newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        try await TestCommand.run(
            "openssl",
            [
                "req", "-x509", "-days", "2", "-subj", "/CN=test authority", "-keyout", "\(path)/ca.key", "-out",
                "\(path)/ca.pem",
            ]
                + newKey)
        try await TestCommand.run(
            "openssl",
            ["req", "-subj", "/CN=\(name)", "-keyout", "\(path)/server.key", "-out", "\(path)/server.csr"] + newKey)
        try await TestCommand.run(
            "openssl",
            [
                "x509", "-req", "-days", "2", "-in", "\(path)/server.csr", "-CA", "\(path)/ca.pem", "-CAkey",
                "\(path)/ca.key", "-CAcreateserial", "-extfile", "\(path)/extensions", "-out", "\(path)/server.crt",
            ])
        let parts = try ["server.key", "server.crt"].map {
            try String(contentsOfFile: "\(path)/\($0)", encoding: .utf8)
        }
        return try folder.write("server.pem", parts.joined())
    }
}
