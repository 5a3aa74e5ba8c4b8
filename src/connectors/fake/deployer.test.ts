import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeDeployer } from "#connectors/fake/deployer.ts";
import { latencyBoundsMs } from "#connectors/port.ts";
import { manualClock } from "#runtime/clock.ts";

const target = { environment: "staging", service: "cart" };

function world() {
  const clock = manualClock(Temporal.Instant.from("2027-03-01T09:00:00Z"));
  const programs = [
    { service: "cart", version: "1.0.0", digest: "sha256:a" },
    { service: "cart", version: "1.1.0", digest: "sha256:b" },
  ];
  const live = [{ ...target, version: "1.0.0" }];
  return { clock, fake: fakeDeployer({ now: clock.now, programs, live }) };
}

test("Traffic follows the shares and the behaviour that was set, without chance", async () => {
  const { clock, fake } = world();
  await fake.startVersion({ ...target, version: "1.1.0", digest: "sha256:b" }, { key: "a", fence: 1 });
  await fake.shift({ ...target, version: "1.1.0", control: "1.0.0", percent: 25 }, { key: "b", fence: 1 });
  fake.setTraffic(target, { perSecond: 200, versions: { "1.1.0": { errorRate: 0.06, medianMs: 100 } } });
  const since = Math.floor(clock.now().epochMilliseconds / 1000);
  clock.advance(Temporal.Duration.from({ seconds: 60 }));
  const answer = await fake.traffic({ ...target, since });
  assert.ok(answer.ok);
  const sums = new Map<string, { requests: number; errors: number }>();
  for (const { version, requests, errors, latency } of answer.value.seconds) {
    assert.equal(latency.length, latencyBoundsMs.length + 1);
    assert.equal(
      latency.reduce((a, b) => a + b, 0),
      requests,
    );
    const sum = sums.get(version) ?? { requests: 0, errors: 0 };
    sums.set(version, { requests: sum.requests + requests, errors: sum.errors + errors });
  }
  assert.deepEqual(sums.get("1.1.0"), { requests: 3000, errors: 180 });
  assert.equal(sums.get("1.0.0")?.requests, 9000);
});

test("A lost answer leaves the effect and its ledger line behind; the repeated call gets the stored answer", async () => {
  const { fake } = world();
  fake.faults.inject("startVersion", { kind: "lost-answer" }, 1);
  const command = { key: "k", fence: 1 };
  const first = await fake.startVersion({ ...target, version: "1.1.0", digest: "sha256:b" }, command);
  assert.equal(!first.ok && first.error.retry, "later");
  const second = await fake.startVersion({ ...target, version: "1.1.0", digest: "sha256:b" }, command);
  assert.ok(second.ok);
  assert.deepEqual(
    fake.ledger.map(({ outcome }) => outcome),
    ["applied", "replayed"],
  );
});

test("A lie reports the shift as done and changes nothing, which observing shows", async () => {
  const { fake } = world();
  await fake.startVersion({ ...target, version: "1.1.0", digest: "sha256:b" }, { key: "a", fence: 1 });
  fake.faults.inject("shift", { kind: "lie" }, 1);
  const told = await fake.shift({ ...target, version: "1.1.0", control: "1.0.0", percent: 50 }, { key: "b", fence: 1 });
  assert.equal(told.ok && told.value.versions.find((v) => v.version === "1.1.0")?.percent, 50);
  const seen = await fake.observe(target);
  assert.equal(seen.ok && seen.value.versions.find((v) => v.version === "1.1.0")?.percent, 0);
});

test("A call that hangs ends as a time-out when it is released", async () => {
  const { fake } = world();
  fake.faults.inject("observe", { kind: "hang" }, 1);
  const pending = fake.observe(target);
  assert.equal(fake.faults.hanging(), 1);
  fake.faults.release();
  const answer = await pending;
  assert.equal(!answer.ok && answer.error.code, "timeout");
});
