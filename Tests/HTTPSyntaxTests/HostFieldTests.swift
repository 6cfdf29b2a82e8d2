import HTTPSyntax
import SeededRandom
import Testing

@Suite("The Host of a request")
struct HostFieldTests {
    /// Examines the value as it is read after its field's name.
    private func judge(_ host: [UInt8]) -> (isPlain: Bool, isValid: Bool) {
        let start = Array("GET / HTTP/1.1\r\nHost: ".utf8)
        let line = start + host + Array("\r\n\r\n".utf8)
        let range = start.count..<start.count + host.count
        return line.withUnsafeBytes { (HostField.isPlain($0, range), HostField.isValid($0, range)) }
    }

    @Test("Usual hosts are read without the general reader")
    func plain() {
        for host in [
            "a", "localhost", "localhost:8000", "127.0.0.1", "127.0.0.1:80", "gateway.internal", "A-b.example.org:443",
            "1234567", "12345678", "123456789", "a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p:12345", "a:", "a:59999",
        ] {
            #expect(judge(Array(host.utf8)) == (true, true), "\(host)")
        }
    }

    @Test("What the plain reader takes for a host is one, whatever the bytes")
    func agreement() {
        var random = SeededGenerator(seed: 7)
        let letters = Array("aZ0.9:-_%[]@,/ \t~\u{80}".utf8)
        var (plain, valid) = (0, 0)
        for _ in 0..<200_000 {
            let common = random.chance(70) ? letters.prefix(7) : letters[...]
            let host = (0..<Int.random(in: 0...20, using: &random)).map { _ in common.randomElement(using: &random) ?? 0
            }
            let verdict = judge(host)
            if verdict.isPlain { plain += 1 }
            if verdict.isValid { valid += 1 }
            if verdict.isPlain, !verdict.isValid { Issue.record("\(String(decoding: host, as: UTF8.self))") }
        }
        #expect(plain > 1_000 && valid > plain)
    }
}
