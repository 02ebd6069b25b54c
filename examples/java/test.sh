#!/bin/sh
# Compiles the shop and its tests into a temporary folder, and runs them with Debian's JUnit.
set -eu
cd "$(dirname "$0")"
classes=$(mktemp -d)
trap 'rm -rf "$classes"' EXIT
trap 'exit 130' INT TERM
CLASSPATH=$classes
for jar in gson junit-jupiter-api junit-jupiter-params apiguardian-api opentest4j junit-platform-console-standalone; do
  CLASSPATH=$CLASSPATH:/usr/share/java/$jar.jar
done
export CLASSPATH
javac -J-XX:TieredStopAtLevel=1 -J-XX:+UseSerialGC -d "$classes" ./*.java
java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC org.junit.platform.console.ConsoleLauncher \
  --disable-banner --disable-ansi-colors --details=summary \
  --fail-if-no-tests --select-class=MerchantTest --select-class=VectorsTest \
  --config=junit.jupiter.execution.parallel.enabled=true \
  --config=junit.jupiter.execution.parallel.mode.default=concurrent \
  --config=junit.jupiter.execution.parallel.config.strategy=fixed \
  --config=junit.jupiter.execution.parallel.config.fixed.parallelism="${WORKERS:-4}"
