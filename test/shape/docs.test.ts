import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { filesLike, linesLike, root, textOf, trackedFiles } from "./tracked.ts";

const records = filesLike(/^docs\/adr\/\d{4}-[a-z0-9-]+\.md$/).toSorted();

test("decision records are numbered without a gap, and their titles carry the number", () => {
  for (const [index, file] of records.entries()) {
    const number = index + 1;
    assert.ok(path.basename(file).startsWith(String(number).padStart(4, "0")), `${file} is not number ${number}`);
    assert.match(textOf(file), new RegExp(`^# ${number}\\. \\S`), file);
  }
});

test("docs/adr/README.md lists every decision record under its title", () => {
  const listed = textOf("docs/adr/README.md")
    .split("\n")
    .filter((line) => /^\d+\. \[/.test(line));
  const expected = records.map((file) => {
    const [, number, title] = /^# (\d+)\. (.+)$/m.exec(textOf(file)) ?? [];
    return `${number}. [${title}](${path.basename(file)})`;
  });
  assert.deepEqual(listed, expected);
});

test("the changelog has a place for what is not released yet", () => {
  assert.match(textOf("CHANGELOG.md"), /^## \[?Unreleased\]?$/m);
});

test("every link of a document to a file of the repository leads to one", () => {
  const broken = filesLike(/\.md$/).flatMap((file) =>
    linksOf(textOf(file))
      .filter((link) => !existsSync(path.join(root, path.dirname(file), link)))
      .map((link) => `${file}: ${link}`),
  );
  assert.deepEqual(broken, []);
});

test("every anchor of a document within the repository is a heading", () => {
  const broken = filesLike(/\.md$/).flatMap((file) =>
    anchorsOf(file)
      .filter(({ target, anchor }) => existsSync(path.join(root, target)) && !headingsOf(target).has(anchor))
      .map(({ target, anchor }) => `${file}: ${target}#${anchor}`),
  );
  assert.deepEqual(broken, []);
});

/** Targets of links and pictures without anchors; addresses of other places and code are left out. */
function linksOf(markdown: string): readonly string[] {
  return [...withoutCode(markdown).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target]) => (target ?? "").replace(/#.*$/, ""))
    .filter((target) => target !== "" && !/^[a-z]+:/.test(target));
}

function anchorsOf(file: string): readonly { readonly target: string; readonly anchor: string }[] {
  return [...withoutCode(textOf(file)).matchAll(/\]\(([^)\s#:]*)#([^)\s]+)\)/g)].map(([, target, anchor]) => ({
    target: target === "" ? file : path.join(path.dirname(file), target ?? ""),
    anchor: anchor ?? "",
  }));
}

function headingsOf(file: string): ReadonlySet<string> {
  const headings = [...withoutCode(textOf(file)).matchAll(/^#+ (.+)$/gm)].map(([, heading]) => heading ?? "");
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, "")
        .replaceAll(" ", "-"),
    ),
  );
}

function withoutCode(markdown: string): string {
  return markdown.replace(/^```[\s\S]*?^```$/gm, "");
}

test("no file names a machine, a registry or the place where it was written", () => {
  // Put together from pieces, so that this file does not contain what it looks for.
  const words = [
    ["/wo", "rk/"],
    ["/ro", "ot/"],
    ["/ho", "me/[a-z]"],
    ["npm", "js\\.org"],
    ["registry\\.np", "m"],
    ["py", "pi\\.org"],
    ["deb\\.deb", "ian"],
    ["sub-?", "agent"],
    ["language ", "model"],
    ["Cla", "ude"],
    ["Anth", "ropic"],
    ["Co-Auth", "ored-By"],
  ].map((pieces) => pieces.join(""));
  const files = trackedFiles().filter((file) => !/\.(png|ico|woff2|gz)$/.test(file));
  assert.deepEqual(linesLike(files, new RegExp(words.join("|"), "i")), []);
});
