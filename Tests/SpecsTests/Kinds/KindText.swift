import Specs

/// One object of a kind, with these lines in its `spec`; the first of them is line 5, and all begin at column 3.
func object(_ kind: String, _ lines: String, name: String = "x", labels: String = "{}") -> String {
    """
    apiVersion: reconcile.dev/v1
    kind: \(kind)
    metadata: {name: \(name), labels: \(labels)}
    spec:
    \(indented(lines, by: 2))
    """
}

/// The errors and warnings of a revision in one file; notes of what is not carried out yet are left out.
func problems(_ documents: String...) -> [String] {
    load(documents.joined(separator: "\n---\n")).diagnostics.filter { $0.severity != .info }.map(\.description)
}

/// What is wrong with one object, beside a HostPool that comes behind it.
func problems(of kind: String, _ lines: String) -> [String] {
    problems(object(kind, lines, labels: "{app: a}"), pool, labelled).map { String($0.trimmingPrefix("web.yaml:")) }
}

/// A HostPool `local` of one host.
let pool = object("HostPool", "hosts: {name: host-1}", name: "local")

/// A Workload `labelled` with the label `app: a`, for selectors to select.
let labelled = object("Workload", "hostPool: local\ntemplate: {image: a}", name: "labelled", labels: "{app: a}")

func milliCPUs(_ amount: Int64) -> CPUQuantity { CPUQuantity(nanoCPUs: amount * 1_000_000) }
func mebibytes(_ amount: Int64) -> ByteQuantity { ByteQuantity(bytes: amount << 20) }
func gibibytes(_ amount: Int64) -> ByteQuantity { ByteQuantity(bytes: amount << 30) }
