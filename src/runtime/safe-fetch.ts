import { lookup } from "node:dns/promises";
import { request as requestHttp, type IncomingMessage, type RequestOptions } from "node:http";
import { request as requestHttps } from "node:https";
import { isIP } from "node:net";
import { err, ok, type Result } from "#core/result.ts";
import { isPublicAddress } from "./public-address.ts";

/** Why an address was not read. The message names host and reason, never path, query or credentials. */
export interface FetchFault {
  readonly code: "bad-address" | "forbidden-address" | "unreachable" | "too-slow" | "too-large" | "bad-answer";
  readonly message: string;
}

export interface Fetched {
  /** null: it has not changed since the ETag that was sent. */
  readonly text: string | null;
  readonly etag: string | null;
}

export interface SafeFetchOptions {
  /** `host:port` that may be private: the operator's word alone (TIDEGATE_FEED_ALLOW). */
  readonly allow: readonly string[];
  readonly etag?: string | null;
  readonly maxBytes?: number;
  readonly timeoutMs?: number;
  /** All addresses of a host; the system's resolver unless a test says otherwise. */
  readonly resolve?: (host: string) => Promise<readonly string[]>;
}

/** Ten times the largest calendar that anybody was seen to publish. */
export const maxFetchBytes = 5 * 1024 * 1024;
/** For the whole way: names, redirects, headers and body. */
export const fetchTimeoutMs = 10_000;
export const maxRedirects = 3;
const maxAddressChars = 2_000;

/**
 * Reads a text over HTTP that somebody else chose the address of. Every address that a host has must be public (or the
 * operator has allowed `host:port`), and the connection goes to the very address that was checked, so a name that
 * changes between check and use changes nothing. Each redirect is checked like the first address.
 */
export async function safeFetch(address: string, options: SafeFetchOptions): Promise<Result<Fetched, FetchFault>> {
  const timeoutMs = options.timeoutMs ?? fetchTimeoutMs;
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    return await follow(address, options, signal);
  } catch (error) {
    const host = hostOf(address);
    if (signal.aborted) return refuse("too-slow", `${host} did not answer within ${timeoutMs / 1000} s`);
    return refuse("unreachable", `${host} cannot be reached: ${codeOf(error)}`);
  }
}

function refuse(code: FetchFault["code"], message: string): Result<never, FetchFault> {
  return err({ code, message });
}

function hostOf(address: string): string {
  return URL.canParse(address) ? new URL(address).host : "the address";
}

/** Messages of libraries may repeat the address; their codes do not. */
function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "connection failed";
}

/** What is checked is what is used: one parser, and nothing that another parser reads differently. */
export function parseAddress(address: string): Result<URL, FetchFault> {
  const bad = (why: string) => refuse("bad-address", `The address is refused: ${why}.`);
  if (address.length > maxAddressChars) return bad(`it is longer than ${maxAddressChars} characters`);
  if (!/^https?:\/\/[^/\\]/i.test(address)) return bad("only http:// and https:// are read");
  if (/[\s\\\p{C}]/u.test(address)) return bad("it holds a space, a backslash or a control character");
  if (!URL.canParse(address)) return bad("it is not an address");
  const url = new URL(address);
  if (url.username !== "" || url.password !== "") return bad("it holds a user name or a password");
  if (!/^(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])$/.test(url.hostname)) return bad("its host is no host name");
  url.hash = "";
  return ok(url);
}

async function follow(
  address: string,
  options: SafeFetchOptions,
  signal: AbortSignal,
): Promise<Result<Fetched, FetchFault>> {
  let next = address;
  let isSecure = false;
  for (let hops = 0; hops <= maxRedirects; hops++) {
    const url = parseAddress(next);
    if (!url.ok) return url;
    if (isSecure && url.value.protocol === "http:")
      return refuse("forbidden-address", `${url.value.host} is a redirect from https to http`);
    isSecure = url.value.protocol === "https:";
    const target = await checkedTarget(url.value, options, signal);
    if (!target.ok) return target;
    const answer = await open(url.value, target.value, options, signal);
    const location = redirectOf(answer);
    if (location === null) return await read(url.value, answer, options);
    answer.destroy();
    if (!URL.canParse(location, url.value)) return refuse("bad-answer", `${url.value.host} redirects to no address`);
    next = new URL(location, url.value).href;
  }
  return refuse("bad-answer", `${hostOf(address)} redirects more than ${maxRedirects} times`);
}

/** The address to connect to. A host with one private address among public ones is refused: any may be taken. */
export async function checkedTarget(
  url: URL,
  { allow, resolve = systemResolve, setting = "TIDEGATE_FEED_ALLOW" }: AddressOptions,
  signal: AbortSignal,
): Promise<Result<string, FetchFault>> {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const place = `${url.hostname}:${portOf(url)}`;
  const addresses = isIP(host) === 0 ? await orAborted(resolve(host), signal) : [host];
  const [first] = addresses;
  if (first === undefined) return refuse("unreachable", `${url.host} has no address`);
  const isAllowed = allow.includes(place);
  if (!isAllowed && !addresses.every(isPublicAddress))
    return refuse(
      "forbidden-address",
      `${place} is not a public address. An operator can allow it with ${setting}=${place}`,
    );
  return ok(first);
}

/** What of the options decides about an address; `setting` is the operator's, for the sentence of a refusal. */
export interface AddressOptions extends Pick<SafeFetchOptions, "allow" | "resolve"> {
  readonly setting?: string;
}

function portOf(url: URL): number {
  return url.port === "" ? (url.protocol === "https:" ? 443 : 80) : Number(url.port);
}

async function systemResolve(host: string): Promise<readonly string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}

/** The resolver takes no signal. */
function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(new Error("aborted")), { once: true });
    work.then(resolve, reject);
  });
}

/** The socket goes to the checked address; the name is for the certificate and the Host header only. */
export function connectionTo(url: URL, address: string): RequestOptions & { servername?: string } {
  const hostname = url.hostname.replace(/^\[|\]$/g, "");
  return {
    host: address,
    port: portOf(url),
    path: `${url.pathname}${url.search}`,
    agent: false,
    ...(isIP(hostname) === 0 ? { servername: hostname } : {}),
  };
}

function open(url: URL, address: string, { etag }: SafeFetchOptions, signal: AbortSignal): Promise<IncomingMessage> {
  const settings: RequestOptions = {
    ...connectionTo(url, address),
    signal,
    headers: {
      host: url.host,
      accept: "text/calendar, text/plain;q=0.5",
      "accept-encoding": "identity",
      "user-agent": "tidegate",
      ...(etag === undefined || etag === null ? {} : { "if-none-match": etag }),
    },
  };
  return new Promise((resolve, reject) => {
    const send = url.protocol === "https:" ? requestHttps : requestHttp;
    const call = send(settings, resolve);
    call.on("error", reject);
    call.end();
  });
}

function redirectOf({ statusCode, headers }: IncomingMessage): string | null {
  const isRedirect = [301, 302, 303, 307, 308].includes(statusCode ?? 0);
  return isRedirect ? (headers.location ?? null) : null;
}

async function read(
  url: URL,
  answer: IncomingMessage,
  { maxBytes = maxFetchBytes, etag }: SafeFetchOptions,
): Promise<Result<Fetched, FetchFault>> {
  const stop = (code: FetchFault["code"], message: string): Result<never, FetchFault> => {
    answer.destroy();
    return refuse(code, `${url.host} ${message}`);
  };
  if (answer.statusCode === 304 && etag !== undefined && etag !== null) {
    answer.destroy();
    return ok({ text: null, etag });
  }
  if (answer.statusCode !== 200) return stop("bad-answer", `answered ${answer.statusCode ?? "nothing"}`);
  const encoding = answer.headers["content-encoding"] ?? "identity";
  if (encoding !== "identity") return stop("bad-answer", `sent a body packed as ${encoding.slice(0, 20)}`);
  const tooLarge = `sends more than ${maxBytes} bytes`;
  if (Number(answer.headers["content-length"] ?? 0) > maxBytes) return stop("too-large", tooLarge);
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of answer) {
    const bytes = Buffer.from(part);
    size += bytes.length;
    if (size > maxBytes) return stop("too-large", tooLarge);
    parts.push(bytes);
  }
  const text = utf8Text(Buffer.concat(parts));
  return text === null
    ? refuse("bad-answer", `${url.host} sent a body that is not UTF-8`)
    : ok({ text, etag: answer.headers.etag ?? null });
}

function utf8Text(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}
