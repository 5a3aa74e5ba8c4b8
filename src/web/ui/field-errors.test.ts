import assert from "node:assert/strict";
import { test } from "node:test";
import { RefusedError } from "#web/api.ts";
import { fieldErrors } from "#web/ui/field-errors.ts";

const refused = (code: string, detail: string, problems?: readonly unknown[]): RefusedError =>
  new RefusedError({
    type: `about:${code}`,
    title: "It was refused",
    status: 422,
    code,
    detail,
    requestId: "req_1",
    ...(problems === undefined ? {} : { problems: [...problems] }),
  });

test("A refusal that is about one field stands there and nowhere else", () => {
  const errors = fieldErrors(refused("too-long", "90 days at most."), { "too-long": "until" });
  assert.equal(errors.at("until"), "90 days at most.");
  assert.equal(errors.at("reason"), null);
  assert.equal(errors.rest, null);
});

test("A refusal that is about the whole stays below the form", () => {
  const error = refused("too-many", "No more of them.");
  assert.equal(fieldErrors(error, { "too-long": "until" }).rest, error);
});

test("Which field it is may be said by the sentence", () => {
  const fields = { outside: (detail: string) => /as (\w+)/.exec(detail)?.[1] ?? null };
  assert.equal(
    fieldErrors(refused("outside", "Allows only a as services."), fields).at("services"),
    "Allows only a as services.",
  );
});

test("Values that do not fit the contract say so at their fields", () => {
  const error = refused("invalid-request", "…", [
    { path: "body.until", message: "an instant from 1970 to 2999" },
    { path: "body.scope.services.0", message: "a name" },
    { strange: true },
  ]);
  const errors = fieldErrors(error, {});
  assert.equal(errors.at("until"), "an instant from 1970 to 2999.");
  assert.equal(errors.at("scope"), "a name.");
  assert.equal(errors.rest, null);
});

test("A fault of the page is no refusal", () => {
  const error = new Error("lost");
  assert.equal(fieldErrors(error, {}).rest, error);
});
