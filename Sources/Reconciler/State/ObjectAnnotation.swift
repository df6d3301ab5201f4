import Specs

extension ObjectAnnotation {
    /// Why the annotations ask to leave an object alone; nil where they do not.
    static func pause(in annotations: [String: String]) -> String? {
        guard let value = annotations[paused.rawValue], value != "false" else { return nil }
        return value == "true" ? "" : value
    }
}
