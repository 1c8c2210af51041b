/// What a usage object may say. Twin spellings (snake and camel case) share a field.
enum UsageField: UInt8, CaseIterable {
  // Keys that tell the shape (providers.md calls for them by name).
  case promptTokens, completionTokens, inputTokens, outputTokens, totalTokens
  case camelInputTokens, camelOutputTokens
  case inputDetailsObject, camelInputDetails, camelOutputDetails, camelCachedInput, camelReasoning
  case cacheReadInput, cacheCreationInput, cacheCreationObject, serverToolUse, inferenceGeo, iterations
  case geminiPrompt, geminiCandidates, geminiResponse, geminiThoughts, geminiToolUse, geminiCached, geminiTotal
  case interactionsInput, interactionsOutput, interactionsThought, interactionsCached, interactionsToolUse
  case bedrockCacheRead, bedrockCacheWrite, bedrockCacheDetails
  case billedUnits, billedInput, billedOutput, billedImages, billedPages, billedSearchUnits
  case cohereInput, cohereOutput
  case promptEvalCount, evalCount, totalDuration, loadDuration, queueTime
  case type, iterationModel, seconds, pagesProcessed, annotatedPages
  case bareInput, bareOutput
  case titanInput, titanResults
  // Parts.
  case cached, cacheWrite, cacheRead, cacheCreation
  case write5m, write30m, write1h, write12h
  case reasoning
  case audioInput, imageInput, videoInput, cachedAudio, cachedImage
  case audioOutput, imageOutput, videoOutput
  case v3InputTotal, v3OutputTotal
  case promptModalities, cachedModalities, outputModalities, toolUseModalities
  case citationTokens, webSearches, grounding
  // The rest.
  case serviceTier, speed
  case cost, costTicks, isByok, upstreamCost
  case audioSeconds, videoSeconds, characters, images
  case innerUsage, innerUsageMetadata, innerUsageMetadataCamel, innerMeta, innerGroq
}
