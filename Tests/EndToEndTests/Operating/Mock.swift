/// A configuration whose model the gateway answers itself.
enum Mock {
    static let configuration = """
        model_list:
          - model_name: gpt-3.5-turbo
            litellm_params: {model: openai/m, api_key: sk-upstream, mock_response: "hello"}

        """

    static let request = GatewayProcess.request(
        "POST",
        "/v1/chat/completions",
        #"{"model":"gpt-3.5-turbo","messages":[{"role":"user","content":"hi"}]}"#
    )

    /// Sends a request over a connection of its own.
    static func ask(_ port: Int, _ request: String = Mock.request) async throws -> Response {
        try await ask(Connection.open(port: port), request)
    }

    static func ask(_ connection: Connection, _ request: String = Mock.request) async throws -> Response {
        try await connection.send(request)
        return try await connection.readResponse()
    }
}
