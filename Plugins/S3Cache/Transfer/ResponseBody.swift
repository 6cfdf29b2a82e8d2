import Glibc

/// A body as it is received, in one block of memory, which can be leased to the host without copying it. The caller of
/// `append` limits its size.
final class ResponseBody {
    private(set) var count = 0
    private var memory: UnsafeMutableRawPointer?
    private var capacity = 0

    deinit { free(memory) }

    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: memory, count: memory == nil ? 0 : count) }

    /// Makes room for a body whose length is known.
    func reserve(_ length: Int) { _ = grow(to: max(0, length)) }

    /// - Returns: whether there is memory for it.
    func append(_ more: UnsafeRawBufferPointer) -> Bool {
        if count + more.count > capacity, !grow(to: max(count + more.count, 2 * capacity)) {
            return false
        }
        if let memory, let start = more.baseAddress { (memory + count).copyMemory(from: start, byteCount: more.count) }
        count += more.count
        return true
    }

    /// Gives the memory to the caller, who frees it.
    func take() -> UnsafeMutableRawPointer? {
        defer {
            memory = nil
            capacity = 0
        }
        return memory ?? malloc(1)
    }

    private func grow(to size: Int) -> Bool {
        guard size > capacity else { return true }
        guard let larger = realloc(memory, size) else { return false }
        memory = larger
        capacity = size
        return true
    }
}
