import JSON

extension OpenAI {
    /// How errors of the Responses API are reported: as for all other calls, but for the event that ends a stream.
    static let responsesErrors = ErrorForm(
        body: errors.body,
        event: { error in
            let data = JSONWriter.object { json in
                json.member("type", "error")
                json.member("code", error.code)
                json.member("message", error.message)
                json.member("param", error.parameter)
                // OpenAI's packages raise an error only for an event with this member.
                writeMember(error, to: &json)
            }
            return "event: error\ndata: \(data)\n\n"
        },
        read: errors.read
    )
}
