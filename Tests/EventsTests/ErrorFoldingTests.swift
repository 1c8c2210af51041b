import Events
import Testing

/// The words of every provider fall into thirteen.
@Suite struct ErrorFoldingTests {
  private func fold(_ members: String) throws -> ErrorType? { try call(members).fields.errorType }

  @Test func words() throws {
    let words: [(ErrorType, [String])] = [
      (
        .rateLimit,
        [
          "rate_limit", "RateLimitError", "openai.RateLimitError", "rate_limit_error", "ThrottlingException",
          "too_many_requests", "TooManyRequestsError", "rate_limit_exceeded", "RESOURCE_EXHAUSTED", "rate-limit",
          "Too Many Requests", "429", "litellm.exceptions.RateLimitError", "requests", "tokens",
        ]
      ),
      (
        .quota,
        [
          "insufficient_quota", "ServiceQuotaExceededException", "billing_error", "PaymentRequiredError", "402",
          "BudgetExceededError", "enforced_spend_limit_reached",
        ]
      ),
      (
        .timeout,
        [
          "timeout", "APITimeoutError", "ReadTimeoutError", "ConnectTimeoutError", "asyncio.TimeoutError",
          "DEADLINE_EXCEEDED", "ModelTimeoutException", "504", "408", "Timeout", "ETIMEDOUT",
        ]
      ),
      (
        .contextLength,
        ["context_length_exceeded", "ContextWindowExceededError", "model_context_window_exceeded", "prompt_too_long"]
      ),
      (
        .contentFilter,
        [
          "content_filter", "ContentPolicyViolationError", "content_policy_violation", "SAFETY",
          "ResponsibleAIPolicyViolation", "refusal", "GuardrailRaisedException", "451",
        ]
      ),
      (
        .auth,
        [
          "AuthenticationError", "authentication_error", "invalid_api_key", "API_KEY_INVALID", "PERMISSION_DENIED",
          "PermissionDeniedError", "AccessDeniedException", "UNAUTHENTICATED", "401", "403", "NoCredentialsError",
          "InvalidTokenError",
        ]
      ),
      (
        .invalidRequest,
        [
          "invalid_request_error", "BadRequestError", "INVALID_ARGUMENT", "ValidationException",
          "UnprocessableEntityError", "HTTPValidationError", "ConflictError", "400", "413", "422",
          "string_above_max_length", "418", "invalid_image_format", "image_too_large",
        ]
      ),
      (
        .notFound,
        ["not_found_error", "NotFoundError", "model_not_found", "ResourceNotFoundException", "NOT_FOUND", "404"]
      ),
      (
        .overloaded,
        ["overloaded_error", "UNAVAILABLE", "ServiceUnavailableError", "ModelNotReadyException", "503", "529"]
      ),
      (
        .serverError,
        [
          "api_error", "InternalServerError", "INTERNAL", "server_error", "ModelErrorException", "APIError", "500",
          "502", "520", "BadGatewayError", "unknown",
        ]
      ),
      (
        .connection,
        [
          "APIConnectionError", "ConnectionError", "ConnectError", "EndpointConnectionError", "ConnectionClosedError",
          "SSLError", "connection_reset", "ECONNREFUSED", "ECONNRESET", "ENOTFOUND",
        ]
      ),
      (
        .cancelled,
        [
          "cancelled", "CANCELLED", "CancelledError", "asyncio.CancelledError", "ClientClosedRequestError", "499",
          "APIUserAbortError",
        ]
      ),
      (.other, ["_OTHER", "SomethingElse", "x"]),
    ]
    for (type, spellings) in words {
      for word in spellings {
        #expect(try fold(#""error_type":"\#(word)""#) == type, "\(word)")
        #expect(try fold(#""error":"\#(word)""#) == type, "\(word)")
        #expect(try fold(#""error":{"type":"\#(word)"}"#) == type, "\(word)")
      }
    }
  }

  @Test func aCodeBeatsAClassBeatsAStatusBeatsAMessage() throws {
    #expect(
      try fold(
        #""error":{"code":"insufficient_quota","type":"RateLimitError","message":"timed out"},"http_status":503"#)
        == .quota)
    #expect(try fold(#""error":{"type":"overloaded_error","message":"timed out"},"http_status":404"#) == .overloaded)
    #expect(try fold(#""error":{"message":"timed out"},"http_status":404"#) == .notFound)
    #expect(try fold(#""error":{"message":"The request timed out."}"#) == .timeout)
    #expect(
      try fold(
        #""error":{"type":"rate_limit_error","details":{"error_code":"enforced_spend_limit_reached"}},"http_status":429"#
      ) == .quota)
  }

  @Test func whatSaysLittleGivesWay() throws {
    #expect(
      try fold(#""error":{"type":"invalid_request_error","code":"context_length_exceeded"},"http_status":400"#)
        == .contextLength)
    #expect(
      try fold(
        #""error":{"type":"invalid_request_error","message":"prompt is too long: 210000 tokens > 200000 maximum"},"http_status":400"#
      ) == .contextLength)
    #expect(
      try fold(#""error":{"type":"invalid_request_error","code":null,"message":"no key"},"http_status":401"#) == .auth)
    #expect(
      try fold(#""error_type":"BadRequestError","error_message":"This model's maximum context length is 8192 tokens""#)
        == .contextLength)
    #expect(
      try fold(
        #""error":{"code":429,"status":"RESOURCE_EXHAUSTED","message":"You exceeded your current quota, please check your plan and billing details."}"#
      ) == .quota)
    #expect(
      try fold(#""error":{"code":429,"status":"RESOURCE_EXHAUSTED","message":"Resource has been exhausted"}"#)
        == .rateLimit)
    #expect(
      try fold(
        #""error":{"code":400,"status":"INVALID_ARGUMENT","message":"API key not valid. Please pass a valid API key."}"#
      ) == .auth)
    #expect(
      try fold(
        #""error":{"type":"invalid_request_error","message":"Your credit balance is too low to access the API."}"#)
        == .quota)
    #expect(try fold(#""error_type":"APIConnectionError","http_status":500"#) == .connection)
    #expect(try fold(#""http_status":500,"error_message":"Internal error, connection kept""#) == .serverError)
    #expect(try fold(#""http_status":403,"error_message":"maximum context length""#) == .contextLength)
    #expect(
      try fold(
        #""http_status":429,"error":"Rate limit reached for gpt-4o. Visit https://platform.openai.com/account/billing.""#
      ) == .rateLimit)
  }

  /// Words for a family of failures, or for none.
  @Test(arguments: ["_OTHER", "unknown", "ClientError", "APIStatusError", "HTTPStatusError", "APIError"])
  func whatSaysNothingGivesWayToAll(_ word: String) throws {
    #expect(try fold(#""error_type":"\#(word)","http_status":429"#) == .rateLimit)
    #expect(try fold(#""error_type":"\#(word)","http_status":400"#) == .invalidRequest)
    #expect(try fold(#""error_type":"\#(word)","error_message":"The request timed out.""#) == .timeout)
  }

  @Test func aTextMayBeginWithItsClass() throws {
    #expect(try fold(#""error":"RateLimitError: Error code: 429 - {'error': …}""#) == .rateLimit)
    #expect(try fold(#""error":"litellm.Timeout: AzureException - it took long""#) == .timeout)
    #expect(try fold(#""error":"Something broke: nobody knows""#) == .other)
    #expect(try fold(#""error":"The server had a connection problem""#) == .connection)
  }

  /// The texts of exceptions, as libraries make them.
  @Test(arguments: [
    ("An error occurred (AccessDeniedException) when calling the Converse operation: not you", ErrorType.auth),
    ("ClientError: An error occurred (ThrottlingException) when calling the Converse operation", .rateLimit),
    ("429 RESOURCE_EXHAUSTED. {'error': {'code': 429}}", .rateLimit),
    ("400 INVALID_ARGUMENT. {'error': {'message': 'API key not valid.'}}", .auth),
    ("Error code: 429 - {'error': {'message': 'You exceeded your current quota'}}", .quota),
    ("Client error '404 Not Found' for url", .notFound), ("Request failed with status code 503", .overloaded),
    ("HTTP 503", .overloaded), ("HTTP/1.1 503", .overloaded), ("HTTPError: 502", .serverError),
    ("connect ECONNREFUSED 127.0.0.1:443", .connection), ("getaddrinfo ENOTFOUND api.openai.com", .connection),
    ("read ECONNRESET", .connection), ("connect ETIMEDOUT 10.0.0.1:443", .timeout),
    // No status and no class, though they look like it.
    ("The call timed out after 500 ms", .timeout), ("4290 of 500 left", .other), ("model: gpt (read the page)", .other),
  ])
  func aTextMayNameItsStatusOrItsClass(_ text: String, _ type: ErrorType) throws {
    #expect(try fold(#""error":"\#(text)""#) == type)
    #expect(try fold(#""error":{"message":"\#(text)"}"#) == type)
    #expect(try fold(#""error_type":"Exception","error_message":"\#(text)""#) == type)
  }

  /// The shapes of real error bodies, with their numbers and names changed.
  @Test func bodies() throws {
    #expect(
      try fold(#""http_status":404,"error":{"id":"0d0c","message":"model 'command-x' was removed on May 1, 2025."}"#)
        == .notFound)
    #expect(
      try fold(
        #""http_status":404,"error":{"error":{"code":"model_not_found","message":"The model `gpt-x` has been deprecated","param":null,"type":"invalid_request_error"}}"#
      ) == .notFound)
    #expect(
      try fold(
        #"""
        "http_status":200,"error":{"error":{"code":"content_filter","innererror":{"code":"ResponsibleAIPolicyViolation",
        "content_filter_result":{"hate":{"filtered":true,"severity":"high"}}},"message":"The response was filtered",
        "param":"prompt","status":400,"type":null}}
        """#) == .contentFilter)
    #expect(
      try fold(
        #""http_status":401,"error":{"error":{"code":"401","message":"Access denied due to invalid subscription key"}}"#
      ) == .auth)
    #expect(
      try fold(
        #""error_information":{"error_code":"429","error_class":"RateLimitError","llm_provider":"openai","error_message":"slow"}"#
      ) == .rateLimit)
  }

  /// Anthropic's body, which has a type of its own around the error; as it is, and as its library dumps it.
  @Test(arguments: [
    #"{"type":"error","error":{"type":"not_found_error","message":"model: x"}}"#,
    #"{"error":{"message":"model: x","type":"not_found_error"},"type":"error"}"#,
    #"{"status":404,"headers":{},"error":{"type":"error","error":{"type":"not_found_error","message":"model: x"}}}"#,
    #"[{"type":"error","error":{"type":"not_found_error"}},{"type":"timeout"}]"#,
  ])
  func theInnerErrorWins(_ body: String) throws {
    #expect(try fold(#""error":\#(body),"error_information":{"error_class":"Timeout"}"#) == .notFound)
  }

  /// Whatever it says, it says that the call failed.
  @Test(arguments: [
    (#"{"detail":"Internal failure"}"#, ErrorType.other), (#"{"detail":"Not found"}"#, .notFound),
    (#"{"detail":[{"loc":["body"]}]}"#, .other), (#"{"reason":"whatever"}"#, .other),
    (#"{"message":{"text":"x"}}"#, .other), (#"["broken"]"#, .other), (#"[null,{"code":503}]"#, .overloaded),
    (#"[{"error":{"code":503,"status":"UNAVAILABLE"}}]"#, .overloaded), (#"{"error":"timeout"}"#, .timeout),
  ])
  func anythingInAnErrorIsEvidence(_ error: String, _ type: ErrorType) throws {
    #expect(try fold(#""error":\#(error)"#) == type)
  }

  @Test func nothingIsNoEvidence() throws {
    for members in [
      #""error":null"#, #""error":"""#, #""error":{}"#, #""error":{"type":null,"code":"","message":null}"#,
      #""error":false"#, #""error":[]"#, #""error":[null,"",{}]"#, #""error":{"error":{"code":""},"detail":[]}"#,
      #""error_type":"""#, #""http_status":200"#, #""http_status":399"#, #""status":"incomplete""#,
      #""status":"queued""#,
      #""error_information":{"error_code":"","error_class":"","llm_provider":"","error_message":""},"error_str":null"#,
    ] {
      let event = try call(members)
      #expect(event.fields.status == .success, "\(members)")
      #expect(event.fields.errorType == nil, "\(members)")
    }
  }
}

@Suite struct StatusTests {
  private func status(_ members: String) throws -> CallStatus { try call(members).fields.status }

  @Test func words() throws {
    for word in ["success", "ok", "succeeded", "completed", "incomplete", "SUCCESS"] {
      #expect(try status(#""status":"\#(word)","error":"timeout""#) == .success)
    }
    for word in ["error", "failure", "failed", "cancelled", "canceled", "Failed"] {
      #expect(try status(#""status":"\#(word)""#) == .error)
    }
    #expect(try status(#""status":"whatever""#) == .success)
    #expect(try status(#""status":"whatever","error":"timeout""#) == .error)
  }

  @Test func anErrorWithoutEvidenceIsOther() throws {
    #expect(try call(#""status":"error""#).fields.errorType == .other)
    #expect(try call(#""status":"cancelled""#).fields.errorType == .cancelled)
    #expect(try call(#""status":"cancelled","error":"timeout""#).fields.errorType == .timeout)
    #expect(try call(#""success":false"#).fields.errorType == .other)
    #expect(try call(#""success":false,"http_status":429"#).fields.errorType == .rateLimit)
  }

  @Test func aStatedSuccessHasNoErrorType() throws {
    let event = try call(#""status":"success","error":"timeout","http_status":500"#)
    #expect(event.fields.status == .success)
    #expect(event.fields.errorType == nil)
    #expect(event.fields.httpStatus == 500)
  }

  @Test func aNumberIsAnHTTPStatus() throws {
    #expect(try call(#""status":404"#).fields.errorType == .notFound)
    #expect(try call(#""status":"503""#).fields.errorType == .overloaded)
    #expect(try call(#""status":200"#).fields.status == .success)
    #expect(try call(#""status":200"#).fields.httpStatus == 200)
    #expect(try call(#""status":404,"http_status":503"#).fields.errorType == .overloaded)
  }

  @Test func statusBeatsSuccess() throws {
    #expect(try status(#""status":"error","success":true"#) == .error)
    #expect(try status(#""success":"true","http_status":500"#) == .success)
    #expect(try status(#""success":false"#) == .error)
  }

  @Test func finishReasonsFold() throws {
    let words: [(FinishReason, [String])] = [
      (.stop, ["stop", "end_turn", "stop_sequence", "COMPLETE", "STOP", "eos", "FinishReason.STOP"]),
      (.length, ["length", "max_tokens", "MAX_TOKENS", "pause_turn", "model_length", "model_context_window_exceeded"]),
      (.toolCalls, ["tool_calls", "tool_use", "TOOL_CALL", "function_call", "tool-calls"]),
      (
        .contentFilter,
        [
          "content_filter", "refusal", "SAFETY", "RECITATION", "guardrail_intervened", "content_filtered",
          "content-filter",
        ]
      ),
      (.error, ["error", "ERROR", "network_error", "MALFORMED_FUNCTION_CALL"]),
      (.other, ["something", "a very long sentence that is certainly no word of any provider at all"]),
    ]
    for (reason, spellings) in words {
      for word in spellings {
        for name in ["finish_reason", "stop_reason", "llm.finish_reason"] {
          #expect(try call(#""\#(name)":"\#(word)""#).fields.finishReason == reason, "\(word)")
        }
        #expect(try call(#""gen_ai.response.finish_reasons":["\#(word)","x"]"#).fields.finishReason == reason)
      }
    }
    #expect(try call(#""finish_reason":null"#).fields.finishReason == nil)
    #expect(try call(#""gen_ai.response.finish_reasons":[]"#).fields.finishReason == nil)
    #expect(try call(#""stop_reason":"refusal""#).fields.status == .success)
  }
}
