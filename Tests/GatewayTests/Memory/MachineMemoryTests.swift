import Testing

@testable import Gateway

@Suite("The machine's memory")
struct MachineMemoryTests {
    private static let machine = "MemTotal:       16384000 kB\nMemFree:         1000000 kB\n"

    private func memory(_ files: [String: String]) -> MachineMemory {
        MachineMemory { files[$0] }
    }

    @Test("is what the kernel says, where no control group limits it, and a quarter of it is the budget")
    func machine() {
        let memory = memory(["/proc/meminfo": Self.machine, "/proc/self/cgroup": "0::/user.slice\n"])
        #expect(memory.available == 16_384_000 * 1024)
        #expect(memory.defaultLimit == 16_384_000 * 256)
    }

    @Test("is what a control group of version 2 leaves, this one's or one above it")
    func version2() {
        let files = [
            "/proc/meminfo": Self.machine,
            "/proc/self/cgroup": "0::/system.slice/gateway.service\n",
            "/sys/fs/cgroup/system.slice/gateway.service/memory.max": "max\n",
            "/sys/fs/cgroup/system.slice/memory.max": "1073741824\n",
        ]
        #expect(memory(files).available == 1 << 30)
        // In a container its own group is the root, whatever the path is.
        let container = [
            "/proc/meminfo": Self.machine, "/proc/self/cgroup": "0::/../other\n",
            "/sys/fs/cgroup/memory.max": "536870912\n",
        ]
        #expect(memory(container).available == 512 << 20)
    }

    @Test("is what a control group of version 1 leaves; its way to say none is a number beyond all memory")
    func version1() {
        var files = [
            "/proc/meminfo": Self.machine,
            "/proc/self/cgroup": "9:cpu,cpuacct:/a\n4:memory:/docker/abc\n",
            "/sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes": "268435456\n",
            "/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
        ]
        #expect(memory(files).available == 256 << 20)
        files["/sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes"] = "9223372036854771712\n"
        #expect(memory(files).available == 16_384_000 * 1024)
    }

    @Test(
        "is assumed where nothing says it, and nonsense is nothing",
        arguments: [[:], ["/proc/meminfo": "MemTotal: x kB\n"]]
    )
    func unknown(_ files: [String: String]) {
        #expect(memory(files).available == 2 << 30)
    }

    @Test("never makes the budget smaller than what a few requests need")
    func least() {
        let files = [
            "/proc/meminfo": Self.machine, "/proc/self/cgroup": "0::/\n", "/sys/fs/cgroup/memory.max": "16777216\n",
        ]
        #expect(memory(files).defaultLimit == MemoryLimit.least)
    }
}
