#!/bin/sh
# Fuzzes the decoder for SECONDS (default 60) with libFuzzer and the address sanitizer; fails on a crash, which is
# then kept in Tests/Fuzz/Crashes. New inputs that reach new code go to a directory of the build, not to the corpus:
# to keep some, copy them to Tests/Fuzz/Corpus.
set -eu
cd "$(dirname "$0")/../.."
seconds=${1:-60}
build=${TMPDIR:-/tmp}/llm-exporter-fuzz
mkdir -p "$build/found" Tests/Fuzz/Crashes
swiftc -O -wmo -swift-version 6 -strict-memory-safety -parse-as-library -sanitize=fuzzer,address \
  -module-name DecoderFuzz -o "$build/decoder-fuzz" $(find Sources/Events -name '*.swift') Tests/Fuzz/DecoderFuzz.swift
"$build/decoder-fuzz" -max_total_time="$seconds" -max_len=4096 -timeout=5 -print_final_stats=1 \
  -dict=Tests/Fuzz/json.dict -artifact_prefix=Tests/Fuzz/Crashes/ "$build/found" Tests/Fuzz/Corpus
rmdir Tests/Fuzz/Crashes 2>/dev/null || true
