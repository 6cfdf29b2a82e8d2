-- The request of one-core.sh: always the same chat.
wrk.method = "POST"
wrk.body = '{"model": "gpt-3.5-turbo","messages": [{"role": "user", "content": "write a poem about litellm!"}],"temperature": 0.7}'
wrk.headers["Content-Type"] = "application/json"
