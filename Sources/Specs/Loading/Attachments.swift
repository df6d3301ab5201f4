/// The files of a revision that are no specs, but that specs name.
struct Attachments: Sendable {
    /// By their paths within the specs folder; more than one where several folders were named at once.
    private let files: [String: [SpecFile]]

    init(_ files: [SpecFile]) {
        self.files = Dictionary(grouping: files.filter { !$0.isSpec }, by: \.pathWithinFolder)
    }

    /// The file that a field of an object names, or a finding at that field.
    ///
    /// - Parameter ending: what the name of such a file ends in.
    func file(
        at path: String, namedAt place: SourcePosition, ending: String = ".json"
    ) -> (file: SpecFile?, finding: Diagnostic?) {
        let found = files[path, default: []]
        guard let first = found.first else {
            let message = "there is no file \(Diagnostic.quote(path)) in the specs folder"
            let nearest = NearestName.hint(for: path, among: files.keys.sorted())
            let hint =
                SpecFile.isAttachment(path)
                ? nearest ?? "the path begins at the specs folder"
                : "the file's name must end in '\(ending)'"
            return (nil, Diagnostic(.danglingReference, at: place, message, hint: hint))
        }
        guard found.count == 1 else {
            let message = "there are several files \(Diagnostic.quote(path))"
            let places = found.map { SourcePosition(file: $0.path, line: 1, column: 1) }
            return (
                nil,
                Diagnostic(
                    .ambiguousReference, at: place, message, hint: "name one folder only",
                    related: places.map { Diagnostic.Related($0, "one of them") })
            )
        }
        return (first, nil)
    }
}
