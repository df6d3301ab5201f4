import FoundationEssentials
import Glibc
import Reconciler
import Subprocess

/// Checks profiles of AppArmor, and loads them into the kernel before a container needs them.
enum AppArmorLoader {
    /// Files are kept where the system loads them from when it boots, before Docker.
    private static let profiles = LoadedProfiles()

    /// Makes a profile ready for a container that is about to be made.
    ///
    /// - Parameter kernelHas: what the engine says; nil is unknown, and then the engine decides.
    /// - Returns: false where the kernel has no AppArmor and the profile is not required.
    static func prepare(_ profile: Confinement.AppArmor, kernelHas: Bool?) async throws(DriverError) -> Bool {
        if let text = profile.text { try await check(text, of: profile.name) }
        if kernelHas == false {
            guard profile.isRequired else { return false }
            let message = "the profile '\(profile.name)' is required and the kernel has no AppArmor"
            throw DriverError(.terminal, .badRequest, message, at: "AppArmor")
        }
        if let text = profile.text, KernelSecurity.hasAppArmor { try await load(text, as: profile.name) }
        return true
    }

    /// The syntax alone, which needs nothing of the kernel. Nothing is known where there is no parser.
    private static func check(_ text: String, of name: String) async throws(DriverError) {
        guard let complaint = await run(["-Q", "-K"], text) else { return }
        throw DriverError(
            .terminal, .badRequest, "the profile '\(name)' is not right: \(complaint)", at: "apparmor_parser")
    }

    /// Loads it once: what has this name has this content.
    private static func load(_ text: String, as name: String) async throws(DriverError) {
        let path = profiles.path(of: name)
        do {
            // Written anew each time: its age says when it was last made ready.
            try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
        } catch {
            throw DriverError(.transient, .noSpace, "'\(path)' cannot be written: \(error)", at: "AppArmor")
        }
        guard let complaint = await run(["-r", "-W", path], "") else { return }
        throw DriverError(
            .transient, .badRequest, "the profile '\(name)' is not loaded: \(complaint)", at: "apparmor_parser")
    }

    /// Takes profiles of ours away that nothing needs any more.
    ///
    /// - Parameter labels: of all containers of the engine.
    static func unloadUnused(labels: [[String: String]]) async {
        for name in profiles.unused(labels: labels) {
            let path = profiles.path(of: name)
            // One that the kernel keeps is tried again when the next container goes.
            guard await run(["-R", path], "") == nil else { continue }
            unlink(path)
        }
    }

    /// - Returns: what the parser has to say against it; nil for nothing, and where there is no parser.
    static func run(_ options: [String], _ text: String) async -> String? {
        do {
            let result = try await Subprocess.run(
                .name("apparmor_parser"), arguments: Arguments(options),
                environment: .custom(["PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"]),
                input: .array(Array(text.utf8)), output: .discarded, error: .string(limit: 64 << 10))
            if result.terminationStatus.isSuccess { return nil }
            let lines = result.standardError.split(separator: "\n")
            return String((lines.first { $0.contains("rror") } ?? lines.first ?? "refused").prefix(500))
        } catch {
            return nil
        }
    }
}
