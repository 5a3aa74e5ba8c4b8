import { request as requestHttp, type IncomingMessage } from "node:http";
import { request as requestHttps } from "node:https";
import { err, ok, type Result } from "#core/result.ts";
import { checkedTarget, connectionTo, parseAddress, type FetchFault } from "./safe-fetch.ts";

/** Why a message was not taken. `status`: what the receiver answered, where it answered. */
export interface PostFault extends Omit<FetchFault, "code"> {
  readonly code: FetchFault["code"] | "refused";
  readonly status: number | null;
}

export interface SafePostOptions {
  /** `host:port` that may be private: the operator's word alone (TIDEGATE_CALLBACK_ALLOW). */
  readonly allow: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
  /** All addresses of a host; the system's resolver unless a test says otherwise. */
  readonly resolve?: (host: string) => Promise<readonly string[]>;
}

/** Receivers that need longer are asked to answer first and work afterwards. */
export const postTimeoutMs = 10_000;

/**
 * Sends JSON to an address that somebody else chose, under the same care as `safeFetch`: every address of the host is
 * public or allowed by the operator, and the connection goes to the one that was checked. Redirects are not followed:
 * a signed message goes where it was meant to go, or nowhere. The answer's body is not read.
 */
export async function safePost(
  address: string,
  body: string,
  options: SafePostOptions,
): Promise<Result<void, PostFault>> {
  const url = parseAddress(address);
  if (!url.ok) return err({ ...url.error, status: null });
  const timeoutMs = options.timeoutMs ?? postTimeoutMs;
  const signal = AbortSignal.timeout(timeoutMs);
  const { host } = url.value;
  try {
    const target = await checkedTarget(url.value, { ...options, setting: "TIDEGATE_CALLBACK_ALLOW" }, signal);
    if (!target.ok) return err({ ...target.error, status: null });
    const status = await send(url.value, target.value, body, options.headers, signal);
    if (status >= 200 && status < 300) return ok(undefined);
    return err({ code: "refused", message: `${host} answered ${status}`, status });
  } catch (error) {
    if (signal.aborted)
      return err({ code: "too-slow", message: `${host} did not answer within ${timeoutMs / 1000} s`, status: null });
    const code = error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "no reason";
    return err({ code: "unreachable", message: `${host} cannot be reached: ${code}`, status: null });
  }
}

function send(
  url: URL,
  address: string,
  body: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<number> {
  const length = String(Buffer.byteLength(body));
  const settings = {
    ...connectionTo(url, address),
    method: "POST",
    signal,
    headers: {
      host: url.host,
      "user-agent": "tidegate",
      "content-type": "application/json",
      "content-length": length,
      ...headers,
    },
  };
  return new Promise((resolve, reject) => {
    const call = (url.protocol === "https:" ? requestHttps : requestHttp)(settings, (answer: IncomingMessage) => {
      answer.destroy();
      resolve(answer.statusCode ?? 0);
    });
    call.on("error", reject);
    call.end(body);
  });
}
