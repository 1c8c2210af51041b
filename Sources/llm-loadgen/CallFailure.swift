/// A way in which a call fails, as the provider or the client library words it.
struct CallFailure {
  var share: Double
  /// Fields of the event, each with a comma before it.
  var fields: String
  /// Trying again may help.
  var isTransient: Bool
  /// How long the caller waited for it.
  var medianSeconds: Double

  static let all: [CallFailure] = [
    CallFailure(
      share: 38,
      fields: #","http_status":429,"error":{"type":"requests","code":"rate_limit_exceeded","#
        + #""message":"Rate limit reached for requests per minute. Please try again in 1.2s."}"#,
      isTransient: true, medianSeconds: 0.15),
    CallFailure(
      share: 16, fields: #","error_type":"APITimeoutError","error_message":"Request timed out.""#, isTransient: true,
      medianSeconds: 30),
    CallFailure(
      share: 13, fields: #","http_status":529,"error":{"type":"overloaded_error","message":"Overloaded"}"#,
      isTransient: true, medianSeconds: 0.8),
    CallFailure(
      share: 9, fields: #","http_status":500,"error":{"type":"server_error","message":"The server had an error."}"#,
      isTransient: true, medianSeconds: 2.5),
    CallFailure(
      share: 6,
      fields: #","http_status":400,"error":{"type":"invalid_request_error","code":"context_length_exceeded","#
        + #""message":"This model's maximum context length is 128000 tokens."}"#,
      isTransient: false, medianSeconds: 0.3),
    CallFailure(
      share: 4,
      fields: #","http_status":400,"error":{"code":"content_filter","message":"The response was filtered."}"#,
      isTransient: false, medianSeconds: 0.6),
    CallFailure(
      share: 4,
      fields: #","http_status":400,"error":{"type":"invalid_request_error","message":"Invalid value for 'messages'."}"#,
      isTransient: false, medianSeconds: 0.1),
    CallFailure(
      share: 3, fields: #","error_type":"connection","error_message":"Connection reset by peer""#, isTransient: true,
      medianSeconds: 1),
    CallFailure(
      share: 3, fields: #","status":"cancelled","error_type":"cancelled""#, isTransient: false, medianSeconds: 4),
    CallFailure(
      share: 1, fields: #","http_status":401,"error":{"type":"authentication_error","message":"invalid x-api-key"}"#,
      isTransient: false, medianSeconds: 0.1),
    CallFailure(
      share: 1,
      fields: #","http_status":429,"error":{"type":"insufficient_quota","code":"insufficient_quota","#
        + #""message":"You exceeded your current quota."}"#,
      isTransient: false, medianSeconds: 0.1),
    CallFailure(
      share: 1, fields: #","http_status":404,"error":{"type":"not_found_error","message":"model: not found"}"#,
      isTransient: false, medianSeconds: 0.1),
    CallFailure(share: 1, fields: #","status":"error""#, isTransient: false, medianSeconds: 1),
  ]
}
