#!/bin/sh
# Put what the portal serves of its npm packages into a folder: build.sh FOLDER, beside an installed node_modules/.
# trim.py then takes out of styles and icons what no page uses.
set -eu
out=$1/vendor
modules=node_modules
mkdir -p "$out/fonts"
for part in charts tabler vectors; do
  name=$part
  [ "$part" = charts ] && name=echarts
  [ "$part" = vectors ] && name=echarts-vectors
  "$modules/.bin/esbuild" "bin/frontend/$part.js" --bundle --minify --format=iife --target=es2020 --log-level=warning |
    "$modules/.bin/terser" -c passes=3,pure_getters=true,unsafe=true -m --comments false >"$out/$name.min.js"
done
cp "$modules/@tabler/core/dist/css/tabler.min.css" \
   "$modules/@tabler/icons-webfont/dist/tabler-icons.min.css" \
   "$modules/htmx.org/dist/htmx.min.js" \
   "$modules/signature_pad/dist/signature_pad.umd.min.js" "$out/"
cp "$modules/@tabler/icons-webfont/dist/fonts/tabler-icons.woff2" "$out/fonts/"
# Maps stay behind, and so do the references to formats browsers no longer ask for.
sed -i -E 's#/[*/][#@] sourceMappingURL=[^*]*(\*/)?##' "$out"/*.css "$out"/*.js
sed -i -E 's#,url\("?\./fonts/tabler-icons\.(woff|ttf)[^)]*\)[^,;}]*##g' "$out/tabler-icons.min.css"
bin/frontend/onsite.sh "$out"
