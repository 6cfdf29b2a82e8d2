import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

/// A request that two servers could read in two ways is refused.
@Suite("Strict requests", .timeLimit(.minutes(2)))
struct StrictRequestTests {
    @Test("Every request of the table is read or refused as it says, and the refused connections are closed")
    func table() async throws {
        #expect(RequestTable.cases.count >= 150)
        try await withGateway { gateway, _ async throws in
            for entry in RequestTable.cases {
                let connection = try await gateway.connect()
                try await connection.send(entry.bytes)
                let response = try await connection.readHead()
                #expect(response.status == entry.status, "\(entry)")
                guard [400, 413, 431, 505].contains(entry.status) else { continue }
                #expect(response["connection"] == "close", "\(entry)")
                while try await connection.readPiece() != nil {}
                #expect(await connection.readEnd(), "\(entry)")
            }
            #expect(try await gateway.get("/health/liveliness").status == 200)
        }
    }

    @Test("The same requests cut in two are read or refused the same")
    func cut() async throws {
        try await withGateway { gateway, _ async throws in
            for (index, entry) in RequestTable.cases.enumerated() where entry.bytes.count > 4 {
                let connection = try await gateway.connect()
                // Each request is cut at another place.
                let cut = 1 + index * 7 % (entry.bytes.count - 2)
                try await connection.send(Array(entry.bytes[..<cut]))
                try await Task.sleep(for: .milliseconds(2))
                // A refusal may have been received already, and the connection may be closed.
                try? await connection.send(Array(entry.bytes[cut...]))
                #expect(try await connection.readHead().status == entry.status, "\(entry) cut at \(cut)")
            }
        }
    }

    @Test("What the gateway reads NIO's decoder reads, except where the table says so, and the other way round")
    func comparison() throws {
        for entry in RequestTable.cases {
            let isRefused = [400, 413, 431, 505].contains(entry.status)
            let expected: Bool =
                switch entry.difference {
                case .none: entry.status == 413 ? isRead(entry.bytes) : !isRefused
                case .stricter: true
                case .laxer: false
                }
            #expect(isRead(entry.bytes) == expected, "\(entry)")
        }
    }

    /// Whether NIO's decoder reads the request without an error.
    private func isRead(_ bytes: [UInt8]) -> Bool {
        let channel = EmbeddedChannel()
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = 16 * 1024
        limits.maxHeaderListSize = 32 * 1024
        limits.maxHeaderFieldCount = 100
        let decoder = HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes, limitConfiguration: limits)
        do {
            try channel.pipeline.syncOperations.addHandler(ByteToMessageHandler(decoder))
            try channel.writeInbound(ByteBuffer(bytes: bytes))
            return true
        } catch {
            return false
        }
    }
}
