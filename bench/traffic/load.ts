import { connect } from "node:net";

/** What was asked and what came, by version. */
export interface Load {
  readonly requests: number;
  readonly lost: number;
  readonly perSecond: number;
  readonly versions: Readonly<Record<string, number>>;
}

/*
 * Users in a process of their own, each with one connection that is kept: the next request goes out when the answer is
 * there. Written on sockets, because a client library would take more of the machine than the proxies that are measured.
 */
const [port = "", users = "", limit = "", seconds = ""] = process.argv.slice(2);
const request = "GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n";
const versions: Record<string, number> = {};
let begun = 0;
let answered = 0;
let lost = 0;
let open = 0;
const startedAt = performance.now();
const isOver = () => begun >= Number(limit) || performance.now() - startedAt > Number(seconds) * 1000;

function tell(): void {
  const perSecond = answered / ((performance.now() - startedAt) / 1000);
  const load: Load = { requests: begun, lost, perSecond, versions };
  process.send?.(load, () => process.exit(0));
}

function user(): void {
  const socket = connect(Number(port), "127.0.0.1");
  let text = "";
  let isWaiting = false;
  open += 1;
  const next = () => {
    if (isOver()) {
      socket.destroy();
      return;
    }
    begun += 1;
    isWaiting = true;
    socket.write(request);
  };
  socket.setNoDelay(true);
  socket.on("connect", next);
  socket.on("data", (chunk) => {
    text += chunk.toString("latin1");
    const head = text.indexOf("\r\n\r\n");
    if (head === -1) return;
    const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
    if (text.length < head + 4 + length) return;
    const body = text.slice(head + 4);
    if (text.startsWith("HTTP/1.1 200")) versions[body] = (versions[body] ?? 0) + 1;
    else lost += 1;
    answered += 1;
    isWaiting = false;
    const isLast = /\r\nconnection: close/i.test(text);
    text = "";
    if (isLast) socket.destroy();
    else next();
  });
  socket.on("error", () => undefined);
  socket.on("close", () => {
    open -= 1;
    if (isWaiting) lost += 1;
    if (!isOver()) user();
    else if (open === 0) tell();
  });
}

for (let nth = 0; nth < Number(users); nth += 1) user();
