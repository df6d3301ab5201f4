package import Reconciler

extension SplitMix64 {
    /// Dice of a seed for one purpose: what they show has nothing to do with any other purpose, nor with the next seed.
    ///
    /// A stream of this generator goes on by a constant, so that seeds which differ by it are one stream, a step apart.
    package init(seed: UInt64, for purpose: String) {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in purpose.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        var spread = SplitMix64(seed: seed ^ hash)
        self.init(seed: spread.next())
    }
}
