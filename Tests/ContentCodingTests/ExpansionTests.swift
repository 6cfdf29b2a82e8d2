import CodedBodies
import NIOCore
import SeededRandom
import Testing

@testable import ContentCoding

@Suite("A coded body", .timeLimit(.minutes(1)))
struct ExpansionTests {
    private func expand(
        _ coding: ContentCoding,
        _ bytes: some Collection<UInt8>,
        limit: Int = 1 << 20,
        memory: Int = .max
    ) -> Result<[UInt8], ExpansionFailure> {
        var left = memory
        return Result { () throws(ExpansionFailure) in
            let body = try coding.expand(ByteBuffer(bytes: bytes), limit: limit) { wanted in
                guard wanted <= left else { return false }
                left -= wanted
                return true
            }
            return Array(body.readableBytesView)
        }
    }

    private func coded(by coding: ContentCoding, _ bytes: [UInt8]) -> [UInt8] {
        switch coding {
        case .gzip: Coded.gzip(bytes)
        case .zstd: Coded.zstd(bytes)
        }
    }

    private func sample(_ count: Int, _ random: inout SeededGenerator) -> [UInt8] {
        (0..<count).map { _ in UInt8(ascii: "a") + UInt8(Int.random(in: 0..<4, using: &random)) }
    }

    @Test("expands to what was coded, whatever its size", arguments: ContentCoding.allCases)
    func sizes(coding: ContentCoding) {
        var random = SeededGenerator(seed: 1)
        let step = ContentCoding.step
        for size in [0, 1, 100, step - 1, step, step + 1, 2 * step, 2 * step + 1, 5 * step + 77] {
            let bytes = sample(size, &random)
            #expect(expand(coding, coded(by: coding, bytes), limit: size) == .success(bytes), "\(size)")
        }
    }

    @Test("may have several members, which are one body", arguments: ContentCoding.allCases)
    func members(coding: ContentCoding) {
        var random = SeededGenerator(seed: 2)
        let parts = [sample(70_000, &random), [], sample(10, &random)]
        #expect(expand(coding, parts.flatMap { coded(by: coding, $0) }) == .success(parts.flatMap(\.self)))
    }

    @Test("expands no further than the limit, however much it stands for", arguments: ContentCoding.allCases)
    func limit(coding: ContentCoding) {
        let bytes = [UInt8](repeating: 0, count: 8 << 20)
        let coded = self.coded(by: coding, bytes)
        #expect(coded.count < bytes.count / 200)
        for limit in [0, 1, 1_000, ContentCoding.step, bytes.count - 1] {
            var asked = 0
            #expect(throws: ExpansionFailure.tooLarge) {
                _ = try coding.expand(ByteBuffer(bytes: coded), limit: limit) {
                    asked += $0
                    return true
                }
            }
            #expect(asked == limit + 1, "memory is asked for as it is needed")
        }
        #expect(expand(coding, coded, limit: bytes.count) == .success(bytes))
        #expect(expand(coding, coded, limit: bytes.count, memory: bytes.count / 2) == .failure(.outOfMemory))
    }

    @Test("is malformed where it ends early or anything follows it", arguments: ContentCoding.allCases)
    func malformed(coding: ContentCoding) {
        var random = SeededGenerator(seed: 3)
        let coded = self.coded(by: coding, sample(300, &random))
        for count in 0..<coded.count {
            #expect(expand(coding, coded.prefix(count)) == .failure(.malformed), "the first \(count)")
        }
        for rest in [[0], [0, 0, 0, 0], Array("garbage".utf8), Array(coded.prefix(5))] as [[UInt8]] {
            #expect(expand(coding, coded + rest) == .failure(.malformed), "\(rest)")
        }
    }

    @Test("that was damaged expands to what was coded or is malformed, and never stops the process")
    func damaged() {
        var random = SeededGenerator(seed: 4)
        for coding in ContentCoding.allCases {
            for size in [30, 3_000, 200_000] {
                let bytes = sample(size, &random)
                let coded = self.coded(by: coding, bytes)
                for _ in 0..<(size > 100_000 ? 20 : 300) {
                    let outcome = expand(coding, random.mutated(coded), limit: 2 * size)
                    // Both have checksums, but not of everything in their heads.
                    if case .success(let expanded) = outcome, expanded.count == size { #expect(expanded == bytes) }
                }
            }
        }
    }

    @Test("of zstd with a window of more than 8 MB is malformed, since its decoder would need as much memory")
    func window() {
        let bytes = [UInt8](repeating: 1, count: 20 << 20)
        #expect(expand(.zstd, Coded.zstd(bytes, windowLog: 23), limit: 32 << 20) == .success(bytes))
        #expect(expand(.zstd, Coded.zstd(bytes, windowLog: 24), limit: 32 << 20) == .failure(.malformed))
    }

    @Test(
        "is named by Content-Encoding, once",
        arguments: [
            ("gzip", .gzip), ("X-GZip", .gzip), (" zstd\t", .zstd), ("identity, gzip", .gzip), (",zstd,", .zstd),
            ("br", nil), ("deflate", nil), ("gzip, zstd", nil), ("gzip, gzip", nil), ("identity", nil), ("", nil),
            ("gzip\u{301}", nil), ("gz ip", nil),
        ] as [(String, ContentCoding?)]
    )
    func names(field: String, coding: ContentCoding?) {
        #expect(ContentCoding(field: field) == coding)
    }
}
