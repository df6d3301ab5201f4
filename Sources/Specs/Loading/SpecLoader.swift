/// Reads all files of a revision into typed, validated specs.
package enum SpecLoader {
    /// The most files of one revision.
    package static let mostFiles = 20_000
    /// The most bytes of one revision, all files together.
    package static let mostBytes = 64 << 20
    /// The most environments of one revision: each is a reading of all the others.
    package static let mostEnvironments = 100
    /// The most findings that are given; the rest is counted.
    package static let mostDiagnostics = 1_000

    /// Everything that the files declare, or everything that is wrong with them; the order of the files is no matter.
    ///
    /// Only the bytes given are looked at. Takes time and memory in proportion to them, whatever they are.
    /// - Parameters:
    ///   - environment: the name of the `Environment` whose variables and patches hold; nil for none.
    ///   - zones: where time zones are looked up.
    package static func load(
        _ files: [SpecFile], environment: String? = nil, zones: TimeZoneDatabase = TimeZoneDatabase()
    ) -> LoadedSpecs {
        if let problem = limitProblem(files) { return LoadedSpecs(specs: nil, diagnostics: [problem]) }
        let text = RevisionText(files)
        if let problem = text.limitProblem { return LoadedSpecs(specs: nil, diagnostics: [problem]) }
        return finished(text.objects(in: environment, zones: zones))
    }

    /// All findings about the revision as such and in each of its environments, each finding once.
    ///
    /// Where there are environments, the revision as such counts only if its variables all have defaults.
    package static func validate(_ files: [SpecFile], zones: TimeZoneDatabase = TimeZoneDatabase()) -> LoadedSpecs {
        if let problem = limitProblem(files) { return LoadedSpecs(specs: nil, diagnostics: [problem]) }
        let text = RevisionText(files)
        if let problem = text.limitProblem { return LoadedSpecs(specs: nil, diagnostics: [problem]) }
        let environments = text.environmentNames
        let names: [String?] = text.isCompleteWithoutEnvironment || environments.isEmpty ? [nil] : []
        let results = (names + environments).map { text.objects(in: $0, zones: zones) }
        let diagnostics = arranged(results.flatMap(\.diagnostics))
        let isValid = !diagnostics.contains { $0.severity == .error }
        return LoadedSpecs(specs: isValid ? results.first?.objects.specs : nil, diagnostics: diagnostics)
    }

    private static func finished(_ result: (objects: DeclaredObjects, diagnostics: [Diagnostic])) -> LoadedSpecs {
        let diagnostics = arranged(result.diagnostics)
        let isValid = !diagnostics.contains { $0.severity == .error }
        return LoadedSpecs(specs: isValid ? result.objects.specs : nil, diagnostics: diagnostics)
    }

    private static func limitProblem(_ files: [SpecFile]) -> Diagnostic? {
        var bytes = 0
        for (index, file) in files.sorted(by: { $0.path < $1.path }).enumerated() {
            let place = SourcePosition(file: file.path, line: 1, column: 1)
            if index == mostFiles {
                let message = "the revision has \(files.count) files, more than the \(mostFiles) that are read"
                return Diagnostic(.limitExceeded, at: place, message)
            }
            bytes += file.bytes.count
            if bytes > mostBytes {
                let message = "the files up to this one have more than the \(mostBytes) bytes that are read in all"
                return Diagnostic(.limitExceeded, at: place, message)
            }
        }
        return nil
    }

    /// In the order of their places, each once: an anchor's value is decoded wherever an alias repeats it.
    private static func arranged(_ diagnostics: [Diagnostic]) -> [Diagnostic] {
        var unique: [Diagnostic] = []
        for diagnostic in diagnostics.sorted(by: { ($0.position, $0.message) < ($1.position, $1.message) })
        where diagnostic != unique.last { unique.append(diagnostic) }
        return unique.count > mostDiagnostics ? shortened(unique) : unique
    }

    /// The most severe ones, as many as are given, and how many are not.
    private static func shortened(_ diagnostics: [Diagnostic]) -> [Diagnostic] {
        let ranked = diagnostics.enumerated().sorted {
            ($1.element.severity, $0.offset) < ($0.element.severity, $1.offset)
        }
        var shown = ranked.prefix(mostDiagnostics).sorted { $0.offset < $1.offset }.map(\.element)
        guard let first = ranked.dropFirst(mostDiagnostics).first?.element else { return shown }
        let rest = diagnostics.count - mostDiagnostics
        shown.append(
            Diagnostic(
                first.severity, .limitExceeded, at: first.position, "at least \(rest) more findings are not shown"))
        return shown
    }
}

/// What became of the files of a revision.
package struct LoadedSpecs: Equatable, Sendable {
    /// nil if there is any error: a revision counts as a whole or not at all.
    package var specs: SpecSet?
    /// In the order of their places.
    package var diagnostics: [Diagnostic]

    package init(specs: SpecSet?, diagnostics: [Diagnostic]) {
        self.specs = specs
        self.diagnostics = diagnostics
    }
}
