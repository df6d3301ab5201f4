extension Diagnostic {
    /// The stable names of all findings; a name keeps its meaning once it is released.
    package enum Code: String, CaseIterable, Codable, Sendable {
        // Reading bytes as YAML.

        /// Bytes that are not UTF-8.
        case invalidEncoding
        /// NUL, another control character, or one that changes the direction of text.
        case forbiddenCharacter
        /// A tab where YAML wants spaces.
        case tabIndentation
        /// Not YAML.
        case syntax
        /// A `%YAML` directive of a version other than 1.1 and 1.2, or a `%TAG` directive.
        case unsupportedDirective
        /// The same key twice in one mapping.
        case duplicateKey
        /// A key that is not a plain or quoted string.
        case unsupportedKey
        /// `<<`, which YAML 1.2 does not have.
        case mergeKey
        /// A tag outside the core schema, or one that the value does not fit.
        case unsupportedTag
        /// An alias of an anchor that the document has not defined before.
        case unknownAlias
        /// An alias inside the very node that it stands for.
        case recursiveAlias
        /// More bytes, files, documents, nodes or nesting than is read.
        case limitExceeded

        // Decoding one object.

        case unknownKey
        case missingKey
        case wrongType
        /// The right type, but not a value of the field's grammar or choices.
        case invalidValue
        case outOfRange
        /// Two fields of one object that cannot both hold.
        case conflictingFields
        /// A label, path or name that belongs to the controller or the host.
        case reserved
        case unknownAPIVersion
        case unknownKind

        // Looking at all objects together.

        /// Two objects of one kind with one name.
        case duplicateName
        /// Two objects of different kinds whose containers would have the same names.
        case nameConflict
        /// A reference to an object that is not declared.
        case danglingReference
        /// A reference that was left out although several objects, or none, could be meant.
        case ambiguousReference
        case hostPortTaken
        /// More containers, CPUs or memory than the hosts of a pool may hold.
        case capacityExceeded
        case duplicateAutoscaler
        /// Two policies that say different things about one object.
        case contradictingPolicies
        case limitOverCeiling
        /// More in all than a total of ResourceLimits.
        case totalOverQuota
        case circularDependency
        /// A variable that is not declared, or has neither a value nor a default.
        case undefinedVariable
        /// A patch of an object that is not declared, or of what names it.
        case invalidOverlayTarget
        case selectorMatchesNothing
        /// What this version can read but not carry out yet; the objects that need it are held.
        case notYetEnforced
        case unknownSyscall
        case allowInBlockedRange
        case windowNeverOpens
        case unknownTimeZone
        case invalidCron
        case invalidRecurrence
        /// Declared, and nothing refers to it.
        case unusedTemplate
    }
}
