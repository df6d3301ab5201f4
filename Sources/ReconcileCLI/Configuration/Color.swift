import ArgumentParser
import Glibc

/// When output has colours.
enum ColorChoice: String, ExpressibleByArgument, CaseIterable {
    /// On a terminal that has them, unless `NO_COLOR` is set to anything.
    case auto
    case always, never

    /// Whether text for this descriptor gets colours.
    func isOn(
        for descriptor: Int32, environment: (String) -> String? = { name in getenv(name).map { String(cString: $0) } }
    ) -> Bool {
        switch self {
        case .always: return true
        case .never: return false
        case .auto:
            let isRefused = environment("NO_COLOR")?.isEmpty == false || environment("TERM") == "dumb"
            return !isRefused && isatty(descriptor) == 1
        }
    }
}
