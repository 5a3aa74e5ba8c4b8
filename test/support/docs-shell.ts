import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import type { Io } from "#cli/io.ts";
import { commands } from "#cli/registry.ts";
import { agent } from "#main/commands/agent.ts";
import { hostToken } from "#main/commands/host-token.ts";
import { restoreTestCommand } from "#main/commands/restore-test.ts";
import { up } from "#main/commands/up.ts";

/** Fenced blocks of a page in one language; `""`: those that name none. */
export function blocks(text: string, language: string): readonly string[] {
  const found = text.matchAll(/^```(.*)\n([\s\S]*?)^```$/gm);
  return [...found].flatMap(([, named, body]) => (named === language ? [body ?? ""] : []));
}

/** What every recipe may count on: the variables of the systems that it is for, and the scripts of the reader. */
const environment = {
  GITHUB_REF_NAME: "v1.1.0",
  GITHUB_REPOSITORY: "acme/cart",
  GITHUB_RUN_ID: "42",
  CI_COMMIT_TAG: "1.1.0",
  CI_PROJECT_PATH: "acme/cart",
  CI_PIPELINE_ID: "7",
  CI_PIPELINE_URL: "https://gitlab.example.com/acme/cart/-/pipelines/7",
  RUN: "ci:acme/cart/42",
};

/** Records its words, one per line, and does for files and answers what the real one does. */
const fake = `#!/bin/bash
{ printf '%s\\n' "$#"; printf '%s\\n' "$@"; } >> "$RECORD"
while [ $# -gt 0 ]; do
  case "$1" in --token-file | --lease-file | --secret-file) [ -e "$2" ] || echo secret > "$2" ;; esac
  shift
done
echo gat_00000000000000000000000000000001
`;

export interface Ran {
  readonly status: number | null;
  readonly stderr: string;
  /** Every call of the command line, as the words that it was given by the shell. */
  readonly calls: readonly (readonly string[])[];
}

/** Runs a script by bash in a folder of its own, where \`tidegate\` records how it is called. */
export function runShell(script: string): Ran {
  const folder = mkdtempSync(join(tmpdir(), "tidegate-docs-"));
  try {
    const record = join(folder, "record");
    const bin = join(folder, "bin");
    mkdirSync(bin);
    for (const [name, text] of [
      ["bin/tidegate", fake],
      ["deploy.sh", "#!/bin/bash\n"],
      ["live-version.sh", "#!/bin/bash\necho 1.0.0\n"],
    ] as const) {
      writeFileSync(join(folder, name), text);
      chmodSync(join(folder, name), 0o755);
    }
    const env = { ...environment, PATH: `${bin}:/usr/bin:/bin`, HOME: folder, RECORD: record };
    const ran = spawnSync("bash", ["-s"], { input: script, encoding: "utf8", cwd: folder, env, timeout: 20_000 });
    return { status: ran.status, stderr: ran.stderr, calls: existsSync(record) ? callsIn(record) : [] };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function callsIn(record: string): readonly (readonly string[])[] {
  const lines = readFileSync(record, "utf8").split("\n");
  const calls: (readonly string[])[] = [];
  for (let at = 0; at < lines.length - 1;) {
    const count = Number(lines[at]);
    calls.push(lines.slice(at + 1, at + 1 + count));
    at += 1 + count;
  }
  return calls;
}

const io: Io = {
  write: () => undefined,
  say: () => undefined,
  connection: () => ({ server: "http://127.0.0.1:1", token: null }),
  format: () => "table",
  setExit: () => undefined,
  interrupted: new AbortController().signal,
};

/** The command line accepts the words: a command that is there, with options that it has and arguments that it needs. */
export function accepts(words: readonly string[]): void {
  const program = new Command("tidegate").option("-o, --output <format>").exitOverride();
  for (const add of [...commands, up, agent, restoreTestCommand, hostToken]) add(program, io);
  let done = false;
  const quiet = (command: Command): void => {
    command.exitOverride().configureOutput({ writeErr: () => undefined });
    if (command.commands.length === 0) command.action(() => void (done = true));
    command.commands.forEach(quiet);
  };
  program.commands.forEach(quiet);
  const call = `tidegate ${words.join(" ")}`;
  try {
    program.parse([...words], { from: "user" });
  } catch (error) {
    assert.fail(`${call}: ${error instanceof Error ? error.message : String(error)}`);
  }
  assert.ok(done, call);
}
