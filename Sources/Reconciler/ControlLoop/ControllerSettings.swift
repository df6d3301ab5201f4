/// How a controller runs: how much at once, how often it looks, and when it gives up on a key.
package struct ControllerSettings: Sendable {
    /// Steps in flight at once. Above 8 nothing is gained on two cores: starts take the engine's CPU time.
    package var concurrency: Int
    /// Between two full observations; jittered by up to 10 %.
    package var resyncInterval: Duration
    /// After the first observation that failed or missed something; doubled with each more, up to `resyncInterval`.
    package var observationRetry: Duration
    /// Between two looks behind the tags of images with `pullPolicy: Always`.
    package var imageRefreshInterval: Duration
    /// Between the first probes of a container that is not ready yet.
    package var probeInterval: Duration
    /// Between two probes of a container that has not been ready for long.
    package var longestProbeInterval: Duration
    /// Failures in a row after which `--once` calls a key stalled. The daemon tries for ever.
    package var failuresBeforeStall: Int
    /// How long a container without a health check must have run before it takes over from another.
    package var minReadyTime: Duration
    /// How long steps in flight may take to end when the controller is told to stop.
    package var stopGrace: Duration
    package var backoff: RateLimiter<Key>.Limits

    package init(
        concurrency: Int = 8, resyncInterval: Duration = .seconds(60), observationRetry: Duration = .milliseconds(250),
        imageRefreshInterval: Duration = .seconds(300), probeInterval: Duration = .milliseconds(250),
        longestProbeInterval: Duration = .seconds(10),
        failuresBeforeStall: Int = 5, minReadyTime: Duration = .seconds(1), stopGrace: Duration = .seconds(15),
        backoff: RateLimiter<Key>.Limits = .init()
    ) {
        self.concurrency = concurrency
        self.resyncInterval = resyncInterval
        self.observationRetry = observationRetry
        self.imageRefreshInterval = imageRefreshInterval
        self.probeInterval = probeInterval
        self.longestProbeInterval = longestProbeInterval
        self.failuresBeforeStall = failuresBeforeStall
        self.minReadyTime = minReadyTime
        self.stopGrace = stopGrace
        self.backoff = backoff
    }
}
