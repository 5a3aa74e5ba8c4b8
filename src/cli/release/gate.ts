import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import type { z } from "zod";
import type { AddCommand } from "#cli/command.ts";
import { CommandEnd, exitCodes, usage, type ExitCode } from "#cli/exit.ts";
import { answered, connect, type Io } from "#cli/io.ts";
import { printable, renderObject } from "#cli/output.ts";
import { parseSubject } from "#cli/subject.ts";
import type { Client, Refusal } from "#contract/client.ts";
import type { claimGateToken, gate as wireGate } from "#contract/gate.ts";

export type Gate = z.infer<typeof wireGate>;
type Asked = z.infer<(typeof claimGateToken)["answers"][200]>;

interface Flags {
  readonly to?: string;
  readonly class: "standard" | "normal" | "emergency";
  readonly action: "deploy" | "roll-back" | "fix-forward" | "config" | "flag" | "restart" | "migrate";
  readonly wait?: boolean;
  readonly resume?: string;
  readonly tokenFile?: string;
  readonly run?: string;
  readonly runUrl?: string;
  readonly key?: string;
  readonly callback?: string;
  readonly parkDenied?: boolean;
}

export const gate: AddCommand = (program, io) => {
  program
    .command("gate [service@version]")
    .description("What a pipeline calls: allowed with a token (0), denied (3), or parked until it opens (5)")
    .option("--to <environment>", "where to")
    .option("--wait", "ask again until it is allowed or denied; the id is printed, so that another run can resume")
    .option("--resume <gate>", "go on with a gate that was asked before, in the place of asking")
    .option("--token-file <file>", "write the token there, readable by its owner alone")
    .option("--class <class>", "standard, normal or emergency", "normal")
    .option("--action <action>", "deploy, roll-back, fix-forward, config, flag, restart or migrate", "deploy")
    .option("--run <run>", "the run as its system names it: the same question of one run is one gate")
    .option("--run-url <url>", "page of the run")
    .option("--key <key>", "tells several questions of one run apart")
    .option("--callback <url>", "where to send changes, below a registered callback")
    .option("--park-denied", "wait when it is denied too: an approval may come")
    .action(async (text: string | undefined, flags: Flags) => {
      const client = connect(io);
      const { resume } = flags;
      const begin = (): Promise<Asked | Refusal> =>
        resume === undefined ? ask(client, text, flags) : claim(client, resume);
      const first = flags.wait === true ? await patiently(io, begin) : answeredOrEnd(await begin());
      io.say(`${first.gate.id}: ${sayState(first.gate)}`);
      const last = flags.wait === true ? await wait(io, client, first) : first;
      finish(io, last, flags.tokenFile);
    });
};

async function ask(client: Client, text: string | undefined, flags: Flags): Promise<Asked | Refusal> {
  if (text === undefined || flags.to === undefined)
    throw usage("Name what and where to: tidegate gate cart@1.1.0 --to prod; or --resume with the id of a gate.");
  const body = {
    ...parseSubject(text),
    environment: flags.to,
    class: flags.class,
    action: flags.action,
    whenDenied: flags.parkDenied === true ? ("park" as const) : ("end" as const),
    run: flags.run ?? null,
    runUrl: flags.runUrl ?? null,
    key: flags.key ?? null,
    callbackUrl: flags.callback ?? null,
  };
  const outcome = await client.askGate({ body });
  return "problem" in outcome ? outcome : outcome.body;
}

/** A token for a gate that may have been allowed in the meantime; an ended gate is shown as it is. */
async function claim(client: Client, id: string): Promise<Asked | Refusal> {
  const shown = await client.getGate({ params: { id } });
  if ("problem" in shown) return shown;
  if (shown.body.state !== "parked" && shown.body.state !== "allowed") return { gate: shown.body, token: null };
  const claimed = await client.claimGateToken({ params: { id } });
  return "problem" in claimed ? claimed : claimed.body;
}

function answeredOrEnd(outcome: Asked | Refusal): Asked {
  if (!("problem" in outcome)) return outcome;
  answered<typeof claimGateToken>(outcome);
  throw new Error("a refusal ends the command");
}

/** Longest pause while the server cannot be asked: it may be starting again. */
const awayAtMostSeconds = 30;

/** Asks until there is an answer or a refusal that another attempt cannot change. */
async function patiently(io: Io, body: () => Promise<Asked | Refusal>): Promise<Asked> {
  for (let away = 1; ; away = Math.min(away * 2, awayAtMostSeconds)) {
    const outcome = await body();
    if (!("problem" in outcome) || !isPassing(outcome.problem.status)) return answeredOrEnd(outcome);
    const pause = Math.min(outcome.retryAfter ?? away, awayAtMostSeconds);
    io.say(`The server cannot answer now; asked again in ${pause} s.`);
    await delay(pause * 1000, undefined, { signal: io.interrupted });
  }
}

/** Asks again when the server says so, through its restarts, until the gate is no longer parked. */
async function wait(io: Io, client: Client, first: Asked): Promise<Asked> {
  let current = first;
  while (current.token === null && (current.gate.state === "parked" || current.gate.state === "allowed")) {
    const { id, pollAfter } = current.gate;
    const said = sayState(current.gate);
    await delay(Math.max(1, pollAfter) * 1000, undefined, { signal: io.interrupted });
    current = await patiently(io, () => claim(client, id));
    if (sayState(current.gate) !== said) io.say(`${id}: ${sayState(current.gate)}`);
  }
  return current;
}

function isPassing(status: number): boolean {
  return status === 0 || status === 429 || status >= 500;
}

function finish(io: Io, { gate: shown, token }: Asked, tokenFile: string | undefined): void {
  const kept = token !== null && tokenFile !== undefined;
  if (kept) writeSecret(tokenFile, token.text);
  const isTable = io.format() === "table" || io.format() === "wide";
  const data = { ...shown, token: { ...shown.token, text: kept || token === null ? null : token.text } };
  io.write(renderObject(io.format(), data, () => showGate(shown), shown.id));
  if (token !== null && !kept && isTable)
    io.say("The token was not kept, so that no log shows it: name --token-file, or take it from -o json.");
  io.setExit(exitOfGate(shown));
}

/** An earlier file keeps its mode when it is written to; it is set all the same. */
export function writeSecret(file: string, text: string): void {
  try {
    writeFileSync(file, `${text}\n`, { mode: 0o600 });
    chmodSync(file, 0o600);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CommandEnd(exitCodes.error, `The secret could not be written: ${why}`);
  }
}

export function readSecret(file: string): string {
  try {
    return readFileSync(file, "utf8").trim();
  } catch (error) {
    throw usage(`The secret cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Allowed or done is 0, denied and cancelled 3, parked 5; a run that went wrong is an error. */
export function exitOfGate({ state }: Gate): ExitCode {
  switch (state) {
    case "allowed":
    case "started":
    case "succeeded":
      return exitCodes.ok;
    case "parked":
      return exitCodes.mustWait;
    case "denied":
    case "cancelled":
      return exitCodes.denied;
    case "failed":
    case "rolled-back":
    case "aborted":
    case "unknown":
      return exitCodes.error;
  }
}

function sayState({ state, opensAt, reason, link }: Gate): string {
  const until = state !== "parked" ? "" : opensAt === null ? "; no opening is known" : `; it opens at ${opensAt}`;
  const where = state === "denied" || state === "parked" ? ` ${link}` : "";
  return `${state}${until}. ${printable(reason)}${where}`;
}

export function showGate(shown: Gate): string {
  const { id, service, version, environment, action, deployment } = shown;
  return `${id}  ${action} ${service}@${version} → ${environment}  ${sayState(shown)}\n  as ${deployment}\n`;
}
