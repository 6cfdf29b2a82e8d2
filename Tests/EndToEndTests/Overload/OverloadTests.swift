import Foundation
import NIOCore
import Synchronization
import Testing

extension OneAtATime {
    /// More requests than a model can take.
    @Suite("Overload", .timeLimit(.minutes(2)))
    struct OverloadTests {
        private static func configuration(_ general: String = "", deployments: [Int] = [5]) -> String {
            let models = deployments.map { slots in
                """
                  - model_name: gpt-3.5-turbo
                    litellm_params:
                      model: openai/gpt-3.5-turbo-0125
                      api_base: UPSTREAM/v1
                      api_key: sk-upstream
                      max_parallel_requests: \(slots)

                """
            }
            return "model_list:\n" + models.joined() + "litellm_settings:\n  num_retries: 0\n  cache: True\n"
                + "  cache_params:\n    type: local\ngeneral_settings:\n  queue_timeout: 60\n\(general)"
        }

        /// A model with a number of slots. It answers when the test allows it, and records how many requests it had at
        /// once.
        private final class Model: Sendable {
            private let gates = Mutex<[Gate]>([])
            private let taken = Mutex((now: 0, most: 0))
            private let seen = Observed(0)

            var most: Int { taken.withLock { $0.most } }

            /// Returns when `count` requests have been received in total.
            func arrival(of count: Int) async throws { _ = try await seen.first { $0 >= count } }

            var script: RecordingUpstream.Script {
                { [self] request, number in
                    let gate = Gate()
                    taken.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
                    gates.withLock { $0.append(gate) }
                    seen.update { $0 += 1 }
                    return Answer(
                        headers: [("content-type", "application/json")],
                        body: Answer.chat("answer \(number)").body,
                        gate: gate
                    )
                }
            }

            /// Answers `count` of the waiting requests.
            func answer(_ count: Int) {
                let open = gates.withLock { gates in
                    let open = Array(gates.prefix(count))
                    gates.removeFirst(open.count)
                    return open
                }
                taken.withLock { $0.now -= open.count }
                for gate in open { gate.open() }
            }
        }

        @Test(
            "At three times its capacity a model is kept busy in every slot, and the rest is refused at once with 503"
        )
        func threefold() async throws {
            let slots = 5
            try await withGateway(Self.configuration()) { gateway, upstream async throws in
                let model = Model()
                upstream.answer(model.script)
                let answers = Observed<[Int]>([])
                let refusals = Observed<[Response]>([])
                try await withThrowingTaskGroup(of: Void.self) { group in
                    func ask(_ count: Int, round: Int) {
                        for number in 0..<count {
                            group.addTask {
                                let response = try await gateway.chat("round \(round), request \(number)")
                                if response.status == 503 {
                                    refusals.update { $0.append(response) }
                                } else {
                                    answers.update { $0.append(response.status) }
                                }
                            }
                        }
                    }
                    // The first requests go to the model, as many wait, and a third of them is refused while the model
                    // has not answered any.
                    ask(3 * slots, round: 0)
                    _ = try await refusals.first { $0.count == slots }
                    try await model.arrival(of: slots)
                    let rounds = 10
                    for round in 1...rounds {
                        model.answer(slots)
                        // Waiting requests take the freed slots without further requests.
                        try await model.arrival(of: (round + 1) * slots)
                        guard round < rounds else { break }
                        // Of three times as many further requests, one third may wait.
                        ask(3 * slots, round: round)
                        _ = try await refusals.first { $0.count == slots + round * 2 * slots }
                    }
                    model.answer(slots)
                    _ = try await answers.first { $0.count == (rounds + 1) * slots }
                }
                #expect(answers.value.allSatisfy { $0 == 200 })
                #expect(model.most == slots, "never more at once than it has slots")
                let refusal = try #require(refusals.value.first)
                #expect(refusal["retry-after"] == "1" && refusal.json["error"]["code"].string == "model_overloaded")
                #expect(try await gateway.logged(#/answered with 503: .*gpt-3.5-turbo has as many requests/#))
                let lines = gateway.log.split(separator: "\n").filter { $0.contains("answered with 503") }
                #expect(lines.count == 1, "refusals are told in one line a minute: \(lines)")
            }
        }

        @Test("Identical requests count once")
        func followers() async throws {
            try await withGateway(Self.configuration(deployments: [1])) { gateway, upstream async throws in
                let model = Model()
                upstream.answer(model.script)
                async let answers = Crowd.ask([gateway], 20)
                try await model.arrival(of: 1)
                // The model cannot show that a request follows another, but the time that passes without a refusal
                // does.
                try await Task.sleep(for: .milliseconds(300))
                model.answer(1)
                #expect(try await answers.allSatisfy { $0.status == 200 })
                #expect(upstream.calls == 1)
            }
        }

        @Test("A full deployment is passed over while another of its name has room")
        func passedOver() async throws {
            try await withGateway(Self.configuration("  max_queued_requests: 0\n", deployments: [2, 3])) {
                gateway,
                upstream async throws in
                let model = Model()
                upstream.answer(model.script)
                try await withThrowingTaskGroup(of: Int.self) { group in
                    for number in 0..<6 { group.addTask { try await gateway.chat("request \(number)").status } }
                    #expect(try await group.next() == 503, "the sixth finds no room")
                    try await model.arrival(of: 5)
                    model.answer(5)
                    #expect(try await group.reduce(into: []) { $0.append($1) } == Array(repeating: 200, count: 5))
                }
            }
        }

        @Test("A request waits no longer than queue_timeout")
        func queueTimeout() async throws {
            let configuration = Self.configuration(deployments: [1])
                .replacingOccurrences(of: "queue_timeout: 60", with: "queue_timeout: 200ms")
            try await withGateway(configuration) { gateway, upstream async throws in
                let model = Model()
                upstream.answer(model.script)
                async let first = gateway.chat("first")
                try await model.arrival(of: 1)
                let second = try await gateway.chat("second")
                #expect(second.status == 503 && second["retry-after"] == "1")
                model.answer(1)
                #expect(try await first.status == 200)
                #expect(upstream.calls == 1)
            }
        }

        @Test("All models together have no more requests than global_max_parallel_requests")
        func global() async throws {
            let configuration =
                Configurations.cached("type: local")
                + "general_settings:\n  global_max_parallel_requests: 2\n  max_queued_requests: 1\n"
            try await withGateway(configuration) { gateway, upstream async throws in
                let model = Model()
                upstream.answer(model.script)
                try await withThrowingTaskGroup(of: Int.self) { group in
                    for name in ["gpt-3.5-turbo", "gpt-4"] {
                        group.addTask { try await gateway.chat("first", model: name).status }
                    }
                    try await model.arrival(of: 2)
                    for number in 0..<2 { group.addTask { try await gateway.chat("more \(number)").status } }
                    #expect(try await group.next() == 503)
                    model.answer(1)
                    try await model.arrival(of: 3)
                    #expect(model.most == 2)
                    model.answer(2)
                    #expect(try await group.reduce(into: []) { $0.append($1) } == [200, 200, 200])
                }
            }
        }

        @Test("A client that hangs up while waiting leaves the queue, and one whose call is in progress frees its slot")
        func hangingUp() async throws {
            try await withGateway(Self.configuration("  max_queued_requests: 1\n", deployments: [1])) {
                gateway,
                upstream async throws in
                let model = Model()
                upstream.answer(model.script)
                func open(_ question: String) async throws -> ByteSink {
                    let sink = try await ByteSink.open(port: gateway.port)
                    let body =
                        #"{"model":"gpt-3.5-turbo","cache":{"no-store":true},"messages":[{"role":"user","content":"\#(question)"}]}"#
                    try await sink.send(GatewayProcess.request("POST", "/v1/chat/completions", body))
                    return sink
                }
                func calls(_ underWay: Int, _ waiting: Int) async throws {
                    try await eventually("\(underWay) are under way and \(waiting) wait") {
                        let calls = try await gateway.get("/health").json["calls"]
                        return calls["under_way"].int == underWay && calls["waiting"].int == waiting
                    }
                }
                let first = try await open("first")
                try await model.arrival(of: 1)
                let second = try await open("second")
                try await calls(1, 1)
                second.close()
                try await calls(1, 0)
                first.close()
                try await calls(0, 0)
                async let third = gateway.chat("third")
                try await model.arrival(of: 2)
                model.answer(2)
                #expect(try await third.status == 200)
            }
        }
    }
}
