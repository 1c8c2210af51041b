print("llm-exporter")
