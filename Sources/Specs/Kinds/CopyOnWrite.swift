/// Keeps a large value behind one reference, so that values with it in them are cheap to copy; it is copied when it is
/// changed while somebody else has it too.
@propertyWrapper
package struct CopyOnWrite<Value: Sendable>: Sendable {
    private var storage: Storage

    /// Changed only where nobody else has it, as `wrappedValue` makes sure.
    private final class Storage: @unchecked Sendable {
        var value: Value

        init(_ value: Value) { self.value = value }
    }

    package init(wrappedValue: Value) { storage = Storage(wrappedValue) }

    package var wrappedValue: Value {
        get { storage.value }
        _modify {
            if !isKnownUniquelyReferenced(&storage) { storage = Storage(storage.value) }
            yield &storage.value
        }
    }
}
