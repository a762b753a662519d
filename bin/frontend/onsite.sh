#!/bin/sh
# Bundle the scripts that work without a network, with the packages they stand on: onsite.sh FOLDER
set -eu
for part in app worker leaving shrinking; do
  node_modules/.bin/esbuild "static/js/onsite/$part.mjs" --bundle --minify --format=iife --target=es2020 \
    --define:process.env.NODE_ENV='"production"' --log-level=warning --legal-comments=none --outfile="$1/onsite-$part.min.js"
done
