import FoundationEssentials
import Glibc
import Reconciler

/// Profiles of AppArmor that we have loaded, and that may have become useless since.
///
/// Taking a profile away would set the programs under it free. So it stays while a container of ours says that it must be
/// confined by it, whether it runs or not, while any process of the host is confined by it, and for a while after it was
/// made ready: the container that it is for may not be there yet.
struct LoadedProfiles {
    /// Where files of profiles are kept.
    var folder = "/etc/apparmor.d"
    /// What the kernel has loaded: `NAME (enforce)`, line by line.
    var list = "/sys/kernel/security/apparmor/profiles"
    var processes = "/proc"

    private static let leastAge = Duration.seconds(600)

    /// Names of profiles that nothing needs, sorted; none where it cannot be seen who uses them.
    ///
    /// - Parameter labels: of all containers of the engine, whoever they belong to.
    func unused(labels: [[String: String]], now: Date = .now) -> [String] {
        // Only root sees it, and only where the kernel has AppArmor.
        guard let text = try? KernelFile.read(list), let used = used() else { return [] }
        let needed = Set(
            labels.compactMap {
                $0[ConfinementExpectation.label].flatMap { ConfinementExpectation(text: $0)?.appArmor }
            })
        let loaded = Set(text.split(separator: "\n").compactMap { $0.split(separator: " ").first.map(String.init) })
        return loaded.filter { name in
            name.hasPrefix(Confinement.AppArmor.prefix) && !needed.contains(name) && !used.contains(name)
                && isOld(name, now)
        }.sorted()
    }

    func path(of name: String) -> String { "\(folder)/\(name)" }

    /// One without a file was loaded by somebody else.
    private func isOld(_ name: String, _ now: Date) -> Bool {
        // No file, or none that we may look at: then it is not ours to take away.
        let attributes = try? FileManager.default.attributesOfItem(atPath: path(of: name))
        guard let changed = attributes?[.modificationDate] as? Date else { return false }
        return now.timeIntervalSince(changed) > Self.leastAge / .seconds(1)
    }

    /// Profiles that some process is confined by; nil where processes cannot be listed.
    private func used() -> Set<String>? {
        // Whoever cannot see who is confined takes nothing away.
        guard let entries = try? FileManager.default.contentsOfDirectory(atPath: processes) else { return nil }
        var used: Set<String> = []
        for entry in entries where entry.allSatisfy(\.isNumber) {
            // It ends whenever it likes.
            guard let text = try? KernelFile.read("\(processes)/\(entry)/attr/current"),
                let name = text.split(whereSeparator: { $0.isWhitespace || $0 == "\0" }).first
            else { continue }
            used.insert(String(name))
        }
        return used
    }
}
