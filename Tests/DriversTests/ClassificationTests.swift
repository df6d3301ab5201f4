import Drivers
import Reconciler
import Testing

struct RefusalCase: Sendable, CustomTestStringConvertible {
    var status: Int
    var message: String
    var isWrite = true
    var disposition: DriverError.Disposition
    var code: DriverError.Code

    init(
        _ status: Int, _ message: String, isWrite: Bool = true, _ disposition: DriverError.Disposition,
        _ code: DriverError.Code
    ) {
        self.status = status
        self.message = message
        self.isWrite = isWrite
        self.disposition = disposition
        self.code = code
    }

    var testDescription: String { "\(status) \(message)" }

    /// The messages are the engine's own: 20.10 unless noted.
    static let all = [
        RefusalCase(404, "No such image: nope:1", .terminal, .imageNotFound),
        RefusalCase(404, "No such container: abc", .conflict, .notFound),
        RefusalCase(404, "network reconcile-web not found", .conflict, .notFound),
        RefusalCase(404, "pull access denied for x, repository does not exist", .terminal, .imageNotFound),
        RefusalCase(404, "manifest for busybox:x not found: manifest unknown", .terminal, .imageNotFound),
        RefusalCase(
            409, "Conflict. The container name \"/a\" is already in use by container \"f00\".", .conflict, .nameConflict
        ),
        RefusalCase(409, "network with name x already exists", .conflict, .nameConflict),
        RefusalCase(409, "removal of container abc is already in progress", .conflict, .conflict),
        RefusalCase(409, "You cannot remove a running container abc. Stop the container", .conflict, .conflict),
        RefusalCase(
            409,
            "Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time",
            .terminal, .badRequest),
        RefusalCase(
            409, "Conflicting options: CPU Period cannot be updated as NanoCPUs has already been set", .terminal,
            .badRequest),
        RefusalCase(400, "Minimum memory limit allowed is 6MB", .terminal, .badRequest),
        RefusalCase(
            400, "invalid mount config for type \"bind\": bind source path does not exist: /x", .terminal,
            .mountSourceMissing),
        RefusalCase(
            400, "client version 1.41 is too old. Minimum supported API version is 1.44, please upgrade", .terminal,
            .apiVersionUnsupported),
        RefusalCase(
            400, "client version 1.51 is too new. Maximum supported API version is 1.41", .transient,
            .apiVersionUnsupported),
        RefusalCase(
            400, "invalid pool request: Pool overlaps with other one on this address space", .conflict, .conflict),
        RefusalCase(403, "Pool overlaps with other one on this address space", .conflict, .conflict),
        RefusalCase(
            403, "cannot create network abc (rc-1): conflicts with network def (rc-1): networks have same bridge name",
            .conflict, .conflict),
        RefusalCase(403, "error while removing network: network x id y has active endpoints", .conflict, .conflict),
        RefusalCase(401, "unauthorized: incorrect username or password", .terminal, .unauthorized),
        RefusalCase(500, "unexpected EOF", .terminal, .badRequest),
        RefusalCase(
            500, "json: cannot unmarshal string into Go struct field Resources.Memory of type int64", .terminal,
            .badRequest),
        RefusalCase(
            500,
            "driver failed programming external connectivity on endpoint a: Bind for 0.0.0.0:80 failed: port is already allocated",
            .transient, .portTaken),
        RefusalCase(
            500, "driver failed: Error starting userland proxy: listen tcp4 0.0.0.0:80: bind: address already in use",
            .transient, .portTaken),
        RefusalCase(500, "mkdir /var/lib/docker/overlay2/x: no space left on device", .transient, .noSpace),
        RefusalCase(
            500,
            "Cannot update container abc: unable to set memory limit to 8388608 (current usage: 20000000, peak usage: 30000000)",
            .terminal, .memoryInUse),
        RefusalCase(500, "task 4f5e6a: already exists: unknown", .conflict, .taskExists),
        RefusalCase(500, "id already in use", .conflict, .taskExists),
        RefusalCase(500, "iptables failed: No chain/target/match by that name", .unknown, .serverError),
        RefusalCase(503, "", .unknown, .serverError),
        RefusalCase(500, "layer does not exist", isWrite: false, .transient, .serverError),
        RefusalCase(302, "", isWrite: false, .transient, .badResponse),
    ]
}

struct ClassificationTests {
    @Test("a refusal is classified by its words, then by its status", arguments: RefusalCase.all)
    func classifies(_ c: RefusalCase) {
        let error = DriverError(
            DockerError(status: c.status, message: c.message, isWrite: c.isWrite, place: "POST /containers/create"))
        #expect(error.disposition == c.disposition)
        #expect(error.code == c.code)
        #expect(error.place == "POST /containers/create")
        #expect(error.message.contains("\(c.status)"))
    }
}
