import CallTypes
import Configuration

/// What a request asks for, as a number that is found without a text: two routes with the same number have the same name in
/// metrics. The names are those of `EndpointNames`.
struct MeteredEndpoint: Sendable, Hashable {
    private let number: Int

    /// The numbers of calls to models are those of their types, of which there are 64 at most.
    private static let firstOther = 64

    init(_ route: Route?) {
        number =
            switch route {
            case .inference(let type), .deployment(let type, _), .form(let type, _): type.position
            case .endpoint(let settings, _, _): Self.number(of: settings.path)
            case .nowhere, nil: Self.firstOther
            case .passThrough: Self.firstOther + 1
            case .models: Self.firstOther + 2
            case .model: Self.firstOther + 3
            case .modelInfo: Self.firstOther + 4
            case .modelGroupInfo: Self.firstOther + 5
            case .health: Self.firstOther + 6
            case .liveness: Self.firstOther + 7
            case .readiness: Self.firstOther + 8
            case .cachePing: Self.firstOther + 9
            case .cacheStats: Self.firstOther + 10
            case .cacheRemoval(.delete): Self.firstOther + 11
            case .cacheRemoval(.flush): Self.firstOther + 12
            case .cacheRemoval(.purge): Self.firstOther + 13
            case .redisInfo: Self.firstOther + 14
            case .reload: Self.firstOther + 15
            case .configuration: Self.firstOther + 16
            case .metrics: Self.firstOther + 17
            case .options: Self.firstOther + 18
            case .cacheEntry: Self.firstOther + 19
            case .dashboard: Self.firstOther + 20
            case .dashboardData: Self.firstOther + 21
            }
    }

    /// A negative number for a configured path: its FNV-1a hash. That of another path is another one, as far as anybody would
    /// configure.
    private static func number(of path: String) -> Int {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in path.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0100_0000_01b3 }
        return Int(bitPattern: UInt(hash | 1 << 63))
    }
}
