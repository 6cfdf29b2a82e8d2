import Testing

/// The openai package and the gateway convert a stream to the same answer, and the other way round.
@Suite("The openai package's accumulator", .timeLimit(.minutes(2)))
struct AccumulatorTests {
    /// Sends each question as a stream and in one piece, in the order that `first` decides, and prints the choices that
    /// the package's own accumulator or its model of an answer has.
    private func compare(_ questions: [String], first: String, _ gateway: GatewayProcess) async throws {
        let lines = try await Python.run(
            """
            import json, openai
            from openai.lib.streaming.chat import ChatCompletionStreamState
            client = openai.OpenAI(base_url='\(gateway.url)/v1', api_key='x', max_retries=0)

            def ask(question, **more):
                messages = [{'role': 'user', 'content': question}]
                return client.chat.completions.create(model='gpt-3.5-turbo', messages=messages, **more)

            def bare(value):
                if isinstance(value, list): return [bare(element) for element in value]
                if not isinstance(value, dict): return value
                return {name: bare(value[name]) for name in sorted(value) if value[name] not in (None, [])}

            def told(answer):
                answer = answer.to_dict()
                choices = []
                for choice in answer['choices']:
                    for call in choice['message'].get('tool_calls') or []: call.pop('index', None)
                    choices.append([choice['index'], choice.get('finish_reason'), bare(choice['message']),
                                    bare(choice.get('logprobs') or {})])
                choices.sort(key=lambda choice: choice[0])
                return json.dumps([answer['id'], answer['object'], answer['model'], choices])

            def streamed(question):
                state = ChatCompletionStreamState()
                for chunk in ask(question, stream=True):
                    # As the package's own `stream()` does, which passes over what Azure's filters say.
                    if chunk.object == 'chat.completion.chunk': state.handle_chunk(chunk)
                return told(state.current_completion_snapshot)

            for question in \(questions):
                if '\(first)' == 'stream':
                    print(streamed(question))
                    print(told(ask(question)))
                else:
                    print(told(ask(question)))
                    print(streamed(question))
            """
        )
        #expect(lines.count == 2 * questions.count)
        for (number, question) in questions.enumerated() where lines.count > 2 * number + 1 {
            #expect(lines[2 * number] == lines[2 * number + 1], "\(question)")
        }
    }

    private static func events(_ chunks: [String]) -> Answer {
        Answer(
            headers: [("content-type", "text/event-stream")],
            body: .bytes(Array((chunks + ["[DONE]"]).map { "data: \($0)\n\n" }.joined().utf8))
        )
    }

    private static func deltas(_ deltas: [String], finish: String = "stop") -> Answer {
        events(deltas.map { Answer.chunk($0) } + [Answer.chunk("{}", finish: "\"\(finish)\"")])
    }

    private static let filters =
        #"{"id":"","object":"","created":0,"model":"","choices":[{"index":0,"finish_reason":null,"#
        + #""content_filter_results":{"hate":{"filtered":false,"severity":"safe"}},"content_filter_offsets":{"end":1}}]}"#

    private static let streams = [
        "two fragments of a call at once": deltas(
            [
                #"{"role":"assistant","content":null,"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{"}},{"index":0,"function":{"arguments":"}"}}]}"#,
                #"{"tool_calls":[{"index":1,"id":"b","type":"function","function":{"name":"g","arguments":""}},{"index":1,"function":{"arguments":"1"}}]}"#,
            ],
            finish: "tool_calls"
        ),
        "a name in pieces": deltas(
            [
                #"{"role":"assistant","tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"ge","arguments":""}}]}"#,
                #"{"tool_calls":[{"index":0,"function":{"name":"t_t"}}]}"#,
                #"{"tool_calls":[{"index":0,"function":{"name":"ime","arguments":"{}"}}]}"#,
            ],
            finish: "tool_calls"
        ),
        "reasoning in details": deltas([
            #"{"role":"assistant","content":"","reasoning":"a","reasoning_details":[{"type":"reasoning.text","text":"a","index":0}]}"#,
            #"{"content":"","reasoning":"b","reasoning_details":[{"type":"reasoning.text","text":"b","index":0}]}"#,
            #"{"content":"","reasoning":"c","reasoning_details":[{"type":"reasoning.text","text":"c","index":1}]}"#,
            #"{"content":"answer"}"#,
        ]),
        "filters behind the answer": events([
            Answer.chunk(#"{"role":"assistant","content":"a"}"#), filters, Answer.chunk("{}", finish: #""stop""#),
            filters,
        ]),
        "reasons to finish": events([
            Answer.chunk(#"{"role":"assistant","content":"a"}"#, finish: #""""#),
            Answer.chunk("{}", finish: #""length""#), Answer.chunk("{}", finish: #""stop""#),
            Answer.chunk("{}", finish: #""""#),
        ]),
    ]

    @Test("says of a stream what the gateway's answer in one piece says")
    func streams() async throws {
        try await withGateway { gateway, upstream async throws in
            upstream.answer { request, _ in
                Self.streams[request.json["messages"][0]["content"].string ?? ""] ?? .failure(500)
            }
            try await compare(Self.streams.keys.sorted(), first: "stream", gateway)
            #expect(upstream.calls == Self.streams.count)
        }
    }

    private static func whole(_ choices: String) -> Answer {
        .json(#"{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[\#(choices)]}"#)
    }

    private static func choice(_ index: Int, _ message: String, logprobs: String = "null") -> String {
        #"{"index":\#(index),"message":{"role":"assistant",\#(message)},"logprobs":\#(logprobs),"finish_reason":"stop"}"#
    }

    private static func token(_ text: String) -> String {
        #"{"token":"\#(text)","logprob":-1.5,"bytes":[1],"top_logprobs":[]}"#
    }

    private static let answers = [
        "tokens that are not the text": whole(
            (0..<3).map { index in
                let content = [token("x"), token("y")].joined(separator: ",")
                return choice(
                    index,
                    #""content":"abc""#,
                    logprobs: #"{"content":[\#(content)],"refusal":[\#(token("r"))]}"#
                )
            }
            .joined(separator: ",")
        ),
        "tokens that are the text": whole(
            (0..<2).map {
                choice($0, #""content":"ab""#, logprobs: #"{"content":[\#(token("a")),\#(token("b"))],"refusal":null}"#)
            }
            .joined(separator: ",")
        ),
        "tokens of calls": whole(
            choice(
                0,
                #""content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]"#,
                logprobs: #"{"content":[\#(token("x"))]}"#
            )
        ),
        "choices in another order": whole(
            [choice(2, #""content":"c""#), choice(0, #""content":"a""#), choice(1, #""content":"b""#)].joined(
                separator: ","
            )
        ),
        "escaped names": .json(
            #"{"id":"c","object":"chat.completion","created":1,"model":"m","choic\u0065s":[\#(choice(0, #""cont\u0065nt":"abc""#))]}"#
        ),
    ]

    @Test("says of the gateway's stream what the answer in one piece says")
    func answers() async throws {
        try await withGateway { gateway, upstream async throws in
            upstream.answer { request, _ in
                Self.answers[request.json["messages"][0]["content"].string ?? ""] ?? .failure(500)
            }
            try await compare(Self.answers.keys.sorted(), first: "whole", gateway)
            #expect(upstream.calls == Self.answers.count)
        }
    }
}
