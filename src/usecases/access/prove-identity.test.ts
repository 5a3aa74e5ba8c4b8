import assert from "node:assert/strict";
import { test } from "node:test";
import { aPerson, at } from "#core/testing.ts";
import { err, ok } from "#core/result.ts";
import type { Authenticate, Identity } from "#usecases/access/identity.ts";
import { proveIdentity } from "#usecases/access/prove-identity.ts";

const accounts = [
  { name: "ann", kind: "human" },
  { name: "ann-ci", kind: "bot" },
] as const;
const people = [aPerson("ann", { accounts }), aPerson("bob")];
const end = at("2026-04-01T00:00Z");

const identity = (account: string, kind: "token" | "session" = "token"): Identity => {
  const person = people.find((one) => one.accounts.some(({ name }) => name === account)) ?? aPerson(account);
  const credential = { id: `tok_${account}`, kind, expiresAt: end, grantedUntil: end };
  return { actor: { person: person.name, account, method: kind }, person, credential };
};

/** Knows the token of each account by the name of the account. */
const authenticate: Authenticate = ({ kind, text }) =>
  Promise.resolve(kind === "token" && text !== "gone" ? ok(identity(text)) : err("revoked"));

for (const [title, shown, caller, found] of [
  ["an own token, beside an own session", "ann", identity("ann", "session"), ok({ account: "ann", token: "tok_ann" })],
  ["an own token, when a bot of theirs asks", "ann", identity("ann-ci"), ok({ account: "ann", token: "tok_ann" })],
  ["a token of a bot of theirs", "ann-ci", identity("ann"), err("automation-may-not-sign")],
  ["a token of somebody else", "bob", identity("ann"), err("not-your-token")],
  ["a token that was revoked", "gone", identity("ann"), err("bad-token")],
] as const) {
  test(`Whoever shows ${title} ${found.ok ? "has shown who they are" : `has proven nothing: ${found.error}`}`, async () => {
    assert.deepEqual(await proveIdentity(authenticate)(shown, caller), found);
  });
}
