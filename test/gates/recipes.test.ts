import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { Command } from "commander";
import { parse } from "yaml";
import { commands } from "#cli/registry.ts";
import type { Io } from "#cli/io.ts";

const folder = resolve(import.meta.dirname, "../../docs/how-to/pipelines");
const pages = readdirSync(folder).map((name) => ({ name, text: readFileSync(join(folder, name), "utf8") }));

function blocks(text: string, language: string): readonly string[] {
  const found = text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, "gm"));
  return [...found].map(([, body]) => body ?? "");
}

/** Lines of shell in a YAML document of a pipeline: `run:`, `script:` and their lists. */
function scriptsIn(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(scriptsIn);
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, part]) =>
    name === "run" || name === "script" ? [part].flat().map(String) : scriptsIn(part),
  );
}

const io: Io = {
  write: () => undefined,
  say: () => undefined,
  connection: () => ({ server: "http://127.0.0.1:1", token: null }),
  format: () => "table",
  setExit: () => undefined,
  interrupted: new AbortController().signal,
};

/** Every call of the command line in a script, as its words. */
function callsIn(script: string): readonly (readonly string[])[] {
  const lines = script.split(/\n|&&/).map((line) => line.trim().replace(/ > \S+$/, ""));
  return lines
    .filter((line) => line.startsWith("tidegate "))
    .map((line) =>
      [...line.matchAll(/"[^"]*"|'[^']*'|\S+/g)].map(([word]) => word.replace(/^["']|["']$/g, "")).slice(1),
    );
}

/** The command accepts the words: known, with options that it has and arguments that it needs. */
function accepts(words: readonly string[]): void {
  const program = new Command("tidegate").option("-o, --output <format>").exitOverride();
  for (const add of commands) add(program, io);
  let done = false;
  const quiet = (command: Command): void => {
    command
      .exitOverride()
      .configureOutput({ writeErr: () => undefined })
      .action(() => void (done = true));
    command.commands.forEach(quiet);
  };
  program.commands.forEach(quiet);
  program.parse([...words], { from: "user" });
  assert.ok(done, words.join(" "));
}

for (const { name, text } of pages) {
  test(`the recipe ${name} holds YAML that parses and shell that bash reads, in commands as they are`, () => {
    const documents = blocks(text, "yaml").map((block): unknown => parse(block, { strict: true }));
    const groovy = blocks(text, "groovy").flatMap((block) =>
      block.split("\n").filter((line) => /^\s+tidegate /.test(line)),
    );
    const scripts = [...blocks(text, "sh"), ...documents.flatMap(scriptsIn), ...groovy.map((line) => line.trim())];
    assert.ok(scripts.length > 0);
    for (const script of scripts) {
      const read = spawnSync("bash", ["-n"], { input: script, encoding: "utf8" });
      assert.equal(read.status, 0, `${script}\n${read.stderr}`);
      for (const words of callsIn(script)) accepts(words);
    }
  });

  test(`the groovy of ${name} closes what it opens`, () => {
    for (const block of blocks(text, "groovy")) {
      const counted = (sign: string): number => block.split(sign).length;
      assert.equal(counted("{"), counted("}"));
      assert.equal(counted("("), counted(")"));
    }
  });
}
