import Reconciler
import Specs

extension ControllerSettings {
    /// What a host may need to have otherwise; the rest is nobody's business.
    static let settings: [Setting<ControllerSettings>] = [
        Setting(
            "concurrency", \.concurrency, .integer(in: 1...64),
            "The most steps at once; fewer while the engine is slow to answer."),
        Setting(
            "resyncInterval", \.resyncInterval, .duration(in: .seconds(1) ... .seconds(3600)),
            "Between two looks at everything on this host, whatever events say."),
        Setting(
            "imageRefreshInterval", \.imageRefreshInterval, .duration(in: .seconds(10) ... .seconds(86_400)),
            "Between two looks behind the tags of images with `pullPolicy: Always`."),
        Setting(
            "stopGrace", \.stopGrace, .duration(in: .zero ... .seconds(600)),
            "What steps in flight may take to end when the daemon is told to stop."),
    ]
}
