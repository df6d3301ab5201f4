/// What the fields of a map ask of each other, as far as a schema can say it; the rule itself may be stricter.
package struct ObjectCondition: Sendable {
    /// All of these together; none is always.
    package var when: [FieldState]
    /// What must hold then, all of it.
    package var then: [FieldState]

    package init(when: [FieldState] = [], then: [FieldState]) {
        self.when = when
        self.then = then
    }
}

/// Something that holds for one field of a map, or for several.
package indirect enum FieldState: Sendable {
    case isWritten(String)
    case isLeftOut(String)
    /// A list or map is written and has something in it.
    case isFilled(String)
    /// The field, or one inside it (`strategy.type`), has one of these values, written as YAML. Left out it has its default.
    case has(String, [String])
    /// If the field is written, it takes this as well as what its own type takes.
    case takes(String, TypeDescription)
    /// At least one of these holds.
    case any([FieldState])
}
