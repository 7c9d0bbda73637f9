// Builds src/dualcarbon_web/static/vendor (shipped) and tests/browser/vendor (tests only) from the
// locked packages, each with a MANIFEST.yaml and the licence texts.
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(here);
const modules = join(here, "node_modules");
const target = ["chrome100", "firefox100", "safari15"];

const shipped = {
  packed: true,
  folder: join(root, "src", "dualcarbon_web", "static", "vendor"),
  files: [
    {
      file: "echarts.min.js",
      package: "echarts",
      licence: "Apache-2.0",
      licences: ["LICENSE", "NOTICE", "licenses/LICENSE-d3"],
      built: "esbuild of frontend/echarts.entry.js; global `echarts`",
      make: (out) => bundle("echarts.entry.js", out),
    },
    {
      file: "htmx.min.js",
      package: "htmx.org",
      licence: "0BSD",
      licences: ["LICENSE"],
      built: "copy of dist/htmx.min.js",
      make: (out) => copyFileSync(join(modules, "htmx.org", "dist", "htmx.min.js"), out),
    },
  ],
  notices: [
    { package: "zrender", licence: "BSD-3-Clause", licences: ["LICENSE"] },
    { package: "tslib", licence: "0BSD", licences: ["LICENSE.txt"] },
  ],
};

const testsOnly = {
  packed: false,
  folder: join(root, "tests", "browser", "vendor"),
  files: [
    {
      file: "axe.min.js",
      package: "axe-core",
      licence: "MPL-2.0",
      licences: ["LICENSE", "LICENSE-3RD-PARTY.txt"],
      built: "copy of axe.min.js",
      make: (out) => copyFileSync(join(modules, "axe-core", "axe.min.js"), out),
    },
  ],
  notices: [],
};

function bundle(entry, out) {
  return build({
    entryPoints: [join(here, entry)],
    outfile: out,
    bundle: true,
    minify: true,
    format: "iife",
    globalName: "echarts",
    target,
    charset: "utf8",
    legalComments: "none",
    define: { "process.env.NODE_ENV": '"production"' },
  });
}

function version(name) {
  return JSON.parse(readFileSync(join(modules, name, "package.json"), "utf8")).version;
}

function copyLicences(folder, item) {
  return item.licences.map((name) => {
    const to = `${item.package}-${name.split("/").pop().replace(/\.txt$/, "")}.txt`;
    copyFileSync(join(modules, item.package, name), join(folder, "LICENSES", to));
    return `LICENSES/${to}`;
  });
}

function entry(folder, item) {
  const bytes = item.file ? readFileSync(join(folder, item.file)) : null;
  const lines = [
    item.file ? `- file: ${item.file}` : `- within: echarts.min.js`,
    `  name: ${item.package}`,
    `  version: "${version(item.package)}"`,
    `  licence: ${item.licence}`,
    `  licence_files: [${copyLicences(folder, item).join(", ")}]`,
  ];
  if (bytes) {
    lines.push(`  bytes: ${bytes.length}`);
    lines.push(`  sha256: ${createHash("sha256").update(bytes).digest("hex")}`);
    lines.push(`  built: "${item.built}"`);
  }
  return lines.join("\n");
}

for (const { folder, files, notices, packed } of [shipped, testsOnly]) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, "LICENSES"), { recursive: true });
  for (const item of files) {
    const out = join(folder, item.file);
    await item.make(out);
    // WhiteNoise serves the packed twin as it is; nothing is packed at run time.
    if (packed) writeFileSync(`${out}.gz`, gzipSync(readFileSync(out), { level: 9 }));
  }
  const entries = [...files, ...notices].map((item) => entry(folder, item));
  const head = "# Written by frontend/build.mjs (`make vendor`); do not edit.\n";
  writeFileSync(join(folder, "MANIFEST.yaml"), `${head}${entries.join("\n")}\n`);
}
