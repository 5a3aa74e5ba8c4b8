import assert from "node:assert/strict";
import { test } from "node:test";
import { answerLine } from "#cli/lab/canary.ts";

const seconds = Array.from({ length: 60 }, (_, second) => second);

test("lab canary names the second from which the canary is worse, and does not look ahead", () => {
  const looks = seconds.map((second) => [second, 200, 1, 200, second < 30 ? 1 : 12]);
  const answer = answerLine({ id: "a", alpha: 0.01, metric: "rate", looks });
  assert.ok("outcome" in answer && answer.outcome === "worse");
  assert.ok("at" in answer && typeof answer.at === "number" && answer.at >= 30 && answer.at < 40);
  const until = looks.slice(0, answer.at + 1);
  assert.deepEqual(answerLine({ id: "a", alpha: 0.01, metric: "rate", looks: until }), answer);
});

test("lab canary says that forty requests are not enough", () => {
  const answer = answerLine({ id: 7, alpha: 0.01, metric: "rate", looks: [[0, 760, 0, 40, 0]] });
  assert.deepEqual(answer, { id: 7, outcome: "not-enough", at: null });
});

test("lab canary calls a long equal canary not worse", () => {
  const looks = seconds.map((second) => [second, 200, 1, 200, 1]);
  const answer = answerLine({ id: 1, alpha: 0.01, metric: "rate", looks });
  assert.ok("outcome" in answer && answer.outcome === "not-worse");
});

test("lab canary judges two series", () => {
  const control = seconds.map((second) => 100 + (second % 7));
  const canary = control.map((value) => value * 2);
  const answer = answerLine({ id: "v", alpha: 0.01, metric: "values", control, canary });
  assert.deepEqual(answer, { id: "v", outcome: "worse", at: null });
});

test("lab canary judges latencies, and shows where the 95th percentile of both arms may lie", () => {
  const looks = seconds.map((second) => {
    const control = Array.from({ length: 20 }, (_, index) => 10 + ((index * 7 + second) % 13));
    return [second, control, control.slice(0, 10).map((value) => value * 3)];
  });
  const answer = answerLine({ id: "l", alpha: 0.01, metric: "latency", looks, picture: true });
  assert.ok("outcome" in answer && answer.outcome === "worse");
  assert.match(JSON.stringify(answer), /"p95":\{"control":\[\{"second":0,"lowerMs":[\d.]+,"upperMs":/);
});

test("lab canary shows the confidence sequence of a rate, look by look", () => {
  const looks = seconds.map((second) => [second, 200, 4, 200, 8]);
  const answer = answerLine({ id: "p", alpha: 0.05, metric: "rate", looks, picture: true });
  assert.ok("ratio" in answer && Array.isArray(answer.ratio) && answer.ratio.length === looks.length);
  assert.match(JSON.stringify(answer.ratio.at(-1)), /"lower":1\.\d+,"upper":2\.\d+,"estimate":(1\.9|2)/);
});

test("lab canary reads what is no longer the next second as a fault, and passes nothing on it", () => {
  const looks = seconds.map(() => [5, 200, 1, 200, 1]);
  const answer = answerLine({ id: "j", alpha: 0.01, metric: "rate", looks });
  assert.deepEqual(answer, { id: "j", outcome: "not-enough", at: null });
});

test("lab canary answers as Kayenta would, with a null for a missing value", () => {
  const control = seconds.map((second) => 10 + (second % 5));
  const metrics = [
    { name: "latency", groups: ["service"], control, canary: control.map((value) => value * 2), direction: "increase" },
    { name: "errors", groups: ["errors"], control: [null], canary: [null], nanStrategy: "replace" },
  ];
  const answer = answerLine({ id: "k", metric: "kayenta", metrics, thresholds: { pass: 80, marginal: 50 } });
  assert.match(JSON.stringify(answer), /^\{"id":"k","outcome":"Marginal","score":50,/);
  assert.match(JSON.stringify(answer), /"name":"latency","classification":"High"/);
});

for (const [title, line, id] of [
  ["an unknown metric", { id: "x", alpha: 0.01, metric: "mood", looks: [] }, "x"],
  ["series of unequal length", { id: "y", alpha: 0.01, metric: "values", control: [1], canary: [] }, "y"],
  ["no object", 4, null],
] as const) {
  test(`lab canary answers ${title} with an error under its id`, () => {
    const answer = answerLine(line);
    assert.ok("error" in answer && "id" in answer && answer.id === id);
  });
}
