import Glibc

/// The name of a model. Two names are equal only if all their bytes are.
///
/// Names come from clients. Swift normalises a String to compare or to hash it, which takes quadratic time where it
/// holds many combining marks. Comparing and hashing a name takes linear time, whatever its text is.
struct ModelName: Hashable {
    private let text: String

    init(_ text: String) {
        self.text = text
    }

    static func == (left: ModelName, right: ModelName) -> Bool {
        left.withBytes { one in
            right.withBytes { other in
                guard one.count == other.count, let start = one.baseAddress, let otherStart = other.baseAddress else {
                    return one.count == other.count
                }
                return memcmp(start, otherStart, one.count) == 0
            }
        }
    }

    func hash(into hasher: inout Hasher) {
        withBytes { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }

    private func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        // This does nothing except for strings that come from Objective-C, of which there are none.
        var text = text
        return text.withUTF8(body)
    }
}
