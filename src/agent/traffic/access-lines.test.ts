import assert from "node:assert/strict";
import { test } from "node:test";
import { readAccessLine } from "#agent/traffic/access-lines.ts";

for (const [title, text, expected] of [
  [
    "of HAProxy, in milliseconds",
    "<134>Nov 22 01:28:43 haproxy[10855]: tg redis-cart 1.1.0 200 12",
    { service: "redis-cart", version: "1.1.0", status: 200, tookMs: 12 },
  ],
  [
    "of nginx, in seconds",
    "<190>Nov 22 01:28:43 tidegate: tg cart 1.0.0-rc.1+b2 503 0.023s",
    { service: "cart", version: "1.0.0-rc.1+b2", status: 503, tookMs: 23 },
  ],
  [
    "of a caller that hung up",
    "<134>Nov 22 01:28:43 haproxy[1]: tg cart 1.0.0 -1 -1\n",
    { service: "cart", version: "1.0.0", status: -1, tookMs: 0 },
  ],
  ["of something else", "<134>Nov 22 01:28:43 haproxy[1]: Proxy be_cart started.", null],
  ["that was cut off", "<134>Nov 22 01:28:43 haproxy[1]: tg cart 1.0.0 20", null],
  ["with a number that is none", "tg cart 1.0.0 200 1.2.3", null],
] as const) {
  test(`A line ${title} is read as what it says`, () => assert.deepEqual(readAccessLine(text), expected));
}
