import { request } from "node:http";
import { z } from "zod";

/** What a service may say in answer to a probe or a check. */
const answerBytes = 256 * 1024;

export interface Answer {
  readonly status: number;
  readonly text: string;
}

/** What happened to a probe: `refused` means that nobody listens there. */
export type Probe =
  | { readonly kind: "answer"; readonly answer: Answer }
  | { readonly kind: "refused" }
  | { readonly kind: "silent" };

/** One request to a service on loopback, on a connection of its own, with limits on time and size. */
export function probe(
  port: number,
  call: { readonly method: string; readonly path: string; readonly body?: unknown },
  withinMs: number,
): Promise<Probe> {
  return new Promise((resolve) => {
    const body = call.body === undefined ? null : JSON.stringify(call.body);
    const headers =
      body === null ? {} : { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    const outgoing = request(
      { host: "127.0.0.1", port, method: call.method, path: call.path, headers, agent: false },
      (incoming) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        incoming.on("data", (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > answerBytes) outgoing.destroy();
          else chunks.push(chunk);
        });
        incoming.on("end", () => {
          const answer = { status: incoming.statusCode ?? 0, text: Buffer.concat(chunks).toString("utf8") };
          resolve({ kind: "answer", answer });
        });
        incoming.on("close", () => resolve({ kind: "silent" }));
      },
    );
    const timer = setTimeout(() => outgoing.destroy(new Error("too slow")), withinMs);
    outgoing.on("close", () => clearTimeout(timer));
    outgoing.on("error", (error) => {
      resolve({ kind: "code" in error && error.code === "ECONNREFUSED" ? "refused" : "silent" });
    });
    outgoing.end(body ?? undefined);
  });
}

const identity = z.object({
  service: z.string(),
  version: z.string(),
  digest: z.string(),
  instance: z.string(),
  pid: z.int().positive(),
});
export type Identity = z.infer<typeof identity>;

/** What the process behind a port says it is; null when it does not answer in the agreed shape. */
export async function askIdentity(port: number, withinMs: number): Promise<Identity | "refused" | null> {
  const answer = await probe(port, { method: "GET", path: "/identity" }, withinMs);
  if (answer.kind === "refused") return "refused";
  if (answer.kind !== "answer" || answer.answer.status !== 200) return null;
  const parsed = identity.safeParse(readJson(answer.answer.text));
  return parsed.success ? parsed.data : null;
}

/** Parsed JSON, or undefined for text that is none. */
export function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
