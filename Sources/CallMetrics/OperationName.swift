/// What kind of call it was, in OpenTelemetry's words where it has one. Client libraries' words are folded into them.
/// Sources: OpenTelemetry GenAI registry (gen_ai.operation.name), LiteLLM's CallTypes.
public enum OperationName {
  private static let folded: [String: String] = [
    "": "chat", "completion": "chat", "acompletion": "chat", "responses": "chat", "aresponses": "chat",
    "anthropic_messages": "chat", "messages": "chat", "chat_completion": "chat", "chat.completion": "chat",
    "text_completion": "text_completion", "atext_completion": "text_completion",
    "embedding": "embeddings", "aembedding": "embeddings",
    "image": "image_generation", "images": "image_generation", "aimage_generation": "image_generation",
    "image_edit": "image_generation", "aimage_edit": "image_generation",
    "aspeech": "speech", "tts": "speech", "audio_speech": "speech",
    "atranscription": "transcription", "audio_transcription": "transcription",
    "arerank": "rerank", "amoderation": "moderation",
    "aocr": "ocr", "acreate_video": "video_generation", "create_video": "video_generation",
    "arealtime": "realtime", "_arealtime": "realtime",
    "acreate_fine_tuning_job": "fine_tuning", "create_fine_tuning_job": "fine_tuning",
  ]

  public static func fold(_ name: String) -> String { folded[name] ?? name }
}
