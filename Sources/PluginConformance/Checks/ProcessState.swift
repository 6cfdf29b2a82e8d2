import Glibc

/// The state of the process that a plugin must not change (rules P-1, P-2).
struct ProcessState: Equatable {
    private(set) var directory = ""
    private(set) var mask: mode_t
    private(set) var handlers: [UInt]
    private(set) var variables: [String] = []
    private(set) var locale = ""

    init() {
        if let path = getcwd(nil, 0) {
            directory = String(cString: path)
            free(path)
        }
        mask = umask(0)
        _ = umask(mask)
        handlers = (1..<32).map { signal in
            var action = sigaction()
            _ = sigaction(Int32(signal), nil, &action)
            return withUnsafeBytes(of: action.__sigaction_handler) { $0.load(as: UInt.self) }
        }
        var next = environ
        while let variable = next.pointee {
            variables.append(String(cString: variable))
            next += 1
        }
        if let name = setlocale(LC_ALL, nil) { locale = String(cString: name) }
    }

    /// What differs from an earlier state, in words.
    func differences(from before: ProcessState) -> [String] {
        var found: [String] = []
        if directory != before.directory { found.append("the working directory") }
        if mask != before.mask { found.append("the umask") }
        if handlers != before.handlers { found.append("a signal's handler") }
        if variables != before.variables { found.append("the environment") }
        if locale != before.locale { found.append("the locale") }
        return found
    }

    /// How many descriptors are open.
    static var openDescriptors: Int {
        guard let directory = opendir("/proc/self/fd") else { return 0 }
        defer { closedir(directory) }
        var count = 0
        while readdir(directory) != nil { count += 1 }
        return count
    }

    /// How many bytes of memory the process has in use.
    static var residentBytes: Int {
        let descriptor = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return 0 }
        defer { close(descriptor) }
        var room = [UInt8](repeating: 0, count: 256)
        let count = read(descriptor, &room, room.count)
        guard count > 0 else { return 0 }
        let words = String(decoding: room[..<count], as: UTF8.self).split(separator: " ")
        return words.count > 1 ? (Int(words[1]) ?? 0) * 4096 : 0
    }
}
