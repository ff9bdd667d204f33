#!/bin/sh
# Compiles the JSON Schemas with ajv in its strict mode, which editors and CI systems
# use: ajv.sh FILE... . It is fetched into a folder of its own, and nothing stays.
set -eu
sh "$(dirname "$0")/apt.sh" npm
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
(cd "$dir" && npm init -y >/dev/null && npm install --silent --no-audit --no-fund ajv@8.17.1 >/dev/null)
cat > "$dir/compile.js" <<'JS'
const Ajv = require("ajv");
const fs = require("fs");
for (const file of process.argv.slice(2)) {
  new Ajv({ strict: true, allErrors: true }).compile(JSON.parse(fs.readFileSync(file)));
  console.log("ajv compiles " + file + " in strict mode");
}
JS
NODE_PATH="$dir/node_modules" node "$dir/compile.js" "$@"
