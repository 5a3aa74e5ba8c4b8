import { connect } from "node:net";
import { unknownTraffic } from "#agent/traffic/driver.ts";
import type { Refusal } from "#agent/refusal.ts";
import { err, ok, type Result } from "#core/result.ts";

/** HAProxy answers within milliseconds; after this it is taken for away. */
const answerWithinMs = 2_000;
const answerBytes = 1024 * 1024;

export type Ask = (command: string) => Promise<Result<string, Refusal>>;

/** One line of commands (`;` between them) to the runtime API over its unix socket, and everything it answers. */
export function runtimeApi(socketFile: string): Ask {
  return (command) =>
    new Promise((resolve) => {
      let text = "";
      const socket = connect(socketFile);
      const fail = (what: string) => {
        socket.destroy();
        resolve(err(unknownTraffic(`HAProxy at ${socketFile} ${what}`)));
      };
      socket.setTimeout(answerWithinMs, () => fail(`did not answer within ${answerWithinMs} ms`));
      socket.setEncoding("utf8");
      socket.on("connect", () => socket.write(`${command}\n`));
      socket.on("data", (chunk: string) => {
        text += chunk;
        if (text.length > answerBytes) fail("answered without end");
      });
      socket.on("end", () => {
        socket.destroy();
        resolve(ok(text));
      });
      socket.on("error", () => fail("cannot be reached"));
    });
}

/** A server line of a backend as `show servers state` tells it. */
export interface ServerState {
  readonly name: string;
  readonly port: number;
  readonly weight: number;
  /** Neither in maintenance nor draining, by whomever: only then its weight counts. */
  readonly takesNew: boolean;
}

/** Lines of `show servers state`, by the names of its header: columns were added between versions of HAProxy. */
export function readServerStates(text: string): readonly ServerState[] {
  const lines = text.split("\n").map((each) => each.trim());
  const header =
    lines
      .find((each) => each.startsWith("# be_id"))
      ?.slice(2)
      .split(" ") ?? [];
  const column = (cells: readonly string[], name: string) => cells[header.indexOf(name)] ?? "";
  return lines
    .map((each) => each.split(" "))
    .filter((cells) => header.length > 0 && /^\d+$/.test(cells[0] ?? "") && cells.length >= header.indexOf("srv_port"))
    .map((cells) => ({
      name: column(cells, "srv_name"),
      port: Number(column(cells, "srv_port")),
      weight: Number(column(cells, "srv_uweight")),
      takesNew: column(cells, "srv_admin_state") === "0",
    }));
}

/** Entries of `show map`: an address of its own before each key and value. */
export function readMap(text: string): Readonly<Record<string, string>> {
  const entries: [string, string][] = [];
  for (const each of text.split("\n")) {
    const [, key, ...value] = each.trim().split(" ");
    if (key !== undefined && each.startsWith("0x")) entries.push([key, value.join(" ")]);
  }
  return Object.fromEntries(entries);
}
