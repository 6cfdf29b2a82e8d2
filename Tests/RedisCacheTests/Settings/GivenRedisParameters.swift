import PluginConformance
import PluginKit

@testable import RedisCache

extension GivenParameters {
    /// Makes parameters of the Redis plugin.
    static func redis(
        configured: [String: String] = [:],
        environment: [String: String] = [:]
    ) throws -> GivenParameters {
        GivenParameters(
            declaredBy: try TestedPlugin(entry: export.answer),
            configured: configured,
            environment: environment
        )
    }

    func settings() throws -> RedisSettings { try lend { try RedisSettings(Parameters($0)) } }

    /// The ways to name a server that are not used.
    func unusedWays() throws -> [String] { try lend { try ServerWay.unused(Parameters($0)) } }
}

extension PluginDriver {
    convenience init(_ configured: [String: String]) throws {
        try self.init(TestedPlugin(entry: export.answer), configured)
    }
}
