import Glibc

/// How many descriptors the process may open, and how they are divided.
struct DescriptorLimit: Equatable {
    /// The soft limit of RLIMIT_NOFILE.
    let limit: Int
    /// How many descriptors are open already.
    let inUse: Int

    /// Raises the soft limit to the hard one, which only the administrator can raise.
    static func raised() -> DescriptorLimit {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard getrlimit(resource, &limit) == 0 else { return DescriptorLimit(limit: 1_024, inUse: 64) }
        if limit.rlim_cur < limit.rlim_max {
            var raised = rlimit(rlim_cur: limit.rlim_max, rlim_max: limit.rlim_max)
            if setrlimit(resource, &raised) == 0 { limit = raised }
        }
        return DescriptorLimit(limit: Int(clamping: limit.rlim_cur), inUse: openDescriptors())
    }

    /// The limits of connections, where the configuration does not set them: three quarters of the descriptors are for
    /// clients, the rest for calls to models, the cache and everything else. No single client gets more than half of
    /// them.
    func connectionLimits(total: Int?, perAddress: Int?) -> ConnectionCounts.Limits {
        let free = max(8, min(limit, 1 << 30) - inUse)
        let reserve = max(min(free / 2, 24), free / 4)
        let refusals = max(1, min(256, reserve / 4))
        let total = total ?? max(1, free - reserve)
        return ConnectionCounts.Limits(
            total: total,
            perAddress: perAddress ?? max(1, (total + 1) / 2),
            refusals: refusals
        )
    }

    private static func openDescriptors() -> Int {
        guard let folder = opendir("/proc/self/fd") else { return 64 }
        defer { closedir(folder) }
        var count = 0
        while readdir(folder) != nil { count += 1 }
        return count
    }
}
