import { createServer } from "node:net";
import { once } from "node:events";

/** Below 32768, where no outgoing connection takes a port, and above those of the demonstration. */
const lowest = 24_100;
const highest = 32_700;

/** First of `count` ports in a row on which nobody listens on loopback now. */
export async function freePorts(count: number): Promise<number> {
  const { from, to } = rangeOf(process.env["TIDEGATE_TEST_LANE"]);
  const blocks = Math.floor((to - from) / count);
  for (let tried = 0; tried < blocks; tried++) {
    const first = from + ((process.pid * 7 + tried) % blocks) * count;
    if (await areFree(first, count)) return first;
  }
  throw new Error(`no ${count} free ports in a row between ${from} and ${to}`);
}

/** Ports are free until somebody listens: files that run side by side (`tools/lanes.ts`) look in different halves. */
function rangeOf(lane: string | undefined): { readonly from: number; readonly to: number } {
  const middle = Math.floor((lowest + highest) / 2);
  if (lane === "0") return { from: lowest, to: middle };
  if (lane === "1") return { from: middle, to: highest };
  return { from: lowest, to: highest };
}

async function areFree(first: number, count: number): Promise<boolean> {
  for (let port = first; port < first + count; port++) {
    const server = createServer();
    try {
      server.listen(port, "127.0.0.1");
      await once(server, "listening");
    } catch {
      return false;
    } finally {
      server.close();
    }
  }
  return true;
}
