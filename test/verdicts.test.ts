import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import type { JsonValue } from "#core/audit/canonical.ts";
import { evaluate } from "#core/policy/evaluate.ts";
import { factsFromJson, factsToJson } from "#core/policy/facts-codec.ts";
import { verdictToJson } from "#core/policy/present.ts";
import { rules } from "#core/policy/registry.ts";
import { fakeHash, someFacts } from "#core/testing.ts";

/**
 * Verdicts as data: each file holds cases of one topic. `facts` overrides the facts of a quiet Wednesday member by
 * member, objects one level deep; `expect` names what must come out. Release managers can read and add them.
 */
interface Case {
  readonly title: string;
  readonly facts: { readonly [name: string]: JsonValue };
  readonly expect: {
    readonly verdict: string;
    /** Rule → `outcome code`. */
    readonly findings: { readonly [rule: string]: string };
    readonly nextOpening?: string | null;
    readonly secondOpening?: string;
    /** Sets of rules whose remedies open it, with the instant; all of them, in order. */
    readonly waysOut?: readonly (readonly string[])[];
    readonly sentence?: string;
  };
}

const folder = new URL("verdicts/", import.meta.url);
const files = readdirSync(folder).filter((file) => file.endsWith(".json"));

test("there are cases to judge", () => assert.ok(files.length > 0));

for (const file of files) {
  const cases: readonly Case[] = JSON.parse(readFileSync(new URL(file, folder), "utf8"));
  for (const { title, facts, expect } of cases) {
    test(`${file.replace(".json", "")}: ${title}`, () => {
      const read = factsFromJson(withDefaults(facts));
      assert.ok(read.ok, read.ok ? "" : read.error.message);
      const options = { hash: fakeHash, zoneData: "any" };
      const verdict = verdictToJson(evaluate(rules, read.value, options));
      const found = new Map(verdict.findings.map(({ rule, outcome, code }) => [rule, `${outcome} ${code}`]));
      for (const { rule, code } of verdict.findings) {
        assert.ok(rules.find(({ id }) => id === rule)?.codes.includes(code), `${rule} does not declare ${code}`);
      }
      for (const [rule, finding] of Object.entries(expect.findings)) assert.equal(found.get(rule), finding, rule);
      assert.equal(verdict.verdict, expect.verdict);
      if (expect.nextOpening !== undefined) assert.equal(verdict.nextOpening, expect.nextOpening);
      if (expect.secondOpening !== undefined) assert.equal(verdict.openings[1]?.from, expect.secondOpening);
      if (expect.waysOut !== undefined) {
        const ways = verdict.counterfactuals.map(({ steps, opensAt }) => [
          ...steps.map(({ rule, kind }) => `${rule} ${kind}`),
          opensAt ?? "never",
        ]);
        assert.deepEqual(ways, expect.waysOut);
      }
      if (expect.sentence !== undefined) {
        assert.ok(
          verdict.findings.some(({ sentence }) => sentence === expect.sentence),
          JSON.stringify(verdict.findings),
        );
      }
      // Judged again on what would be stored: the same, byte for byte.
      const again = factsFromJson(JSON.parse(JSON.stringify(factsToJson(read.value))));
      assert.ok(again.ok);
      assert.equal(JSON.stringify(verdictToJson(evaluate(rules, again.value, options))), JSON.stringify(verdict));
    });
  }
}

function withDefaults(facts: Case["facts"]): unknown {
  const at = typeof facts["at"] === "string" ? { at: Temporal.Instant.from(facts["at"]) } : {};
  const defaults: { [name: string]: unknown } = { ...JSON.parse(JSON.stringify(factsToJson(someFacts(at)))) };
  for (const [name, value] of Object.entries(facts)) {
    const base = defaults[name];
    const isNested = isObject(base) && isObject(value) && name !== "people";
    defaults[name] = isNested ? { ...base, ...value } : value;
  }
  return defaults;
}

function isObject(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
