import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { z } from "zod";
import { filesLike, linesLike, root, textOf, trackedFiles } from "./tracked.ts";

const zones = readdirSync(path.join(root, "src"), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .toSorted();

/** Zones that may import everything, so that they need no line in the table of imports. */
const unrestricted = new Set(["main"]);

/** Folders directly in a zone that are no domain, and why they are there. */
const technical: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  agent: { traffic: "drivers of proxies, one shape" },
  api: { runtime: "health and version of the server itself" },
  cli: { runtime: "commands about the server itself", lab: "judges of the judge" },
  config: {
    checks: "whole-organisation checks",
    kinds: "one file per kind of document",
    steps: "one file per kind of step",
  },
  connectors: {
    agent: "drives our agent",
    fake: "the one that tests use",
    github: "answers deployment protection rules",
    prometheus: "measures for success criteria",
    unleash: "keeps feature flags",
    hooks: "webhooks of pipelines to what they ask",
    ical: "iCalendar in and out",
  },
  main: { commands: "commands that start a process", demo: "npm start" },
  runtime: { postgres: "the embedded server" },
  core: { world: "the facts of everything, and those of one question" },
  store: { migrations: "SQL, forward only", mirror: "the facts of everything, read into memory" },
  web: { ui: "parts of pages without a domain", runtime: "connection, events", public: "files served as they are" },
  workflows: { engine: "adapters behind Flow" },
};

/** The left column of the glossary's last table. */
function domains(): readonly string[] {
  const rows = textOf("docs/glossary.md").split("| Domain folder |")[1] ?? "";
  return [...rows.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, name]) => name ?? "");
}

test("the glossary names the domains", () => {
  assert.ok(domains().length >= 8, domains().join(", "));
});

for (const zone of zones) {
  test(`folders of src/${zone} are domains of the glossary, or technical ones with a reason`, () => {
    const allowed = new Set([...domains(), ...Object.keys(technical[zone] ?? {})]);
    const folders = new Set(
      trackedFiles()
        .filter((file) => file.startsWith(`src/${zone}/`) && file.split("/").length > 3)
        .map((file) => file.split("/")[2] ?? ""),
    );
    assert.deepEqual([...folders.difference(allowed)], []);
  });
}

test("technical folders that are excused exist", () => {
  const excused = Object.entries(technical).flatMap(([zone, folders]) =>
    Object.keys(folders).map((folder) => `src/${zone}/${folder}/`),
  );
  const files = trackedFiles();
  assert.deepEqual(
    excused.filter((folder) => !files.some((file) => file.startsWith(folder))),
    [],
  );
});

const lintTable = z.object({
  overrides: z.array(z.object({ files: z.array(z.string()), rules: z.record(z.string(), z.unknown()) }).readonly()),
});

test("the table of imports has a line for every zone, and every line forbids climbing out of a folder", () => {
  const { overrides } = lintTable.parse(JSON.parse(textOf(".oxlintrc.json")));
  for (const zone of zones.filter((name) => !unrestricted.has(name))) {
    const lines = overrides.filter(
      ({ files, rules }) => files.some((glob) => glob === `src/${zone}/**/*.ts`) && "no-restricted-imports" in rules,
    );
    assert.equal(lines.length, 1, `src/${zone} has ${lines.length} lines in .oxlintrc.json`);
    const text = JSON.stringify(lines[0]);
    assert.ok(text.includes('"../**"'), `${zone}: an override replaces the rule whole, so it repeats "../**"`);
    assert.ok(text.includes('"#*/**"'), `${zone}: everything is forbidden that is not named`);
  }
});

test("every zone has its import alias, and no alias leads nowhere", () => {
  const { imports } = z.object({ imports: z.record(z.string(), z.string()) }).parse(JSON.parse(textOf("package.json")));
  const expected = Object.fromEntries(zones.map((zone) => [`#${zone}/*`, `./src/${zone}/*`]));
  assert.deepEqual(imports, { ...expected, "#sim/*": "./sim/*", "#test/*": "./test/*" });
});

test("ARCHITECTURE.md describes every zone", () => {
  const text = textOf("ARCHITECTURE.md");
  assert.deepEqual(
    zones.filter((zone) => !text.includes(`| \`${zone}\` |`)),
    [],
  );
});

test("no file in src imports test code, except tests and builders", () => {
  const files = filesLike(/^src\/.*\.tsx?$/).filter((file) => !file.endsWith(".test.ts"));
  assert.deepEqual(linesLike(files, /from "(#test\/|\.\/.*\.test\.ts)/), []);
});
