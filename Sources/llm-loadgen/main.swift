print("llm-loadgen")
