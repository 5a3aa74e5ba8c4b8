import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import type { Judgement } from "#core/policy/finding.ts";
import { rules } from "#core/policy/registry.ts";
import { agrees } from "#core/policy/timeline.ts";
import { configurations } from "./configuration.ts";

/** Segments that are looked at of one timeline, spread over all of it. */
const maxLooked = 40;

function deedsOf(judgement: Judgement): string {
  const remedies = "remedies" in judgement ? judgement.remedies.filter(({ kind }) => kind !== "wait") : [];
  return JSON.stringify(remedies);
}

test("every segment is judged as its stance announces, and equal stances ask for the same deeds", () => {
  fc.assert(
    fc.property(configurations, ({ facts }) => {
      for (const rule of rules) {
        const timeline = rule.judge(facts);
        const asked = new Map<number, string>();
        const step = Math.ceil(timeline.borders.length / maxLooked);
        for (let place = 0; place < timeline.borders.length; place += step) {
          const stance = timeline.stanceOf(place);
          const judgement = timeline.judgementOf(place);
          assert.ok(agrees(stance, judgement), `${rule.id} says ${judgement.code} where it announced ${stance}`);
          if (stance === 0) continue;
          const deeds = deedsOf(judgement);
          assert.equal(asked.get(stance) ?? deeds, deeds, `${rule.id} asks for other deeds in the same stance`);
          asked.set(stance, deeds);
        }
      }
    }),
    { numRuns: 60 },
  );
});
