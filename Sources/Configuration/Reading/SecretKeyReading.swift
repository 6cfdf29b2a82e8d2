import Text

extension ReadingContext {
    /// Reads a list of at least one key. An error in a key is reported without revealing the key.
    mutating func secretKeys(_ member: YAMLMember) -> [SecretKey]? {
        let made = "make one with: openssl rand -base64 32"
        guard case .sequence(let items) = member.value.content, !items.isEmpty else {
            error(
                member.value.position,
                "'\(member.key.quotable)'\(place) must be a list of at least one key, such as [os.environ/ENTRY_KEY]; \(made)"
            )
            return nil
        }
        var keys: [SecretKey] = []
        for (index, item) in items.enumerated() {
            guard case .scalar(let scalar) = item.content, let key = SecretKey(scalar.text) else {
                error(
                    item.position,
                    "key \(index + 1) of '\(member.key.quotable)'\(place) must be 32 bytes, written as 44 characters of base64 or "
                        + "64 hexadecimal digits; \(made)"
                )
                continue
            }
            keys.append(key)
        }
        return keys.count == items.count ? keys : nil
    }
}
