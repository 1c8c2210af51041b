/// What a usage object may say. Twin spellings (snake and camel case) share a field.
///
/// The order matters where `Tape.holdsAny` asks for a run of them.
enum UsageField: UInt8, CaseIterable {
  // Rules 8 to 10: the frequent ones.
  case promptTokens, completionTokens, inputTokens, outputTokens, totalTokens
  case cached, cacheWrite, reasoning
  // Other places of the same parts.
  case cacheReadInput, cacheCreationInput, cacheRead, cacheCreation, cacheHit, camelCachedInput
  case camelReasoning
  // What else tells Anthropic's shape, or LangChain's, or Vercel's.
  case cacheCreationObject, serverToolUse, iterations, inputDetailsObject, camelInputDetails, camelOutputDetails
  // Rules 1 to 7, from `geminiPrompt` to `evalCount`: what has to be asked before rule 8.
  case geminiPrompt, geminiCandidates, geminiResponse, geminiThoughts, geminiTotal
  case camelInputTokens, camelOutputTokens
  case pagesProcessed, annotatedPages, billedUnits
  case promptEvalCount, evalCount
  // Parts of those.
  case geminiToolUse, geminiCached
  case interactionsInput, interactionsOutput, interactionsThought, interactionsCached, interactionsToolUse
  case bedrockCacheRead, bedrockCacheWrite, bedrockCacheDetails
  case billedInput, billedOutput, cohereInput, cohereOutput
  case bareInput, bareOutput, titanInput, titanResults
  case v3InputTotal, v3OutputTotal
  case promptModalities, cachedModalities, outputModalities, toolUseModalities
  case type, iterationModel
  // `readLifetimes`
  case write5m, write30m, write1h, write12h
  // `readModalities`
  case audioInput, imageInput, videoInput, cachedAudio, cachedImage
  case audioOutput, imageOutput, videoOutput, citationTokens
  // `readUsageExtras`
  case inferenceGeo, serviceTier, speed
  case queueTime, loadDuration, totalDuration
  case webSearches, grounding, seconds, audioSeconds, videoSeconds, characters, images
  case billedImages, billedPages, billedSearchUnits
  case cost, costTicks, isByok, upstreamCost
  // `unwrap`
  case innerUsage, innerUsageMetadata, innerUsageMetadataCamel, innerMeta, innerGroq
}
