/// Elements that are made when they are first needed and reused after that, each in a slot of its own. The element that
/// was given back last is taken first, since its memory is still in the processor's cache.
struct SlotPool<Element: AnyObject> {
    /// The greatest number of elements.
    let capacity: Int
    private var elements: [Element] = []
    private var spare: [Element] = []

    init(capacity: Int) {
        self.capacity = capacity
    }

    /// How many elements are in use.
    var inUse: Int { elements.count - spare.count }

    /// The element in a slot. It is nil where there is none yet.
    func element(at slot: Int) -> Element? {
        elements.indices.contains(slot) ? elements[slot] : nil
    }

    /// Takes an element that is not in use.
    /// - Parameter make: makes a new element for the given slot.
    /// - Returns: nil if `capacity` elements are in use.
    mutating func take(_ make: (_ slot: Int) -> Element) -> Element? {
        if let element = spare.popLast() { return element }
        guard elements.count < capacity else { return nil }
        let element = make(elements.count)
        elements.append(element)
        return element
    }

    /// Takes back an element that `take` gave out.
    mutating func giveBack(_ element: Element) {
        spare.append(element)
    }
}
