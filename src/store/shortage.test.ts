import assert from "node:assert/strict";
import { test } from "node:test";
import { DatabaseError } from "pg";
import { isShortage } from "#store/sql.ts";

test("a full disk, too little memory and too few slots pass; what is wrong with a statement does not", () => {
  const coded = (code: string): DatabaseError => Object.assign(new DatabaseError("refused", 1, "error"), { code });
  for (const code of ["53000", "53100", "53200", "53300"]) assert.equal(isShortage(coded(code)), true, code);
  for (const code of ["23505", "40001", "57P01"]) assert.equal(isShortage(coded(code)), false, code);
  assert.equal(isShortage(new Error("53100")), false);
});
