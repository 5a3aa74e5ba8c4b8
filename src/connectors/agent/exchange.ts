import type { z } from "zod";
import { exchangeHeader } from "#contract/agent.ts";
import { parseForeignJson } from "#connectors/foreign-json.ts";
import type { AgentConnection } from "#connectors/agent/settings.ts";
import { toFailure } from "#connectors/agent/translate.ts";
import type { Failure } from "#connectors/port.ts";
import { err, ok, type Result } from "#core/result.ts";

/** Fifteen minutes of traffic of a handful of versions fit well into this; more is not an agent's answer. */
const answerBytes = 4 * 1024 * 1024;

export interface Exchange extends AgentConnection {
  readonly withinMs: number;
}

/** One request to the agent: limited in time and size, its answer parsed. What cannot be read may be asked again. */
export async function exchange<Answer>(
  { url, token, withinMs }: Exchange,
  method: "GET" | "POST",
  path: string,
  schema: z.ZodType<Answer>,
  body?: object,
): Promise<Result<Answer, Failure>> {
  const exchanged = crypto.randomUUID();
  try {
    const response = await fetch(new URL(path, url), {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json", [exchangeHeader]: exchanged },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      redirect: "error",
      signal: AbortSignal.timeout(withinMs),
    });
    // Agents of the version before send none.
    const echo = response.headers.get(exchangeHeader);
    if (echo !== null && echo !== exchanged) return bad("for another request");
    const text = await readLimited(response);
    if (text === null) return bad(`more than ${answerBytes} bytes`);
    const parsed = parseJson(text);
    if (!response.ok) return err(toFailure(response.status, parsed));
    const answer = schema.safeParse(parsed);
    return answer.success ? ok(answer.data) : bad("not in the agreed shape");
  } catch (error) {
    return err(failureOf(error, url, withinMs));
  }
}

async function readLimited(response: Response): Promise<string | null> {
  if (response.body === null) return "";
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of response.body) {
    bytes += chunk.byteLength;
    if (bytes > answerBytes) return null;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function parseJson(text: string): unknown {
  try {
    return parseForeignJson(text);
  } catch {
    return undefined;
  }
}

function bad(what: string): Result<never, Failure> {
  const message = `The agent's answer is ${what}; look at what is true there before anything else is done.`;
  return err({ code: "bad-answer", message, retry: "later" });
}

function failureOf(error: unknown, url: string, withinMs: number): Failure {
  if (error instanceof Error && error.name === "TimeoutError") {
    return { code: "timeout", message: `The agent at ${url} did not answer within ${withinMs} ms.`, retry: "later" };
  }
  return { code: "unreachable", message: `The agent at ${url} cannot be reached; is it running?`, retry: "later" };
}
