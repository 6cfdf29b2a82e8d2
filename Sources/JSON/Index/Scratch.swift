/// Memory that one owner reuses for every request.
///
/// It grows by doubling and is kept between requests, so that a warm owner allocates nothing. `reset()` gives back what
/// one huge request made it grow to: at most `kept` elements stay.
struct Scratch<Element: BitwiseCopyable>: ~Copyable {
    /// It is valid for `capacity` elements, of which the first `count` are initialised.
    private(set) var base: UnsafeMutablePointer<Element>
    private(set) var count = 0
    private(set) var capacity: Int
    /// The most elements that outlive a `reset()`.
    let kept: Int

    init(initial: Int, kept: Int) {
        capacity = max(initial, 1)
        self.kept = max(kept, capacity)
        base = .allocate(capacity: capacity)
    }

    deinit {
        base.deallocate()
    }

    /// The element at `index`. An index out of bounds is a defect of the caller and stops the process.
    subscript(index: Int) -> Element {
        get {
            precondition(index >= 0 && index < count)
            return base[index]
        }
        set {
            precondition(index >= 0 && index < count)
            base[index] = newValue
        }
    }

    mutating func append(_ element: Element) {
        reserve(1)
        (base + count).initialize(to: element)
        count &+= 1
    }

    /// Makes room for `more` elements after the present ones, so that they can be written through `base`.
    mutating func reserve(_ more: Int) {
        if capacity - count < more { grow(by: more) }
    }

    /// Counts `more` elements that were written after the present ones since `reserve`.
    mutating func commit(_ more: Int) {
        precondition(more >= 0 && more <= capacity - count)
        count &+= more
    }

    mutating func removeLast() {
        precondition(count > 0)
        count &-= 1
    }

    /// Removes all elements, and gives back the memory beyond `kept`.
    mutating func reset() {
        count = 0
        guard capacity > kept else { return }
        base.deallocate()
        capacity = kept
        base = .allocate(capacity: capacity)
    }

    @inline(never)
    private mutating func grow(by more: Int) {
        let larger = max(count + more, capacity * 2)
        let moved = UnsafeMutablePointer<Element>.allocate(capacity: larger)
        moved.moveInitialize(from: base, count: count)
        base.deallocate()
        base = moved
        capacity = larger
    }
}

extension Scratch where Element == UInt8 {
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress else { return }
        reserve(bytes.count)
        UnsafeMutableRawPointer(base + count).copyMemory(from: start, byteCount: bytes.count)
        count &+= bytes.count
    }

    /// Appends eight bytes, least significant first.
    mutating func append(integer: UInt64) {
        reserve(8)
        UnsafeMutableRawPointer(base + count).storeBytes(of: integer.littleEndian, as: UInt64.self)
        count &+= 8
    }
}
