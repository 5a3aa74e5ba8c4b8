import type { Call } from "#agent/controls/settings.ts";
import { clean, redact } from "#core/plan/output.ts";

/** What came back. `text` is cut; `forRecord` is the beginning of it without secrets. */
export type Answered =
  | {
      readonly kind: "answer";
      readonly url: string;
      readonly status: number;
      readonly text: string;
      readonly forRecord: string;
    }
  | { readonly kind: "none"; readonly url: string; readonly why: string };

/** Where the versions that a call may go to listen. */
export interface Ports {
  readonly version: number;
  readonly neighbours: (service: string) => readonly number[];
}

/** Longest time for one request, and what is read of its answer. */
const withinMs = 5_000;
const answerBytes = 64 * 1024;

/**
 * Asks, on a connection to the place that the agent's configuration names; what is filled in comes from there or from
 * the agent itself. Redirects are not followed: where they lead to nobody has named.
 */
export async function ask(call: Call, ports: Ports, filling: Readonly<Record<string, string>>): Promise<Answered> {
  const { method, path, body } = call;
  const base = baseOf(call.to, ports);
  if (base === null) return { kind: "none", url: call.to, why: "no version of it is ready" };
  const url = new URL(fill(path, filling), base).href;
  const headers = Object.fromEntries(Object.entries(call.headers).map(([name, text]) => [name, fill(text, filling)]));
  const sent =
    body === undefined
      ? {}
      : { body: fill(JSON.stringify(body), filling), headers: { "content-type": "application/json", ...headers } };
  try {
    const signal = AbortSignal.timeout(withinMs);
    const answer = await fetch(url, { method, headers, redirect: "manual", signal, ...sent });
    const text = await textOf(answer);
    // A service that shows what it was sent shows the credentials of the probe too.
    const forRecord = redact(clean(text), credentialsIn(call)).slice(0, shownCharacters).toWellFormed();
    return { kind: "answer", url, status: answer.status, text, forRecord };
  } catch (error) {
    return { kind: "none", url, why: whyOf(error) };
  }
}

/** Values of headers, and what stands behind a scheme such as `Basic`; what is filled in is the probe's own. */
function credentialsIn({ headers }: Call): readonly string[] {
  const fixed = Object.values(headers).filter((value) => !value.includes("{"));
  return fixed.flatMap((value) => [value, value.replace(/^\S+\s+/, "")]);
}

function baseOf(to: string, ports: Ports): string | null {
  if (to === "version") return `http://127.0.0.1:${ports.version}`;
  if (!to.startsWith("service:")) return to;
  const [port] = ports.neighbours(to.slice("service:".length));
  return port === undefined ? null : `http://127.0.0.1:${port}`;
}

/** Nonces and subjects hold nothing that an address, a header or JSON would have to escape. */
function fill(text: string, filling: Readonly<Record<string, string>>): string {
  return Object.entries(filling).reduce((filled, [name, value]) => filled.replaceAll(`{${name}}`, value), text);
}

async function textOf(answer: Response): Promise<string> {
  if (answer.body === null) return "";
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of answer.body) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length >= answerBytes) break;
  }
  return text;
}

function whyOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "TimeoutError") return `there was no answer within ${withinMs / 1000} s`;
  const { cause } = error;
  if (cause instanceof Error && "code" in cause) return String(cause.code);
  return error.message;
}

const shownCharacters = 200;

/** As it is put on record. */
export function shown(answered: Answered): string {
  const { url } = answered;
  return answered.kind === "none" ? `${url}: ${answered.why}` : `${url}: ${answered.status} ${answered.forRecord}`;
}
