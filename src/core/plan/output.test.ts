import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { outputLimits } from "#core/plan/act-request.ts";
import { clean, longestSecret, redact, toOutput } from "#core/plan/output.ts";

const letters = (count: number): string => "aB3dE5".repeat(Math.ceil(count / 6)).slice(0, count);

for (const [what, text] of [
  ["a token of GitHub", `ghp_${letters(36)}`],
  ["a fine-grained token of GitHub", `github_pat_${letters(40)}`],
  ["a token of GitLab", `glpat-${letters(20)}`],
  ["a token of Slack", `xoxb-${letters(30)}`],
  ["an access key of AWS", "AKIAIOSFODNN7EXAMPLE"],
  ["a key of Google", `AIza${letters(35)}`],
  ["a live key of Stripe", `sk_live_${letters(24)}`],
  ["a JSON Web Token", `eyJ${letters(20)}.eyJ${letters(40)}.${letters(43)}`],
  ["a bearer token", `Authorization: Bearer ${letters(30)}`],
  ["a password that names itself", "password=correct-horse"],
  ["a password with a name before it", "DB_PASSWORD=correct-horse"],
  ["a client secret", "client_secret: correct-horse"],
  ["a password in JSON", '{"password":"correct-horse"}'],
  ["a password in an address", "postgres://app:correct-horse@db.example/shop"],
  ["a private key", `-----BEGIN RSA PRIVATE KEY-----\n${letters(200)}\n-----END RSA PRIVATE KEY-----`],
  ["a private key that is cut off", `-----BEGIN PRIVATE KEY-----\n${letters(200)}`],
  ["a token of ours", `tg_${"0".repeat(32)}_${"f".repeat(64)}`],
] as const) {
  test(`Output with ${what} is kept without it`, () => {
    const shown = redact(`before ${text} after`);
    assert.match(shown, /^before .*\[redacted\]/s);
    assert.doesNotMatch(shown, /correct-horse|aB3dE5aB3dE5|IOSFODNN7|ffffffff/);
  });
}

test("What is no secret stays: digests, versions, addresses and sentences", () => {
  const text = `sha256:${"0".repeat(64)} checkout@1.2.3 https://shop.example/a?b=c took 12 ms; the token is missing`;
  assert.equal(redact(text), text);
});

test("A literal of the secrets given is taken out wherever it stands, and a short one is not searched for", () => {
  assert.equal(redact("a hunter22 b hunter22hunter22", ["hunter22", "a"]), "a [redacted] b [redacted][redacted]");
});

test("Colours, cursor movements, titles and control characters go; line ends become one", () => {
  assert.equal(clean("\u001b[31mred\u001b[0m\r\nnext\rlast\u001b]0;title\u0007\u202e!"), "red\nnext\nlast!");
});

test("What is no text is named and not shown", () => {
  assert.equal(
    clean(String.fromCharCode(...Array.from({ length: 256 }, (_, index) => index % 20))),
    "(binary, not shown)",
  );
});

test("Output beyond the limit keeps its beginning and its end, and says how much there was", () => {
  const output = toOutput({ head: "h".repeat(20_000), tail: "t".repeat(40_000), bytes: 5_000_000 }, []);
  assert.equal(output.isCut, true);
  assert.equal(output.bytes, 5_000_000);
  assert.match(output.text, /^h{4096}\n\[\.\.\. cut \.\.\.\]\nt{12288}$/);
});

test("A secret is never seen in part, wherever the stream was cut and whatever stands around it", () => {
  const secret = "s3cr3t-of-the-database";
  const limit = outputLimits.head + longestSecret;
  fc.assert(
    fc.property(fc.nat(2 * limit), fc.nat(longestSecret), (before, within) => {
      // A stream that was kept only at both ends, with the secret at any place of either, also across a cut.
      const head = `${"h".repeat(before)}${secret}${"h".repeat(limit)}`.slice(0, limit);
      const tail = `${secret.slice(within % secret.length)}${"t".repeat(longestSecret)}${secret}${"t".repeat(20_000)}`;
      const { text } = toOutput({ head, tail, bytes: 1_000_000 }, [secret]);
      for (let from = 0; from + 6 <= secret.length; from += 1) assert.ok(!text.includes(secret.slice(from, from + 6)));
    }),
    { numRuns: 60 },
  );
});

test("Redacting takes time in proportion to the text, whatever the text is", () => {
  fc.assert(
    fc.property(fc.constantFrom("a", ":", "-----BEGIN ", "password", "//a:", "eyJaaaaaaaa.", "ghp_"), (piece) => {
      const text = piece.repeat(40_000 / piece.length);
      const begun = performance.now();
      redact(clean(text));
      assert.ok(performance.now() - begun < 5_000);
    }),
  );
});
