import { connect as connectPlain, isIP, type Socket } from "node:net";
import { connect as connectSecure, TLSSocket } from "node:tls";
import type { PathSetting } from "#agent/settings.ts";
import type { AgentPath } from "#contract/agent.ts";
import { systemClock } from "#runtime/clock.ts";

/** A firewall that drops what comes says nothing at all. */
const withinMs = 5_000;

/** Opens a connection as a service here would, with name resolution and all, and closes it at once. Nothing is sent. */
export async function reach({ name, host, port, tls }: PathSetting): Promise<AgentPath> {
  const address = `${host}:${port}`;
  // A certificate is of a name; an address has none to ask for.
  const named = isIP(host) === 0 ? { servername: host } : {};
  const open = tls
    ? { socket: connectSecure({ host, port, ...named }), on: "secureConnect" }
    : { socket: connectPlain({ host, port }), on: "connect" };
  const said = await outcomeOf(open.socket, open.on);
  return { name, address, ...said, observedAt: systemClock.now().toString() };
}

type Said = Pick<AgentPath, "reached" | "detail" | "certificateUntil">;

function outcomeOf(socket: Socket, opened: string): Promise<Said> {
  return new Promise((resolve) => {
    const end = (said: Said): void => {
      clearTimeout(timer);
      resolve(said);
      socket.destroy();
    };
    const timer = setTimeout(
      () => end({ reached: false, detail: `There was no answer within ${withinMs / 1000} s.`, certificateUntil: null }),
      withinMs,
    );
    socket.once(opened, () => end({ reached: true, detail: "The connection was opened.", ...certificateOf(socket) }));
    socket.on("error", (error) => end({ reached: false, detail: sayOf(error), certificateUntil: null }));
  });
}

function certificateOf(socket: Socket): Pick<Said, "certificateUntil"> {
  if (!(socket instanceof TLSSocket)) return { certificateUntil: null };
  const shown = socket.getPeerX509Certificate();
  return { certificateUntil: shown === undefined ? null : instantOf(shown.validTo) };
}

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** "Nov  2 09:05:00 2027 GMT", as OpenSSL prints it, as ISO 8601; null for anything else. */
export function instantOf(text: string): string | null {
  const [, month = "", day = "", time = "", year = ""] =
    /^(\w{3}) +(\d{1,2}) (\d\d:\d\d:\d\d) (\d{4}) GMT$/.exec(text) ?? [];
  const at = months.indexOf(month) + 1;
  return at === 0 ? null : `${year}-${String(at).padStart(2, "0")}-${day.padStart(2, "0")}T${time}Z`;
}

const sentences: Readonly<Record<string, string>> = {
  ECONNREFUSED: "The connection was refused.",
  ENOTFOUND: "The name does not resolve.",
  EHOSTUNREACH: "There is no route to it.",
  ENETUNREACH: "There is no route to it.",
  ECONNRESET: "The connection was reset.",
  CERT_HAS_EXPIRED: "Its certificate has expired.",
};

function sayOf(error: Error): string {
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  return sentences[code] ?? `It could not be opened (${code === "" ? error.name : code}).`;
}
