import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { connect, rootCertificates, type SecureVersion, type TLSSocket } from "node:tls";
import { said, type ProbeOutcome } from "#agent/controls/outcome.ts";
import type { ProbeOf } from "#agent/controls/settings.ts";
import { instantOf } from "#agent/reach.ts";
import { systemClock } from "#runtime/clock.ts";

const withinMs = 5_000;
const versions: readonly SecureVersion[] = ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"];

/** How one attempt ended; `refused`: the other side would not, `unable`: nothing is known of it. */
type Attempt =
  | {
      readonly kind: "open";
      readonly protocol: string;
      readonly authorized: boolean;
      readonly fault: string;
      readonly until: string;
    }
  | { readonly kind: "refused" | "unable"; readonly why: string };

/**
 * Every version older than asked for is tried by itself and must be refused by the other side; then the certificate is
 * checked as a client would. That this machine cannot speak a version proves nothing about the other.
 */
export async function probeTls(probe: ProbeOf<"tls">): Promise<ProbeOutcome> {
  const { minVersion, days } = probe;
  const facts: Record<string, string> = {};
  const note = (version: string, attempt: Attempt): Attempt => {
    facts[version] = attempt.kind === "open" ? `accepted as ${attempt.protocol}` : `${attempt.kind}: ${attempt.why}`;
    return attempt;
  };
  const best = note(`${minVersion} or newer`, await handshake(probe, minVersion, "TLSv1.3"));
  const older: { readonly version: SecureVersion; readonly attempt: Attempt }[] = [];
  for (const version of versions.slice(0, versions.indexOf(minVersion))) {
    older.push({ version, attempt: note(version, await handshake(probe, version, version)) });
  }
  const accepted = older.filter((one) => one.attempt.kind === "open").map(({ version }) => version);
  if (accepted.length > 0) return said("failed", `${accepted.join(" and ")} is accepted.`, facts);
  if (best.kind !== "open") {
    return best.kind === "unable"
      ? said("inconclusive", `It could not be asked: ${best.why}.`, facts)
      : said("failed", `${minVersion} and newer are refused: ${best.why}.`, facts);
  }
  facts["certificate"] = `valid until ${best.until}${best.fault === "" ? "" : `; ${best.fault}`}`;
  if (!best.authorized) return said("failed", `Its certificate is not trusted: ${best.fault}.`, facts);
  const until = instantOf(best.until);
  if (until === null) return said("inconclusive", "The end of its certificate could not be read.", facts);
  const left = Math.floor(systemClock.now().until(Temporal.Instant.from(until)).total("hours") / 24);
  if (left < days) return said("failed", `Its certificate ends in ${left} days; ${days} are asked for.`, facts);
  const unable = older.filter((one) => one.attempt.kind === "unable").map(({ version }) => version);
  if (unable.length > 0) return said("inconclusive", `${unable.join(" and ")} could not be tried.`, facts);
  return said(
    "proven",
    `${best.protocol}; nothing older than ${minVersion}; its certificate lasts ${left} days.`,
    facts,
  );
}

function handshake(
  { host, port, serverName, caFile }: ProbeOf<"tls">,
  minVersion: SecureVersion,
  maxVersion: SecureVersion,
): Promise<Attempt> {
  return new Promise((resolve) => {
    const named = serverName ?? (isIP(host) === 0 ? host : undefined);
    const socket = connect({
      host,
      port,
      minVersion,
      maxVersion,
      // What is not trusted is told apart from what is not spoken.
      rejectUnauthorized: false,
      // Older versions are only offered with the old ciphers that they know.
      ...(maxVersion === "TLSv1" || maxVersion === "TLSv1.1" ? { ciphers: "ALL:@SECLEVEL=0" } : {}),
      ...(named === undefined ? {} : { servername: named }),
      ...(caFile === undefined ? {} : { ca: [...rootCertificates, readFileSync(caFile, "utf8")] }),
    });
    let isReached = false;
    const end = (result: Attempt): void => {
      clearTimeout(timer);
      resolve(result);
      socket.destroy();
    };
    const timer = setTimeout(() => end({ kind: "unable", why: `no answer within ${withinMs / 1000} s` }), withinMs);
    socket.once("connect", () => (isReached = true));
    socket.once("secureConnect", () => end(opened(socket)));
    socket.once("error", (error) => end(closed(error, isReached)));
    socket.once("close", () => end({ kind: isReached ? "refused" : "unable", why: "the connection was closed" }));
  });
}

function opened(socket: TLSSocket): Attempt {
  const { authorized, authorizationError } = socket;
  const certificate = socket.getPeerX509Certificate();
  return {
    kind: "open",
    protocol: socket.getProtocol() ?? "an unknown version",
    authorized,
    fault: authorized ? "" : String(authorizationError),
    until: certificate?.validTo ?? "",
  };
}

/** What this side could not do itself is told by OpenSSL before, and without, a word of the other. */
const ownFaults = /NO_PROTOCOLS_AVAILABLE|NO_CIPHERS_AVAILABLE|NO_CIPHER_MATCH|INVALID_PROTOCOL/;
const byTheOther = /ALERT|UNSUPPORTED_PROTOCOL|WRONG_VERSION_NUMBER|ECONNRESET|EPIPE/;

function closed(error: Error, isReached: boolean): Attempt {
  const code = "code" in error ? String(error.code) : error.message;
  const isTheirs = isReached && byTheOther.test(code) && !ownFaults.test(code);
  return { kind: isTheirs ? "refused" : "unable", why: code };
}
