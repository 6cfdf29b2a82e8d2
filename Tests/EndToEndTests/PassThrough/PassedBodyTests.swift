import Foundation
import Testing

/// Files and the like are larger than what the gateway holds of a request.
@Suite("A body that is passed on while it is received", .timeLimit(.minutes(2)))
struct PassedBodyTests {
    private static func configuration(_ upstream: ManualUpstream, _ patience: Int) -> String {
        """
        model_list:
          - model_name: files
            litellm_params:
              model: openai/files
              api_key: sk-upstream
              api_base: http://127.0.0.1:\(upstream.port)/v1
              stream_timeout: \(patience)
          - model_name: whisper
            litellm_params:
              model: openai/whisper-1
              api_key: sk-other
              api_base: http://127.0.0.1:\(upstream.port)/v1
        general_settings: {default_deployment: files, request_body_timeout: \(patience)}
        """
    }

    /// Plays a client and the provider.
    ///
    /// - Parameter patience: how long the gateway waits for either, in seconds.
    private func play(
        patience: Int = 2,
        _ body: (_ gateway: GatewayProcess, _ client: Connection, _ upstream: ManualUpstream) async throws -> Void
    ) async throws {
        let upstream = try await ManualUpstream.start()
        try await withGateway(Self.configuration(upstream, patience)) { gateway, _ async throws in
            try await body(gateway, Connection.open(port: gateway.port), upstream)
        }
    }

    /// Has the client send a tenth of a body, and returns the provider's connection, which has read the head.
    private func begin(_ client: Connection, _ upstream: ManualUpstream) async throws -> Connection {
        try await client.send(Self.head("Content-Length: 1000000"))
        try await client.send(Self.bytes(100_000))
        let provider = try await upstream.connection()
        try await provider.readOn()
        _ = try await provider.readRequestHead()
        return provider
    }

    private static func head(_ framing: String, type: String = "application/octet-stream") -> String {
        "POST /v1/uploads/u_1/parts HTTP/1.1\r\nHost: a\r\nContent-Type: \(type)\r\n\(framing)\r\n\r\n"
    }

    /// Bytes of which none is where it could be mistaken for another.
    private static func bytes(_ count: Int, from start: Int = 0) -> [UInt8] {
        (start..<start + count).map { UInt8(truncatingIfNeeded: ($0 &* 2_654_435_761) >> 13) }
    }

    private func read(_ count: Int, from connection: Connection) async throws -> [UInt8] {
        var received: [UInt8] = []
        while received.count < count, let piece = try await connection.readPiece() { received += piece }
        return received
    }

    @Test("reaches the provider before it is complete, with its length and unchanged, and its connection serves on")
    func length() async throws {
        try await play { _, client, upstream in
            let body = Self.bytes(4 << 20)
            for number in 1...2 {
                try await client.send(Self.head("Content-Length: \(body.count)"))
                try await client.send(Array(body.prefix(1 << 20)))
                let provider = try await upstream.connection(number)
                try await provider.readOn()
                let request = try await provider.readRequestHead()
                #expect(request.line == "POST /v1/uploads/u_1/parts HTTP/1.1")
                #expect(request.fields["content-length"] == "\(body.count)")
                #expect(request.fields["authorization"] == "Bearer sk-upstream")
                #expect(request.fields["content-type"] == "application/octet-stream")
                var received = try await read(1 << 20, from: provider)
                try await client.send(Array(body.dropFirst(1 << 20)))
                received += try await read(body.count - received.count, from: provider)
                #expect(received == body)
                try await provider.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
                let answer = try await client.readResponse()
                #expect(answer.status == 200 && answer.text == "ok" && answer["connection"] == nil)
            }
        }
    }

    @Test("has no length where the client states none, and is sent in chunks")
    func chunks() async throws {
        try await play { _, client, upstream in
            let body = Self.bytes(300_000)
            try await client.send(Self.head("Transfer-Encoding: chunked"))
            for start in stride(from: 0, to: body.count, by: 100_000) {
                try await client.send("186a0\r\n")
                try await client.send(Array(body[start..<start + 100_000]))
                try await client.send("\r\n")
            }
            let provider = try await upstream.connection()
            try await provider.readOn()
            let request = try await provider.readRequestHead()
            #expect(request.fields["transfer-encoding"] == "chunked" && request.fields["content-length"] == nil)
            var received = try await read(body.count, from: provider)
            try await client.send("0\r\n\r\n")
            while let piece = try await provider.readPiece() { received += piece }
            #expect(received == body)
            try await provider.send("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n")
            let answer = try await client.readResponse()
            #expect(answer.status == 201)
            // What is small is collected, so that its length is known.
            try await client.send(Self.head("Transfer-Encoding: chunked") + "2\r\nhi\r\n0\r\n\r\n")
            #expect(try await provider.readRequestHead().fields["content-length"] == "2")
        }
    }

    @Test("is received only as fast as the provider reads it, and takes no memory")
    func backPressure() async throws {
        // The test itself may be slow with so much.
        try await play(patience: 60) { gateway, client, upstream in
            // More than the sockets of both connections hold at most: Linux lets each receive buffer grow to 32 MB.
            let size = 128 << 20
            let piece = Self.bytes(1 << 20)
            let growth = try await gateway.growth {
                try await client.send(Self.head("Content-Length: \(size)"))
                let (sent, sending) = client.send(piece, times: size / piece.count)
                let provider = try await upstream.connection()
                // Neither the gateway nor the systems in between take it all while the provider reads nothing.
                try await Task.sleep(for: .milliseconds(700))
                #expect(sent.value < size / piece.count)
                #expect(try await gateway.heldBytes() < 4 << 20)
                try await provider.readOn()
                _ = try await provider.readRequestHead()
                let received = try await read(size, from: provider)
                try await sending.value
                #expect(received.count == size && received.suffix(piece.count).elementsEqual(piece))
                try await provider.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
                let answer = try await client.readResponse()
                #expect(answer.status == 200, "\(answer.text)")
            }
            #expect(growth < 24, "the gateway grew by \(growth) MB")
        }
    }

    @Test("may be answered before it is complete, and then its connection ends", arguments: [true, false])
    func early(isHeld: Bool) async throws {
        try await play { _, client, upstream in
            try await client.send(Self.head("Content-Length: 50000000"))
            let (_, sending) = client.send(Self.bytes(100_000), times: isHeld ? 200 : 1)
            let provider = try await upstream.connection()
            if !isHeld {
                try await provider.readOn()
                _ = try await provider.readRequestHead()
            }
            try await provider.send("HTTP/1.1 413 Too Large\r\nContent-Length: 8\r\n\r\ntoo much")
            let answer = try await client.readResponse()
            #expect(answer.status == 413 && answer.text == "too much" && answer["connection"] == "close")
            sending.cancel()
            try await client.close()
            if isHeld { try await provider.readOn() }
            #expect(await provider.readEndAfterAll())
        }
    }

    @Test("that its client does not complete is never completed at the provider either")
    func clientGone() async throws {
        try await play { _, client, upstream in
            let provider = try await begin(client, upstream)
            try await client.close()
            #expect(await provider.readEndAfterAll())
        }
    }

    @Test("that its client stops sending is answered with 408, and its request ends at the provider")
    func stalled() async throws {
        try await play { gateway, client, upstream in
            let provider = try await begin(client, upstream)
            let answer = try await client.readResponse()
            #expect(answer.status == 408 && answer["connection"] == "close")
            #expect(await provider.readEndAfterAll())
            // The provider is not to blame.
            #expect(try await gateway.get("/health").json["unhealthy_count"].int == 0)
        }
    }

    @Test("that the provider stops reading is given up after stream_timeout")
    func stalledProvider() async throws {
        try await play { _, client, upstream in
            try await client.send(Self.head("Content-Length: 50000000"))
            let (_, sending) = client.send(Self.bytes(1 << 20), times: 30)
            let provider = try await upstream.connection()
            let answer = try await client.readResponse()
            #expect(answer.status == 504 && answer["connection"] == "close")
            sending.cancel()
            try await provider.close()
        }
    }

    @Test("is answered with 502 where the provider closes the connection, and is not sent again")
    func providerGone() async throws {
        try await play { _, client, upstream in
            let provider = try await begin(client, upstream)
            try await provider.close()
            let answer = try await client.readResponse()
            #expect(answer.status == 502 && answer["connection"] == "close")
        }
    }

    @Test("that is a form goes to the model that stands in its first megabyte, and otherwise to the default one")
    func form() async throws {
        try await play { _, _, upstream in
            let file = String(repeating: "x", count: 3 << 20)
            let model = "--B\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nwhisper\r\n"
            let rest = "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\n\(file)\r\n"
            for (number, form) in [model + rest + "--B--\r\n", rest + model + "--B--\r\n"].enumerated() {
                let gateway = try await GatewayProcess.start(Self.configuration(upstream, 2))
                defer { gateway.terminate() }
                let client = try await Connection.open(port: gateway.port)
                let framing = "Content-Length: \(form.utf8.count)"
                try await client.send(Self.head(framing, type: "multipart/form-data; boundary=B") + form)
                let provider = try await upstream.connection(number + 1)
                try await provider.readOn()
                let request = try await provider.readRequestHead()
                let expected =
                    number == 0
                    ? form.replacing("\r\nwhisper\r\n", with: "\r\nwhisper-1\r\n", maxReplacements: 1) : form
                #expect(request.fields["authorization"] == (number == 0 ? "Bearer sk-other" : "Bearer sk-upstream"))
                #expect(request.fields["content-length"] == "\(expected.utf8.count)")
                let received = try await read(expected.utf8.count, from: provider)
                #expect(received.elementsEqual(expected.utf8))
            }
        }
    }

    @Test("is read whole where its form is for audio, whose model may stand behind the recording")
    func audio() async throws {
        try await play { gateway, client, upstream in
            let file = String(repeating: "x", count: 3 << 20)
            let form =
                "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\n\(file)\r\n"
                + "--B\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nwhisper\r\n--B--\r\n"
            try await client.send(
                "POST /v1/audio/transcriptions HTTP/1.1\r\nHost: a\r\nContent-Length: \(form.utf8.count)\r\n"
                    + "Content-Type: multipart/form-data; boundary=B\r\n\r\n" + form
            )
            let provider = try await upstream.connection()
            try await provider.readOn()
            let request = try await provider.readRequestHead()
            #expect(request.fields["authorization"] == "Bearer sk-other")
            #expect(request.fields["content-length"] == "\(form.utf8.count + 2)")
        }
    }

    @Test("is refused with a length beyond all measure, and JSON is collected within the limit as before")
    func limits() async throws {
        try await play { gateway, client, _ in
            try await client.send(Self.head("Content-Length: 9999999999999999999999"))
            #expect(try await client.readResponse().status == 413)
            let other = try await Connection.open(port: gateway.port)
            try await other.send(Self.head("Content-Length: 40000000", type: "application/json"))
            #expect(try await other.readResponse().status == 413)
        }
    }
}
