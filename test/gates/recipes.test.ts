import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { parse } from "yaml";
import { accepts, blocks, runShell } from "#test/support/docs-shell.ts";

const folder = resolve(import.meta.dirname, "../../docs/how-to/pipelines");
const pages = readdirSync(folder).map((name) => ({ name, text: readFileSync(join(folder, name), "utf8") }));

/** Shell in a YAML document of a pipeline, one text for each job: `run:` and `script:` with their lists. */
function scriptsIn(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(scriptsIn);
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, part]) =>
    name === "run" || name === "script" ? [[part].flat().map(String).join("\n")] : scriptsIn(part),
  );
}

/** Shell in a Jenkinsfile: the texts of its `sh` steps, as Groovy would hand them to the shell. */
function stepsIn(groovy: string): readonly string[] {
  const blocksOf = [...groovy.matchAll(/sh """\n([\s\S]*?)"""/g)].map(([, body]) => body ?? "");
  const calls = [...groovy.matchAll(/script: "((?:[^"\\]|\\.)*)"/g)].map(([, body]) => body ?? "");
  const lines = [...groovy.matchAll(/sh '([^']*)'/g)].map(([, body]) => body ?? "");
  const given = [...calls, ...blocksOf].map((body) =>
    body
      .replaceAll("${params.VERSION}", "1.1.0")
      .replaceAll("${hook.url}", "https://jenkins.example.org/webhook-step/1")
      .replaceAll("${BUILD_URL}", "https://jenkins.example.org/job/1")
      .replaceAll("\\$", "$")
      .replaceAll('\\"', '"'),
  );
  return [...given, ...lines];
}

for (const { name, text } of pages) {
  test(`the recipe ${name} runs by bash as it is written, and calls the command line as it is`, () => {
    const jobs = blocks(text, "yaml").flatMap((block) => scriptsIn(parse(block, { strict: true })));
    const steps = blocks(text, "groovy").flatMap(stepsIn);
    const scripts = [...blocks(text, "sh"), ...jobs, ...steps];
    assert.ok(scripts.length > 0);
    let called = 0;
    for (const script of scripts) {
      // What one step leaves in files the next one finds.
      const before = "echo gat_1 > .gate; echo t > .gate-token; echo l > .gate-lease\nset -eu\n";
      const ran = runShell(`${before}${script}`);
      assert.equal(ran.status, 0, `${script}\n${ran.stderr}`);
      for (const words of ran.calls) accepts(words);
      called += ran.calls.length;
    }
    const written = ["yaml", "groovy", "sh"].flatMap((language) => blocks(text, language)).join("\n");
    const calls = written.match(/\btidegate (?:gate|redeem|result|hooks|callbacks) (?!answered)/g) ?? [];
    assert.equal(called, calls.length, "every call that is written was made");
  });

  test(`the groovy of ${name} closes what it opens`, () => {
    for (const block of blocks(text, "groovy")) {
      const counted = (sign: string): number => block.split(sign).length;
      assert.equal(counted("{"), counted("}"));
      assert.equal(counted("("), counted(")"));
    }
  });
}
