import Specs

/// One file of text, for tests that look at what becomes of it.
func load(_ text: String, path: String = "web.yaml") -> LoadedSpecs {
    SpecLoader.load([SpecFile(path: path, bytes: Array(text.utf8))])
}

/// The findings of one file as a person sees them.
func findings(_ text: String, path: String = "web.yaml") -> [String] {
    load(text, path: path).diagnostics.map(\.description)
}

/// A pool `local` and a workload whose template holds these lines; the template's first line is line 13 of the file.
func workload(template: String, spec: String = "", name: String = "web") -> String {
    """
    apiVersion: reconcile.dev/v1
    kind: HostPool
    metadata: {name: local}
    spec: {hosts: {name: host-1}}
    ---
    apiVersion: reconcile.dev/v1
    kind: Workload
    metadata: {name: \(name)}
    spec:
      hostPool: local
    \(indented(spec.isEmpty ? "replicas: 1" : spec, by: 2))
      template:
    \(indented(template, by: 4))
    """
}

func indented(_ text: String, by count: Int) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false)
        .map { String(repeating: " ", count: count) + $0 }.joined(separator: "\n")
}

/// The only workload of a text that must be valid.
func template(_ lines: String) -> ContainerTemplate? {
    load(workload(template: lines)).specs?.workloads.first?.spec.source.template
}
