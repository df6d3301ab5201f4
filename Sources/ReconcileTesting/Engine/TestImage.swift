/// The images that every engine of `PrivateEngine` has, without a registry; `scripts/image` makes them.
package enum TestImage {
    /// One static busybox with its applets; PATH is `/bin`, the command `sh`.
    package static let reference = "busybox:local"
    /// The same with another id, as after an update.
    package static let other = "busybox:local2"
}
