/// Takes the declared secrets out of text that a plugin wrote.
///
/// It has to keep the secrets to know them; it is the one place that does after `create`.
struct Redaction: Sendable {
    private let secrets: [[UInt8]]

    /// Texts under four bytes are left alone: they would blot out half of every line.
    init(secrets: [String]) {
        self.secrets = secrets.map { Array($0.utf8) }.filter { $0.count >= 4 }.sorted { $0.count > $1.count }
    }

    func clean(_ text: String) -> String {
        guard !secrets.isEmpty else { return text }
        let bytes = Array(text.utf8)
        var clean: [UInt8] = []
        var position = 0
        while position < bytes.count {
            if let secret = secrets.first(where: { bytes[position...].starts(with: $0) }) {
                clean += Array("***".utf8)
                position += secret.count
            } else {
                clean.append(bytes[position])
                position += 1
            }
        }
        return String(decoding: clean, as: UTF8.self)
    }
}
