import Reconciler
import Specs

/// A plan as a code quality report of GitLab, which shows it in merge requests.
///
/// GitLab takes only what has a place in a file; the fingerprint of a remark stays as long as what it says does.
enum PlanQuality {
    struct Issue: Encodable {
        struct Location: Encodable {
            struct Lines: Encodable {
                var begin: Int
            }

            var path: String
            var lines: Lines
        }

        var description: String
        var checkName: String
        var fingerprint: String
        var severity: String
        var location: Location

        private enum CodingKeys: String, CodingKey {
            case description, fingerprint, severity, location
            case checkName = "check_name"
        }
    }

    static func issues(_ documents: [PlanDocument]) -> [Issue] {
        var seen: Set<String> = []
        return documents.flatMap { document in
            PlanRemark.all(of: document).compactMap { remark in
                guard let position = remark.position else { return nil }
                let fingerprint = PlanDigest.of(
                    [document.host ?? "", remark.rule, position.file, remark.title, remark.message])
                // The same thing may be said at two lines.
                guard seen.insert(fingerprint).inserted else { return nil }
                return Issue(
                    description: document.place + remark.text, checkName: remark.rule,
                    fingerprint: fingerprint, severity: remark.level == .warning ? "major" : "info",
                    location: .init(path: position.file, lines: .init(begin: position.line)))
            }
        }
    }
}
