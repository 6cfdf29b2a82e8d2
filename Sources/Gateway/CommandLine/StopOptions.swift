import ArgumentParser
import NIOCore
import Text

/// The options for the stop. They win over the configuration, which has them as `drain_delay` and `drain_timeout`.
struct StopOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "How long to serve on after SIGTERM while /health/readiness answers 503, such as 5s.",
            discussion: "Without it general_settings.drain_delay, else 0.",
            valueName: "time"
        )
    )
    var shutdownDelay: DurationArgument?

    @Option(
        help: ArgumentHelp(
            "How long requests in progress may go on after that, such as 25s.",
            discussion: "Without it general_settings.drain_timeout, else 25s.",
            valueName: "time"
        )
    )
    var drainTimeout: DurationArgument?

    /// How long the gateway serves on, unready.
    func delay(_ limits: ServerLimits) -> TimeAmount { shutdownDelay?.amount ?? limits.drainDelay }

    /// How long requests in progress may go on after that.
    func timeout(_ limits: ServerLimits) -> TimeAmount { drainTimeout?.amount ?? limits.drainTimeout }
}

/// A time as an option's value: a number of seconds, or a number and a unit.
struct DurationArgument: ExpressibleByArgument {
    /// The longest time that is read: a day.
    private static let longest: Int64 = 86_400_000_000_000

    let amount: TimeAmount

    init?(argument: String) {
        guard let nanoseconds = Quantity.nanoseconds(argument), nanoseconds <= Self.longest else { return nil }
        amount = .nanoseconds(nanoseconds)
    }
}
