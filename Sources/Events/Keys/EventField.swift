/// The fields of an event as the scanner tells them apart. Spellings that mean the same, in the same unit, share one.
///
/// The order matters where `Tape.holdsAny` asks for a run of them, and in `storePlainFields`.
enum EventField: UInt8, CaseIterable {
  // These are texts, in the order of `EventResolver.storeText`.
  case model, requestModel, provider, id, traceID, spanID
  case user, session, application, team, environment, function
  case promptName, promptVersion, version, promptHash, responseHash, fallbackFrom
  case region, dataResidency, vertexLocation, comment, name
  // Numbers.
  case latencyMilliseconds, latencySeconds, timeToFirstTokenMilliseconds, timeToFirstTokenSeconds
  case queueMilliseconds, retryWaitMilliseconds, loadMilliseconds
  case cost, httpStatus, weight, sampleRate, attempt, order
  case images, characters, pages, annotatedPages, searchUnits, webSearchRequests, audioSeconds, videoSeconds
  case temperature, topP, maxOutputTokens, promptLength, responseLength
  // What needs thought.
  case operation, stream, batch, serviceTier, cache, retry
  case timestamp, start, end, completionStart
  case score, scoreMaximum, scoreMinimum, rating, category, evaluator
  case gaugeQueue, gaugeKind, gaugeDevice, gaugeProcess
  case status, success, finishReason
  // Evidence of an error.
  case errorType, error, errorNested, errorMessage, errorCode, errorInnerCode, errorClass, errorStatus, errorText
  case promptText, responseText
  case toolWebSearches
  // Where a usage object may stand, best first.
  case usage, usageMetadata, usageMetadataCamel, usageDetails, usageInfo, usageObject, groqUsage, meta
  case event, typeAlias
}
