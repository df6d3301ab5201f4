import Specs
import Testing

@Suite("Files of AppArmor")
struct AppArmorTextTests {
    @Test(
        "one profile has a name, which can be another",
        arguments: [
            "profile mine {\n  file,\n}\n",
            "#include <tunables/global>\n@{ROOT}=/srv/{a,b}\n\nprofile mine flags=(attach_disconnected) {\n  /srv/{a,b}/** r,\n  profile inner {\n  }\n}\n",
            "# profile other {\nabi <abi/3.0>,\n  profile\tmine {\n}\n",
        ])
    func named(text: String) throws {
        let profile = try AppArmorText(text)
        #expect(profile.name == "mine")
        let other = profile.named("reconcile-web-1234")
        #expect(other.contains("reconcile-web-1234") && other.count == text.count + "reconcile-web-1234".count - 4)
        #expect(try AppArmorText(other).named("mine") == text)
    }

    @Test("a file is read with the specs, and what is wrong in it is said where it is named")
    func files() throws {
        func load(_ text: String) -> LoadedSpecs {
            let spec = """
                apiVersion: reconcile.dev/v1
                kind: SecurityProfile
                metadata: {name: a}
                spec: {appArmor: {file: a.apparmor}}

                """
            return SpecLoader.load([
                SpecFile(path: "a.yaml", bytes: Array(spec.utf8)),
                SpecFile(path: "a.apparmor", bytes: Array(text.utf8)),
            ])
        }
        let right = load("profile mine {\n}\n")
        #expect(right.specs?.securityProfiles.first?.spec.appArmor?.text?.name == "mine", "\(right.diagnostics)")
        let wrong = load("/bin/sh {\n}\n")
        #expect(
            wrong.diagnostics.map(\.description) == [
                "a.yaml:4:25: error: 'a.apparmor': '/bin/sh' begins a profile without a name "
                    + "(begin it with 'profile NAME {': a path instead would confine programs of the host)"
            ])
    }

    @Test(
        "what would confine programs of the host, or is not one profile, is refused",
        arguments: [
            "", "file,\n", "/usr/bin/passwd {\n}\n", "profile mine /usr/bin/passwd {\n}\n", "profile {\n}\n",
            "profile a {\n}\nprofile b {\n}\n", "\"/usr/bin/with space\" {\n}\n", "profile mine @{bin}/sh {\n}\n",
        ])
    func refused(text: String) {
        #expect(throws: InvalidText.self) { try AppArmorText(text) }
    }
}
