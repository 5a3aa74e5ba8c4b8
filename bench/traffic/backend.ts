import { createServer } from "node:http";

/** A version in a process of its own: answers with its name, as fast as Node does. */
const [version = "", port = ""] = process.argv.slice(2);
const body = Buffer.from(version);
const headers = { "content-type": "text/plain", "content-length": body.length };
createServer({ keepAliveTimeout: 65_000 }, (_request, answer) => answer.writeHead(200, headers).end(body)).listen(
  Number(port),
  "127.0.0.1",
  () => process.send?.("ready"),
);
process.on("disconnect", () => process.exit(0));
