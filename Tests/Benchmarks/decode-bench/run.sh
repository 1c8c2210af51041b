#!/bin/sh
# Builds the decoder with the benchmark and prints nanoseconds per event, best of five rounds.
set -eu
cd "$(dirname "$0")/../../.."
build=${TMPDIR:-/tmp}/llm-exporter-decode-bench
mkdir -p "$build"
swiftc -O -wmo -swift-version 6 -strict-memory-safety -parse-as-library -o "$build/decode-bench" \
  $(find Sources/Events -name '*.swift') Tests/Benchmarks/decode-bench/DecodeBench.swift
"$build/decode-bench" "$@"
