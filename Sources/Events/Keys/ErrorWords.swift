/// The words by which providers and libraries name an error, folded into `ErrorType`.
enum ErrorWords {
  /// A word's meaning carries this bit where it says so little that a more specific evidence beats it.
  static let genericBit = 0x80
  /// 429 and its word at Google also mean a used-up quota: the message tells.
  static let maybeQuotaBit = 0x40
  /// A word that only names a family of failures, or none: it gives way to all others, and to any message.
  static let vagueBit = 0x20
  static let typeMask = 0x1F

  private static let specific: [(ErrorType, [String])] = [
    (
      .rateLimit,
      [
        "rate_limit", "rate_limited", "rate_limit_exceeded", "ratelimit", "too_many_requests", "throttling",
        "throttled", "ramp_limit_exceeded", "requests", "tokens", "request_limit_exceeded",
        "caller_credential_rate_limit", "vendor_rate_limit", "vendor_batch_rate_limit", "litellm_rate_limit",
        "litellm_batch_rate_limit", "slow_down",
      ]
    ),
    (
      .quota,
      [
        "insufficient_quota", "quota", "quota_exceeded", "service_quota_exceeded", "billing",
        "billing_hard_limit_reached", "billing_not_active", "payment_required", "insufficient_balance",
        "insufficient_credits", "insufficient_funds", "budget_exceeded", "enforced_spend_limit_reached",
        "contract_spend_limit_reached", "linked_organization_spend_limit_reached",
        "linked_organization_billing_unavailable", "user_profile_not_billable",
      ]
    ),
    (
      .timeout,
      [
        "timeout", "timeouts", "timeouterror", "api_timeout", "timed_out", "request_timeout", "read_timeout",
        "connect_timeout", "connection_timeout", "pool_timeout", "write_timeout", "deadline_exceeded",
        "gateway_timeout", "model_timeout", "vector_store_timeout", "etimedout",
      ]
    ),
    (
      .contextLength,
      [
        "context_length", "context_length_exceeded", "context_window_exceeded", "model_context_window_exceeded",
        "prompt_too_long", "input_too_long", "max_tokens_exceeded", "model_length",
      ]
    ),
    (
      .contentFilter,
      [
        "content_filter", "content_filtered", "content_policy_violation", "content_policy",
        "content_filter_finish_reason", "refusal", "safety", "recitation", "blocklist", "prohibited_content", "spii",
        "jailbreak", "model_armor", "image_safety", "image_prohibited_content", "image_content_policy_violation",
        "guardrail_intervened", "guardrail_raised", "blocked_pii_entity", "responsible_ai_policy_violation",
        "invalid_prompt", "bio_policy", "cyber_policy", "misalignment_policy_violation", "moderation", "error_toxic",
        "sensitive", "rejected_request",
      ]
    ),
    (
      .auth,
      [
        "authentication", "unauthenticated", "unauthorized", "invalid_api_key", "api_key_invalid", "invalid_token",
        "permission", "permission_denied", "forbidden", "access_denied", "no_credentials", "partial_credentials",
        "credential_retrieval", "credentials", "expired_token", "unrecognized_client", "organization_on_hold", "oauth",
        "o_auth", "caller_credential_authentication",
      ]
    ),
    (
      .invalidRequest,
      [
        "failed_precondition", "precondition_failed", "validation", "unprocessable_entity", "unsupported_params",
        "unsupported_value", "http_validation", "conflict", "request_too_large", "content_too_large",
        "request_body_too_large_after_decoding", "json_schema_validation", "out_of_range",
        "malformed_request_field", "string_above_max_length", "data_residency_mismatch", "invalid_image",
        "invalid_image_format", "invalid_image_mode", "invalid_image_url", "invalid_base64_image", "image_too_large",
        "image_too_small", "image_file_too_large", "image_parse_error", "image_parse", "empty_image_file",
        "unsupported_image_media_type", "failed_to_download_image",
      ]
    ),
    (
      .notFound,
      [
        "not_found", "model_not_found", "resource_not_found", "deployment_not_found", "model_not_mapped",
        "image_file_not_found",
      ]
    ),
    (
      .overloaded,
      [
        "overloaded", "engine_overloaded", "unavailable", "service_unavailable", "model_not_ready",
        "server_overloaded", "capacity_exceeded", "mid_stream_fallback",
      ]
    ),
    (
      .serverError,
      [
        "internal", "internal_server", "bad_gateway", "model_error", "model_stream", "model_stream_error",
        "malformed_model_output", "malformed_tool_use", "malformed_response", "malformed_function_call",
        "not_implemented", "data_loss", "api_response_validation", "response_validation", "no_response",
      ]
    ),
    (
      .connection,
      [
        "connection", "api_connection", "connect", "connection_refused", "connection_reset", "connection_closed",
        "endpoint_connection", "remote_protocol", "network", "ssl", "proxy_connection", "dns", "gaierror",
        "unknown_host", "websocket_connection_closed", "web_socket_connection_closed", "incomplete_read", "read",
        "aborted", "econnrefused", "econnreset", "enotfound", "eai_again", "epipe",
      ]
    ),
    (
      .cancelled,
      ["cancelled", "canceled", "user_cancel", "client_closed_request", "api_user_abort", "abort"]
    ),
  ]

  private static let generic: [(ErrorType, [String])] = [
    (.invalidRequest, ["invalid_request", "bad_request", "invalid_argument"])
  ]

  private static let vague: [(ErrorType, [String])] = [
    (.invalidRequest, ["client", "api_status", "http_status"]),
    (.serverError, ["server", "server_error", "api", "api_error", "unknown"]),
  ]

  static var rows: [KeyRow] {
    var rows: [KeyRow] = []
    func add(_ words: [String], _ meaning: Int) {
      rows += words.map {
        KeyRow(context: .errorWord, name: $0, slot: meaning, rank: 0, child: nil, childBase: 0)
      }
    }
    for (type, words) in specific { add(words, Int(type.rawValue)) }
    for (type, words) in generic { add(words, Int(type.rawValue) | genericBit) }
    for (type, words) in vague { add(words, Int(type.rawValue) | vagueBit) }
    add(["resource_exhausted"], Int(ErrorType.rateLimit.rawValue) | maybeQuotaBit)
    return rows
  }

  /// What an HTTP status says; nil below 400.
  static func meaning(httpStatus: Int) -> Int? {
    let type: ErrorType
    switch httpStatus {
    case ..<400: return nil
    case 400, 413: return Int(ErrorType.invalidRequest.rawValue) | genericBit
    case 402: type = .quota
    case 401, 407, 498: type = .auth
    // Together answers 403 when a prompt is too long.
    case 403: return Int(ErrorType.auth.rawValue) | genericBit
    case 404, 410: type = .notFound
    case 408, 504, 524: type = .timeout
    case 429: return Int(ErrorType.rateLimit.rawValue) | genericBit | maybeQuotaBit
    case 451: type = .contentFilter
    case 499: type = .cancelled
    case 503, 529: type = .overloaded
    case 400..<500: type = httpStatus == 424 ? .serverError : .invalidRequest
    case 500: return Int(ErrorType.serverError.rawValue) | genericBit
    default: type = .serverError
    }
    return Int(type.rawValue)
  }

  /// What a message says by a part of it, in lower case; the first that is found.
  private static let phrases: [(ErrorType, [String])] = [
    (
      .contextLength,
      [
        "maximum context length", "context limit", "longer than the model's context length", "prompt is too long",
        "input is too long", "exceeds the maximum number of tokens", "exceeds the available context size",
        "context length exceeded", "context window", "context_length_exceeded",
      ]
    ),
    (
      .quota,
      [
        "exceeded your current quota", "insufficient_quota", "credit balance is too low", "insufficient balance",
        "insufficient credits", "insufficient funds", "per day", "budget has been exceeded",
      ]
    ),
    (.rateLimit, ["rate limit", "too many requests", "rate_limit", "throttl"]),
    // After those: messages about rates link to pages about billing.
    (.quota, ["billing"]),
    (
      .contentFilter,
      ["content management policy", "content policy", "content_filter", "content filter", "safety system"]
    ),
    (.auth, ["api key", "unauthorized", "authentication", "permission denied", "access denied", "subscription key"]),
    (.timeout, ["timed out", "timeout", "deadline exceeded", "etimedout"]),
    (.overloaded, ["overloaded", "service unavailable", "over capacity"]),
    (.notFound, ["does not exist", "not found", "was removed"]),
    (
      .connection,
      ["connection", "network is unreachable", "name resolution", "econnrefused", "econnreset", "enotfound"]
    ),
    (.cancelled, ["cancelled", "canceled"]),
    (.serverError, ["internal server error", "bad gateway"]),
    (.invalidRequest, ["bad request", "invalid request"]),
  ]

  private static let substrings: [(type: ErrorType, bytes: [UInt8])] = phrases.flatMap { type, phrases in
    phrases.map { (type, Array($0.utf8)) }
  }

  /// How much of a message is searched.
  private static let messageLimit = 1024

  static func meaning(message: Span<UInt8>) -> ErrorType? {
    let end = min(message.count, messageLimit)
    for (type, phrase) in substrings where phrase.count <= end {
      for start in 0...(end - phrase.count) {
        var matched = 0
        while matched < phrase.count, lower(message[start &+ matched]) == phrase[matched] { matched &+= 1 }
        if matched == phrase.count { return type }
      }
    }
    return nil
  }

  @inline(__always)
  private static func lower(_ byte: UInt8) -> UInt8 {
    byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
  }
}
