extension Diagnostic {
    /// The stable codes of all findings.
    ///
    /// A number never moves to another meaning and is never used again; `explanation` says what it means. The hundreds
    /// are areas: see `Area`.
    package enum Code: String, CaseIterable, Codable, Sendable {
        // Reading bytes as YAML.

        /// Bytes that are not UTF-8.
        case invalidEncoding = "S001"
        /// NUL, another control character, or one that changes the direction of text.
        case forbiddenCharacter = "S002"
        /// A tab where YAML wants spaces.
        case tabIndentation = "S003"
        /// Not YAML.
        case syntax = "S004"
        /// A `%YAML` directive of a version other than 1.1 and 1.2, or a `%TAG` directive.
        case unsupportedDirective = "S005"
        /// The same key twice in one mapping.
        case duplicateKey = "S006"
        /// A key that is not a plain or quoted string.
        case unsupportedKey = "S007"
        /// `<<`, which YAML 1.2 does not have.
        case mergeKey = "S008"
        /// A tag outside the core schema, or one that the value does not fit.
        case unsupportedTag = "S009"
        /// An alias of an anchor that the document has not defined before.
        case unknownAlias = "S010"
        /// An alias inside the very node that it stands for.
        case recursiveAlias = "S011"
        /// More bytes, files, documents, nodes or nesting than is read.
        case limitExceeded = "S012"
        /// A file or folder that cannot be read, or that is refused unread.
        case unreadable = "S013"

        // Decoding one object.

        case unknownAPIVersion = "S101"
        case unknownKind = "S102"
        case missingKey = "S103"
        case unknownKey = "S104"
        case wrongType = "S105"
        /// The right type, but not a value of the field's grammar or choices.
        case invalidValue = "S106"
        case outOfRange = "S107"
        /// Two fields of one object that cannot both hold.
        case conflictingFields = "S108"
        /// A label, path or name that belongs to the controller or the host.
        case reserved = "S109"

        // Looking at all objects together.

        /// Two objects of one kind with one name.
        case duplicateName = "S201"
        /// Two objects of different kinds whose containers would have the same names.
        case nameConflict = "S202"
        /// A reference to an object that is not declared.
        case danglingReference = "S203"
        /// A reference that was left out although several objects, or none, could be meant.
        case ambiguousReference = "S204"
        case hostPortTaken = "S205"
        /// More containers, CPUs or memory than the hosts of a pool may hold.
        case capacityExceeded = "S206"
        /// Two Autoscalers that would both set the size of one object.
        case conflictingAutoscalers = "S207"
        /// A limit of a container above the ceiling of the ResourceLimits that select it.
        case limitOverCeiling = "S208"
        /// More in all than a total of ResourceLimits.
        case quotaExceeded = "S209"
        /// A variable with neither a value nor a default.
        case undefinedVariable = "S210"
        /// An overlay that patches what no base declares.
        case invalidOverlayTarget = "S211"
        /// Two policies that select one container and cannot both hold.
        case contradictingPolicies = "S212"
        /// Objects that wait for each other.
        case circularDependency = "S213"

        // Valid, but worth a word.

        /// A selector that no declared object fits.
        case selectorMatchesNothing = "S301"
        /// Declared, and nothing refers to it.
        case unusedObject = "S302"
        /// What this version can read but not carry out yet; the objects that need it are held.
        case notYetEnforced = "S303"
        /// A system call that exists, but on no architecture that hosts run.
        case syscallElsewhere = "S304"
        /// An annotation that looks like one of the controller's and is none.
        case unknownAnnotation = "S305"
        /// A disruption budget under which no member can ever be replaced.
        case budgetWithoutRoom = "S306"

        // Policies.

        case unknownSyscall = "S401"
        /// A seccomp profile that denies what every container needs to start.
        case profileTooSmall = "S402"
        /// An address range with bits set behind its prefix.
        case hostBitsInCIDR = "S403"
        /// A rule that allows a part of a range that is always blocked.
        case allowInBlockedRange = "S404"

        // Schedules and time.

        case windowNeverOpens = "S501"
        case unknownTimeZone = "S502"
        case invalidCron = "S503"
        case invalidRecurrence = "S504"

        /// How severe a finding of this code is, unless its author says otherwise.
        package var severity: Severity {
            switch self {
            case .selectorMatchesNothing, .unusedObject, .unknownAnnotation, .budgetWithoutRoom: .warning
            case .notYetEnforced, .syscallElsewhere: .info
            default: .error
            }
        }

        /// Codes that have their number and explanation but no check that reports them yet.
        package static let withoutCheck: Set<Code> = []

        package var area: Area {
            // Every number has three digits behind its letter, which a test holds up.
            let hundreds = rawValue.utf8.dropFirst().first.map { Int($0) - Int(UInt8(ascii: "0")) } ?? 0
            return Area(rawValue: hundreds) ?? .yaml
        }
    }

    /// What the hundreds of a code's number stand for.
    package enum Area: Int, CaseIterable, Sendable {
        case yaml, object, revision, advice, policy, time

        package var title: String {
            switch self {
            case .yaml: "Bytes and YAML"
            case .object: "One object"
            case .revision: "The whole revision"
            case .advice: "Warnings and notes"
            case .policy: "Policies"
            case .time: "Schedules and time"
            }
        }
    }
}
